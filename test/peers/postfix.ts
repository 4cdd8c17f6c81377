/** Postfix (Debian package postfix): an instance of its own in a temporary folder, on a port of loopback. Needs root. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import type { MailRelay, Target } from './mail-relay.js';
import { services } from './postfix-services.js';
import { findProgram, runToEnd } from './program.js';
import { smtplib } from './smtplib.js';

const settings = (folder: string, target: Target, configuration?: string) => {
  const next = 'path' in target.to ? `unix:${target.to.path}` : `[127.0.0.1]:${target.to.port}`;
  const inet = 'path' in target.to ? next : `inet:127.0.0.1:${target.to.port}`;
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
myhostname = postfix.example
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
default_transport = ${target.protocol === 'lmtp' ? `lmtp:${inet}` : `smtp:${next}`}
smtpd_recipient_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_tls_security_level = ${target.tls ? 'encrypt' : 'none'}
lmtp_tls_security_level = ${target.tls ? 'encrypt' : 'none'}
smtp_line_length_limit = 0
smtputf8_enable = no
bounce_queue_lifetime = 0
maximal_queue_lifetime = 0
${configuration ?? ''}
`;
};

const waitMilliseconds = 100_000;

export const postfix: MailRelay = {
  name: 'Postfix',
  missing() {
    if (!findProgram('postfix')) return 'postfix is not installed';
    if (!smtplib.missing() && process.getuid?.() === 0) return undefined;
    return smtplib.missing() ?? 'postfix needs root';
  },
  async start(target, configuration) {
    const folder = await mkdtemp(join(tmpdir(), 'obalka-postfix-'));
    const port = await freePort();
    await Promise.all(['config', 'queue', 'data'].map((name) => mkdir(join(folder, name), { mode: 0o755 })));
    await writeFile(join(folder, 'config/main.cf'), settings(folder, target, configuration));
    await writeFile(join(folder, 'config/master.cf'), services(port));
    const run = (...args: string[]) =>
      runToEnd(findProgram('postfix') as string, ['-c', join(folder, 'config'), ...args]);
    // Its helpers look into the temporary folder under their own user.
    await runToEnd('/bin/sh', ['-c', `chmod 755 '${folder}' && chown postfix '${folder}/data'`]);
    const started = await run('start');
    if (started.code !== 0) throw new Error(`postfix does not start: ${started.output}`);
    const log = () => readFile(join(folder, 'log'), 'latin1').catch(() => '');
    return {
      folder,
      log,
      async deliver(mail) {
        const before = (await log()).length;
        const taken = await smtplib.deliver({ ...mail, port });
        if (!taken.accepted) return taken;
        const done = /to=<[^>]*>.*status=(sent|bounced|deferred)/g;
        for (const began = Date.now(); Date.now() - began < waitMilliseconds; ) {
          const output = (await log()).slice(before);
          const states = [...output.matchAll(done)].map(([, state]) => state);
          if (states.length >= mail.to.length)
            return { accepted: states.every((state) => state === 'sent'), output };
          await new Promise((go) => setTimeout(go, 20));
        }
        return { accepted: false, output: await log() };
      },
      async stop() {
        await run('stop');
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
