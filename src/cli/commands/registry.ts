/** obalka register, revoke, registered: which keys an address has. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { KeyDetails } from '../../registry/key-details.js';
import { fingerprintOf, showFingerprint } from '../../seal/keys.js';
import type { Administration } from '../../server/administration.js';
import { administer, type ShownEntry } from '../data/administer.js';
import { type DataDirectory, dataDirectory } from '../data/data-directory.js';
import { parseDate, showDate } from '../dates.js';
import { loadPublicKey } from '../keys/identities.js';
import { afterRegister } from '../terminal/next-steps.js';
import { inform, print, say } from '../terminal/output.js';
import { toldLines } from '../terminal/told-lines.js';
import { registeredList, registerList } from './registry-list.js';

export function registryCommands(program: Command): void {
  program
    .command('register')
    .argument('[ADDRESS]', 'a mailbox, *@domain for all others of a domain, or * for all others')
    .option('--key <FILE>', 'the public key of its owner; - for standard input')
    .option('--label <TEXT>', 'a word about the key')
    .option('--from <DATE>', 'use the key from this time on (2026-12-24, or with T12:00:00Z)')
    .option('--until <DATE>', 'use the key before this time only')
    .option('--list <FILE>', 'all that a list of addresses, keys and aliases says; - for standard input')
    .option(
      '--prune [FILE]',
      'with --list: take away what it does not say of its addresses, and of those in FILE',
    )
    .option('--dry-run', 'with --list: only say what would change')
    .option('--json', 'with --list: one JSON object a line')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('seal mail for an address to a key')
    .action(async (address: string | undefined, options: RegisterOptions) => {
      const data = dataDirectory(options.data);
      const { list } = options;
      const ofOne = [address, options.key, options.label, options.from, options.until];
      const ofList = [options.prune, options.dryRun, options.json];
      if (list !== undefined) {
        if (ofOne.some((word) => word !== undefined))
          throw new Problem('usage', 'register takes an address and its --key, or --list; not both');
        return registerList(data, { ...options, list });
      }
      if (ofList.some((word) => word !== undefined))
        throw new Problem('usage', '--prune, --dry-run and --json go with --list');
      if (address === undefined || options.key === undefined)
        throw new Problem('usage', 'register takes an address and its --key FILE, or --list FILE');
      await registerOne(data, address, options.key, options);
    });

  program
    .command('revoke')
    .argument('<ADDRESS>', 'a mailbox or a catch-all, as it was registered')
    .option('--key <FILE>', 'only this public key; - for standard input')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('seal no more mail for an address')
    .action(async (address: string, options: { key?: string; data?: string }) => {
      const key = options.key === undefined ? undefined : await loadPublicKey(options.key);
      const data = dataDirectory(options.data);
      const before = (await administer(data, { command: 'registered', address })) as ShownEntry[];
      const { count, told } = (await administer(data, {
        command: 'revoke',
        address,
        ...(key && { fingerprint: Buffer.from(fingerprintOf(key)).toString('hex') }),
      })) as Awaited<ReturnType<Administration['revoke']>>;
      if (count === 0)
        throw new Problem(
          'missing',
          `${address}: ${key ? 'this key is not registered' : 'no key is registered'} for it; nothing was changed`,
        );
      if (before.some(({ alias }) => alias !== undefined)) {
        inform(
          `${address}: is no alias any more; ${count === 1 ? '1 target' : `${count} targets`} removed`,
          ...toldLines(address, told),
        );
        return;
      }
      inform(
        `${address}: ${count === 1 ? '1 key' : `${count} keys`} revoked; mail sealed before stays readable with ${count === 1 ? 'it' : 'them'}`,
        ...(before.length > count ? [] : [noKeyLeft(address)]),
        ...toldLines(address, told),
      );
    });

  program
    .command('registered')
    .argument('[ADDRESS]', 'a mailbox or a catch-all')
    .option('--list <FILE>', 'of all addresses in a list, as a list; - for standard input')
    .option('--json', 'one JSON object a line')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('show the keys or targets of an address')
    .action(async (address: string | undefined, options: RegisteredOptions) => {
      const data = dataDirectory(options.data);
      const { list } = options;
      if ((list === undefined) === (address === undefined))
        throw new Problem('usage', 'registered takes an address, or --list FILE');
      if (list !== undefined) return registeredList(data, { ...options, list });
      const entries = (await administer(data, {
        command: 'registered',
        address: String(address),
      })) as ShownEntry[];
      if (entries.length === 0) throw new Problem('missing', `${address}: no key is registered for it`);
      await print(...entries.map((entry) => (options.json ? JSON.stringify(shown(entry)) : describe(entry))));
    });
}

function noKeyLeft(address: string): string {
  return `${address}: no key is left; mail for it is refused, unless a catch-all takes it`;
}

interface RegisterOptions {
  readonly key?: string;
  readonly label?: string;
  readonly from?: string;
  readonly until?: string;
  readonly list?: string;
  readonly prune?: string | true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly data?: string;
}

interface RegisteredOptions {
  readonly list?: string;
  readonly json?: true;
  readonly data?: string;
}

async function registerOne(
  data: DataDirectory,
  address: string,
  keyFile: string,
  { label, from, until, data: dataOption }: RegisterOptions,
): Promise<void> {
  const publicKey = await loadPublicKey(keyFile);
  const details: KeyDetails = {
    label,
    from: from === undefined ? undefined : parseDate(from, '--from'),
    until: until === undefined ? undefined : parseDate(until, '--until'),
  };
  const key = Buffer.from(publicKey).toString('hex');
  const { result, told } = (await administer(data, {
    command: 'register',
    address,
    key,
    details,
  })) as Awaited<ReturnType<Administration['register']>>;
  const keys = (await administer(data, { command: 'registered', address })) as ShownEntry[];
  if (keys.length > 1)
    say(
      `${address}: ${keys.length} keys open its mail now; take one away with: obalka revoke ADDRESS --key FILE`,
    );
  inform(
    `${address}: key ${showFingerprint(fingerprintOf(publicKey))} ${result === 'added' ? 'registered' : 'was registered; its details are up to date'}`,
    ...toldLines(address, told),
  );
  await afterRegister(dataOption, keyFile);
}

function shown({ fingerprint = '', alias, label, from, until, registeredAt }: ShownEntry) {
  if (alias !== undefined) return { alias, registeredAt: showDate(registeredAt) };
  return {
    fingerprint: showFingerprint(Buffer.from(fingerprint, 'hex')),
    label,
    from: from === undefined ? null : showDate(from),
    until: until === undefined ? null : showDate(until),
    registeredAt: showDate(registeredAt),
  };
}

function describe(entry: ShownEntry): string {
  const all = shown(entry);
  if ('alias' in all) return [`alias for ${all.alias}`, `registered ${all.registeredAt}`].join('  ');
  const { fingerprint, label, from, until, registeredAt } = all;
  return [
    fingerprint,
    `registered ${registeredAt}`,
    ...(from ? [`from ${from}`] : []),
    ...(until ? [`until ${until}`] : []),
    ...(label ? [label] : []),
  ].join('  ');
}
