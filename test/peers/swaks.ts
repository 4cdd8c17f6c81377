/**
 * swaks (Debian package swaks).
 *
 * By itself it replaces words in % signs and `\n`, takes the header apart and puts it together again, strips a `From `
 * line and a lone dot at the end, and forgets to stuff a dot on the first line. So it runs with --no-data-fixup, which
 * leaves dot-stuffing and the final dot to us: it then sends the bytes it was given. It goes on with the recipients that
 * were accepted and ends with 0 all the same; the mark `<**` before a reply it did not expect counts as not accepted here.
 */
import { type MailClient, requireCrlfAtEnd } from './mail-client.js';
import { findProgram, runToEnd, withFile } from './program.js';

/** RFC 5321 section 4.5.2, with the final dot; swaks adds the last CRLF. */
function stuffed(content: Uint8Array): Uint8Array {
  const text = Buffer.from(content).toString('latin1');
  return Buffer.from(`${text.replace(/^\./, '..').replaceAll('\r\n.', '\r\n..')}.`, 'latin1');
}

const swaksWith = (name: string, ...options: readonly string[]): MailClient => ({
  name,
  missing: () => (findProgram('swaks') ? undefined : 'swaks is not installed'),
  async deliver({ port, from, to, content, tls }) {
    requireCrlfAtEnd(content);
    return withFile(stuffed(content), async (file) => {
      const { code, output } = await runToEnd(findProgram('swaks') as string, [
        ...['--server', '127.0.0.1', '--port', `${port}`, '--helo', 'swaks.example', '--timeout', '60'],
        ...(tls === undefined ? [] : [tls === 'implicit' ? '--tls-on-connect' : '--tls']),
        ...['--from', from === '' ? '<>' : from, '--to', to.join(',')],
        ...options,
        ...['--no-data-fixup', '--data', `@${file}`, '--suppress-data'],
      ]);
      return { accepted: code === 0 && !/^<\*\*/m.test(output), output };
    });
  },
});

export const swaks = swaksWith('swaks');
export const pipeliningSwaks = swaksWith('swaks --pipeline', '--pipeline');
