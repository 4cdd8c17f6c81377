/** obalka dns: the lines of a zone by which mail for a domain comes to this server. */
import { type Command, InvalidArgumentError } from 'commander';
import { familyOf } from '../../net/names.js';
import { configurationInUse } from '../config/in-use.js';
import type { Given } from '../config/setting.js';
import type { Key } from '../config/settings.js';
import { settle } from '../config/settled.js';
import { dataDirectory } from '../data/data-directory.js';
import { findCertificates } from '../doctor/certificates.js';
import { domainNamed, serverNameFor } from '../doctor/domain-name.js';
import { isPublic } from '../doctor/exchanges.js';
import { thisMachine } from '../doctor/this-machine.js';
import { policyFile, zoneLines } from '../doctor/zone.js';
import { collect } from '../options.js';
import { settingOptions } from '../server/serve-options.js';
import { print } from '../terminal/output.js';

interface DnsOptions extends Given {
  readonly data?: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly policy?: true;
  readonly enforce?: true;
  readonly sendsNoMail?: true;
}

const asked = new Set<Key>(['data', 'serve.hostname', 'serve.certificates']);

export function dnsCommand(program: Command): void {
  const command = program
    .command('dns')
    .argument('<DOMAIN>', 'the domain whose mail is to come to this server')
    .description('print the lines of a zone by which mail for a domain comes here')
    .option('--ipv4 <ADDRESS>', 'an address of the server; repeatable', addresses(4), [])
    .option('--ipv6 <ADDRESS>', 'an address of the server; repeatable', addresses(6), [])
    .option('--policy', 'print the file of MTA-STS alone')
    .option('--enforce', 'a policy that lets senders deliver with TLS only')
    .option('--sends-no-mail', 'lines that refuse mail in the name of the domain: nobody sends any');
  settingOptions(command, (key) => asked.has(key));
  command.action(dns);
}

async function dns(text: string, options: DnsOptions): Promise<void> {
  const domain = domainNamed(text);
  const all = settle(options, configurationInUse());
  const hostname = serverNameFor(domain, all['serve.hostname'].value);
  const mode = options.enforce ? 'enforce' : 'testing';
  if (options.policy) return print(policyFile(hostname, mode).trimEnd());
  const machine = thisMachine();
  const named = [...options.ipv4, ...options.ipv6];
  const files = all['serve.certificates'].value;
  const { certificates } = await findCertificates(machine, {
    files,
    data: dataDirectory(options.data),
    hostname,
    isOpen: true,
  });
  const keyHashes = certificates.map(({ chain }) => chain.keyHash);
  const known = named.length > 0 ? named : machine.addresses.filter(isPublic);
  const sendsNoMail = options.sendsNoMail === true;
  await print(...zoneLines({ domain, hostname, addresses: known, keyHashes, mode, sendsNoMail }));
}

function addresses(family: 4 | 6) {
  return (value: string, before: readonly string[]) => {
    if (familyOf(value) !== family) throw new InvalidArgumentError(`it should be an IPv${family} address.`);
    return collect(value, before);
  };
}
