/**
 * curl with smtp:// (Debian package curl).
 *
 * It stuffs dots and sends everything else as it is; without CRLF at the end it would add it. It says SIZE, never
 * BODY=8BITMIME. Every recipient must be accepted, else it sends no content.
 */
import { type MailClient, requireCrlfAtEnd } from './mail-client.js';
import { findProgram, runToEnd, withFile } from './program.js';

export const curl: MailClient = {
  name: 'curl',
  missing: () => (findProgram('curl') ? undefined : 'curl is not installed'),
  async deliver({ port, from, to, content, tls }) {
    requireCrlfAtEnd(content);
    return withFile(content, async (file) => {
      const { code, output } = await runToEnd(findProgram('curl') as string, [
        ...['--disable', '--silent', '--show-error', '--verbose', '--max-time', '60', '--noproxy', '*'],
        ...(tls ? ['--insecure', '--ssl-reqd'] : []),
        ...['--mail-from', from, ...to.flatMap((recipient) => ['--mail-rcpt', recipient])],
        ...[
          '--upload-file',
          file,
          `${tls === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}/curl.example`,
        ],
      ]);
      return { accepted: code === 0, output };
    });
  },
};
