/** obalka key list: which keys there are, where, and what they open. */
import type { Command } from 'commander';
import { type Identity, showFingerprint } from '../../seal/keys.js';
import { openIdentityFiles } from '../keys/identities.js';
import { datesOf } from '../keys/identity-file.js';
import { withMail } from '../mailbox/mail-reading.js';
import { collect } from '../options.js';
import { print } from '../terminal/output.js';

interface KeyListOptions {
  readonly identity: readonly string[];
  readonly data?: string;
  readonly json?: true;
}

export function keyListCommand(key: Command): void {
  key
    .command('list')
    .argument('[FILE...]', 'identity files, as if each were given with --identity')
    .option('--identity <FILE>', 'an identity file; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'also count the mails in this data directory that each key opens')
    .option('--json', 'one JSON object a line')
    .description('show the keys in identity files')
    .action(async (typed: readonly string[], options: KeyListOptions) => {
      const identity = [...typed, ...options.identity];
      const files = await openIdentityFiles(identity);
      const counts = await mailsOf({ ...options, identity });
      for (const file of files) {
        const dates = datesOf(file);
        for (const [at, identity] of file.identities.entries()) {
          const shown = {
            fingerprint: showFingerprint(identity.fingerprint),
            file: file.path,
            made: dates[at] ?? null,
            isNewest: at === 0,
            isProtected: file.passphrase !== undefined,
            ...(counts && { mails: counts(identity) }),
          };
          await print(options.json ? JSON.stringify(shown) : describe(shown));
        }
      }
    });
}

interface ShownKey {
  readonly fingerprint: string;
  readonly file: string;
  /** As the file says. */
  readonly made: string | null;
  readonly isNewest: boolean;
  readonly isProtected: boolean;
  readonly mails?: number;
}

function describe({ fingerprint, file, made, isNewest, isProtected, mails }: ShownKey): string {
  return [
    fingerprint,
    made ?? '          ',
    isNewest ? 'newest' : 'older ',
    isProtected ? 'passphrase' : 'open      ',
    ...(mails === undefined ? [] : [`${mails} ${mails === 1 ? 'mail' : 'mails'}`.padStart(12)]),
    file,
  ].join('  ');
}

async function mailsOf({
  identity,
  data,
}: KeyListOptions): Promise<((identity: Identity) => number) | undefined> {
  if (data === undefined) return undefined;
  const counts = new Map<string, number>();
  // It looks, and remembers nothing.
  await withMail({ identity, data, pins: 'none' }, async ({ mailbox, identities }) => {
    for (const one of identities) counts.set(showFingerprint(one.fingerprint), mailbox.countOf(one));
  });
  return ({ fingerprint }) => counts.get(showFingerprint(fingerprint)) ?? 0;
}
