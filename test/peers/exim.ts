/** Exim (Debian package exim4-daemon-light; it may be unpacked without being installed): one message a run, no daemon. Needs root. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireCrlfAtEnd } from './mail-client.js';
import type { MailRelay, Target } from './mail-relay.js';
import { findProgram, runToEnd } from './program.js';

const transport = ({ protocol, to, tls }: Target) =>
  'path' in to
    ? `driver = lmtp\n  socket = ${to.path}`
    : `driver = smtp\n  protocol = ${protocol}\n  hosts = 127.0.0.1\n  port = ${to.port}\n  allow_localhost\n  hosts_override
  hosts_require_tls = ${tls ? '*' : ''}\n  hosts_avoid_tls = ${tls ? '' : '*'}\n  tls_verify_hosts =\n  tls_try_verify_hosts =
  message_linelength_limit = 1000000`;

const routes = (target: Target) => `
begin routers
next:
  driver = accept
  transport = next
begin transports
next:
  ${transport(target)}
  return_path = $sender_address
`;

/** The main section of its configuration. */
export const mainSection = (folder: string) => `
primary_hostname = exim.example
spool_directory = ${folder}/spool
exim_path = ${findProgram('exim4')}
log_file_path = ${folder}/spool/%slog
keep_environment =
never_users =
trusted_users = root
untrusted_set_sender = *
no_local_from_check
qualify_domain = exim.example
`;

const settings = (folder: string, target: Target, configuration = routes(target)) =>
  `${mainSection(folder)}${configuration}\nbegin retry\n`;

export const exim: MailRelay = {
  name: 'Exim',
  missing() {
    if (!findProgram('exim4')) return 'exim4 is not installed';
    return process.getuid?.() === 0 ? undefined : 'exim needs root';
  },
  async start(target, configuration) {
    const folder = await mkdtemp(join(tmpdir(), 'obalka-exim-'));
    await mkdir(join(folder, 'spool'));
    await writeFile(join(folder, 'exim.conf'), settings(folder, target, configuration), { mode: 0o644 });
    await runToEnd('/bin/sh', ['-c', `chmod 755 '${folder}' && chown Debian-exim '${folder}/spool'`]);
    return {
      folder,
      async deliver({ from, to, content }) {
        requireCrlfAtEnd(content);
        // Delivered in the foreground; it reads lines that end in CRLF, dots are no end (-i).
        const args = ['-C', join(folder, 'exim.conf'), '-odf', '-i', '-f', from === '' ? '<>' : from, ...to];
        const { code, output } = await runToEnd(findProgram('exim4') as string, ['-v', ...args], content);
        const taken = [...output.matchAll(/^ {2}[=-]> /gm)].length;
        return { accepted: code === 0 && taken === to.length && !/^\s*(\*\*|==) /m.test(output), output };
      },
      stop: () => rm(folder, { recursive: true, force: true }),
    };
  },
};
