/** obalka register, revoke, registered: which keys an address has. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { KeyDetails } from '../../registry/key-details.js';
import { fingerprintOf, showFingerprint } from '../../seal/keys.js';
import type { Administration } from '../../server/live-registry.js';
import { administer, type ShownKey } from '../administer.js';
import { dataDirectory } from '../data-directory.js';
import { loadPublicKey } from '../identities.js';
import { print, say } from '../output.js';

export function registryCommands(program: Command): void {
  program
    .command('register')
    .argument('<ADDRESS>', 'a mailbox, *@domain for all others of a domain, or * for all others')
    .requiredOption('--key <FILE>', 'the public key of its owner; - for standard input')
    .option('--label <TEXT>', 'a word about the key')
    .option('--from <DATE>', 'use the key from this time on (2026-12-24, or with T12:00:00Z)')
    .option('--until <DATE>', 'use the key before this time only')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('seal mail for an address to a key')
    .action(async (address: string, options: RegisterOptions) => {
      const publicKey = await loadPublicKey(options.key);
      const details: KeyDetails = {
        label: options.label,
        from: options.from === undefined ? undefined : seconds(options.from, '--from'),
        until: options.until === undefined ? undefined : seconds(options.until, '--until'),
      };
      const { result, told } = (await administer(dataDirectory(options.data), {
        command: 'register',
        address,
        key: Buffer.from(publicKey).toString('hex'),
        details,
      })) as Awaited<ReturnType<Administration['register']>>;
      const data = dataDirectory(options.data);
      const keys = (await administer(data, { command: 'registered', address })) as ShownKey[];
      if (keys.length > 1)
        say(
          `${address}: ${keys.length} keys open its mail now; take one away with: obalka revoke ADDRESS --key FILE`,
        );
      say(
        `${address}: key ${showFingerprint(fingerprintOf(publicKey))} ${result === 'added' ? 'registered' : 'was registered; its details are up to date'}`,
        ...toldLines(address, told),
      );
    });

  program
    .command('revoke')
    .argument('<ADDRESS>')
    .option('--key <FILE>', 'only this public key; - for standard input')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('seal no more mail for an address')
    .action(async (address: string, options: { key?: string; data?: string }) => {
      const key = options.key === undefined ? undefined : await loadPublicKey(options.key);
      const { count, told } = (await administer(dataDirectory(options.data), {
        command: 'revoke',
        address,
        ...(key && { fingerprint: Buffer.from(fingerprintOf(key)).toString('hex') }),
      })) as Awaited<ReturnType<Administration['revoke']>>;
      if (count === 0)
        throw new Problem(
          'missing',
          `${address}: ${key ? 'this key is not registered' : 'no key is registered'} for it; nothing was changed`,
        );
      say(
        `${address}: ${count === 1 ? '1 key' : `${count} keys`} revoked; mail sealed before stays readable with ${count === 1 ? 'it' : 'them'}`,
        ...toldLines(address, told),
      );
    });

  program
    .command('registered')
    .argument('<ADDRESS>')
    .option('--json', 'one JSON object a line')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('show the keys of an address')
    .action(async (address: string, options: { json?: boolean; data?: string }) => {
      const keys = (await administer(dataDirectory(options.data), {
        command: 'registered',
        address,
      })) as ShownKey[];
      if (keys.length === 0) throw new Problem('missing', `${address}: no key is registered for it`);
      await print(...keys.map((key) => (options.json ? JSON.stringify(shown(key)) : describe(key))));
    });
}

function toldLines(address: string, told: number): string[] {
  if (told === 0) return [];
  return [`${address}: a notice was sealed to ${told === 1 ? 'the key' : `the ${told} keys`} it had before`];
}

interface RegisterOptions {
  readonly key: string;
  readonly label?: string;
  readonly from?: string;
  readonly until?: string;
  readonly data?: string;
}

function shown({ fingerprint, label, from, until, registeredAt }: ShownKey) {
  return {
    fingerprint: showFingerprint(Buffer.from(fingerprint, 'hex')),
    label,
    from: from === undefined ? null : iso(from),
    until: until === undefined ? null : iso(until),
    registeredAt: iso(registeredAt),
  };
}

function describe(key: ShownKey): string {
  const { fingerprint, label, from, until, registeredAt } = shown(key);
  return [
    fingerprint,
    `registered ${registeredAt}`,
    ...(from ? [`from ${from}`] : []),
    ...(until ? [`until ${until}`] : []),
    ...(label ? [label] : []),
  ].join('  ');
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function seconds(text: string, option: string): number {
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new Problem(
      'usage',
      `${option} ${text}: not a time; write 2026-12-24 or 2026-12-24T12:00:00Z (UTC)`,
    );
  return time / 1000;
}
