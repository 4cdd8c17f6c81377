/**
 * Python's smtplib (python3).
 *
 * Given bytes it stuffs dots and sends everything else as it is; without CRLF at the end it would add it. It says SIZE,
 * and here BODY=8BITMIME where that is offered. It goes on with the recipients that were accepted, which counts as not
 * accepted here.
 */
import { type MailClient, requireCrlfAtEnd } from './mail-client.js';
import { findProgram, runToEnd } from './program.js';

const script = `
import functools, smtplib, ssl, sys
port, tls, sender, *recipients = sys.argv[1:]
context = ssl._create_unverified_context()
kind = functools.partial(smtplib.SMTP_SSL, context=context) if tls == 'implicit' else smtplib.SMTP
content = sys.stdin.buffer.read()
with kind('127.0.0.1', int(port), local_hostname='smtplib.example', timeout=60) as client:
    client.ehlo_or_helo_if_needed()
    if tls == 'starttls':
        client.starttls(context=context)
        client.ehlo()
    options = ['BODY=8BITMIME'] if client.has_extn('8bitmime') else []
    refused = client.sendmail(sender, recipients, content, mail_options=options)
    print('refused:', refused)
    sys.exit(1 if refused else 0)
`;

export const smtplib: MailClient = {
  name: 'smtplib',
  missing: () => (findProgram('python3') ? undefined : 'python3 is not installed'),
  async deliver({ port, from, to, content, tls }) {
    requireCrlfAtEnd(content);
    const args = ['-I', '-c', script, `${port}`, tls ?? 'none', from, ...to];
    const { code, output } = await runToEnd(findProgram('python3') as string, args, content);
    return { accepted: code === 0, output };
  },
};
