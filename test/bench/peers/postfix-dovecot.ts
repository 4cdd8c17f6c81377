/**
 * Postfix that hands mail over by LMTP to Dovecot with mail_crypt: sealed mail as many run it. Both run from a temporary
 * folder, on a port of loopback, and know nothing of the system's own configuration. Mail counts when Dovecot has it.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { services } from '../../peers/postfix-services.js';
import { findProgram } from '../../peers/program.js';
import { freePort } from '../../support/free-port.js';
import { accepts, startChild } from '../child.js';
import { benchRecipient, type Peer, type RunningPeer } from '../peer.js';

const settleMilliseconds = 300_000;
const largestSize = 2 ** 31 - 1;

const words = (program: string, ...args: string[]) =>
  execFileSync(findProgram(program) ?? program, args, { encoding: 'utf8' }).trim();

export const postfixVersion = () => words('postconf', '-d', '-h', 'mail_version');

const mainCf = (folder: string, maxSize: number) => `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/postfix-data
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
myhostname = postfix.example
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
relay_domains = example.org
relay_transport = lmtp:unix:${folder}/lmtp
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
message_size_limit = ${Math.min(maxSize, largestSize)}
mailbox_size_limit = 0
disable_dns_lookups = yes
smtp_tls_security_level = none
smtpd_tls_security_level = none
`;

const dovecotConf = (folder: string) => `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_location = maildir:${folder}/mail/%u
mail_plugins = mail_crypt
plugin {
  mail_crypt_global_public_key = <${folder}/public.pem
  mail_crypt_save_version = 2
}
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${folder}/mail/%u
}
service lmtp {
  unix_listener ${folder}/lmtp {
    mode = 0666
  }
}
`;

/** $1: the folder. Both are its children, and end with it. */
const runBoth = `
dovecot -F -c "$1/dovecot.conf" & dovecot=$!
postfix -c "$1/config" start-fg 2>/dev/null & postfix=$!
trap 'postfix -c "$1/config" stop 2>/dev/null; kill $dovecot; wait; exit 0' TERM
wait
`;

async function prepare(folder: string, port: number, maxSize: number): Promise<void> {
  // Their helpers look into it under users of their own.
  await chmod(folder, 0o755);
  for (const name of ['config', 'queue', 'postfix-data', 'mail', 'run', 'state'])
    await mkdir(join(folder, name));
  await chmod(join(folder, 'mail'), 0o777);
  execFileSync('chown', ['postfix', join(folder, 'postfix-data')]);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  await writeFile(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(join(folder, 'config/main.cf'), mainCf(folder, maxSize));
  await writeFile(join(folder, 'config/master.cf'), services(port));
  await writeFile(join(folder, 'dovecot.conf'), dovecotConf(folder));
}

/** Whether Postfix has nothing more to hand over: a mail goes from `incoming` to `active`, and is gone when it is delivered. */
function isDelivered(folder: string): boolean {
  for (const queue of ['incoming', 'active', 'deferred'])
    for (const entry of readdirSync(join(folder, 'queue', queue), { recursive: true, withFileTypes: true })) {
      if (queue === 'deferred' && entry.isFile())
        throw new Error(`Dovecot refused mail; see ${folder}/postfix.log and dovecot.log`);
      if (entry.isFile()) return false;
    }
  return true;
}

async function settle(folder: string): Promise<void> {
  for (const began = performance.now(); !isDelivered(folder); await delay(10))
    if (performance.now() - began > settleMilliseconds) throw new Error('Postfix does not deliver');
}

async function countSealed(folder: string): Promise<number> {
  const delivered = join(folder, 'mail', benchRecipient, 'new');
  const names = await readdir(delivered);
  const content = await readFile(join(delivered, names[0] as string), 'latin1');
  if (!content.startsWith('CRYPTED')) throw new Error('Dovecot did not seal the mail');
  return names.length;
}

export const postfixDovecot: Peer = {
  name: 'Postfix + Dovecot LMTP with mail_crypt',
  forEach: true,
  missing() {
    if (process.getuid?.() !== 0) return 'Postfix and Dovecot need root';
    if (!findProgram('postfix')) return 'not installed (Debian: postfix)';
    if (!findProgram('dovecot')) return 'not installed (Debian: dovecot-core dovecot-lmtpd)';
    return /^2\.3\./.test(words('dovecot', '--version')) ? undefined : 'its configuration is for Dovecot 2.3';
  },
  version: () =>
    `Postfix ${postfixVersion()}, Dovecot ${words('dovecot', '--version')}; one key for all; messages count when delivered, but it answers when it has queued them`,
  async start({ maxSize, launcher }): Promise<RunningPeer> {
    const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-pd-'));
    const port = await freePort();
    const path = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
    const remove = () => rm(folder, { recursive: true, force: true });
    try {
      await prepare(folder, port, maxSize);
      const child = startChild('/bin/sh', ['-c', runBoth, 'sh', folder], { PATH: path }, launcher);
      await accepts(child, port);
      return {
        port,
        pid: child.pid,
        settled: () => settle(folder),
        async stop() {
          await settle(folder);
          await child.stop();
          const found = await countSealed(folder);
          await remove();
          return found;
        },
      };
    } catch (error) {
      await remove();
      throw error;
    }
  },
};
