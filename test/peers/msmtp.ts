/** msmtp (Debian package msmtp). It reads lines that end in LF, so content with a bare LF or a lone CR is not for it. */
import { type MailClient, requireCrlfAtEnd } from './mail-client.js';
import { findProgram, runToEnd } from './program.js';

const untouched = [
  '--auth=off',
  '--undisclosed-recipients=off',
  '--set-from-header=off',
  '--set-date-header=off',
  '--set-msgid-header=off',
  '--remove-bcc-headers=off',
];

export const msmtp: MailClient = {
  name: 'msmtp',
  missing: () => (findProgram('msmtp') ? undefined : 'msmtp is not installed'),
  async deliver({ port, from, to, content, tls }) {
    requireCrlfAtEnd(content);
    const { code, output } = await runToEnd(
      findProgram('msmtp') as string,
      [
        ...[
          '--file=/dev/null',
          '--host=127.0.0.1',
          `--port=${port}`,
          '--domain=msmtp.example',
          '--timeout=60',
        ],
        ...(tls ? ['--tls=on', '--tls-certcheck=off'] : ['--tls=off']),
        `--tls-starttls=${tls === 'starttls' ? 'on' : 'off'}`,
        ...untouched,
        ...[`--from=${from}`, '--', ...to],
      ],
      Buffer.from(Buffer.from(content).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
    );
    return { accepted: code === 0, output };
  },
};
