/** obalka key rotate: a new key for addresses, in the same file as the old ones, which go on opening old mail. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { hex } from '../../core/bytes.js';
import { Problem } from '../../core/errors.js';
import { fingerprintOf, type Identity, identityOf, seedSize, showFingerprint } from '../../seal/keys.js';
import { administer, type ShownEntry } from '../data/administer.js';
import { type DataDirectory, dataDirectory, exists, mustBeInitialised } from '../data/data-directory.js';
import {
  identityFiles,
  identityText,
  loadPublicKey,
  publicText,
  today,
  typedFile,
} from '../keys/identities.js';
import {
  asWritten,
  datesOf,
  type IdentityFile,
  openIdentityFile,
  replaceIdentityFile,
  replacePublicFile,
} from '../keys/identity-file.js';
import { collect } from '../options.js';
import { random } from '../random.js';
import { inform, print, say } from '../terminal/output.js';
import { shellWord } from '../terminal/shell-word.js';

interface RotateOptions {
  readonly identity: readonly string[];
  readonly data?: string;
}

export function rotateCommand(key: Command): void {
  key
    .command('rotate')
    .argument('<ADDRESS...>', 'the addresses whose mail the new key is to open')
    .option('--identity <FILE>', 'the identity file (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, where it is on this machine (OBALKA_DATA)')
    .description('make a new key for new mail; the old one stays, and opens old mail')
    .action(rotate);
}

async function rotate(addresses: readonly string[], options: RotateOptions): Promise<void> {
  const [path, ...more] = await identityFiles(options.identity);
  if (path === undefined || more.length > 0)
    throw new Problem('usage', `${1 + more.length} identity files; name the one to renew with --identity`);
  const data = await registryAtHand(options.data);
  const file = await openIdentityFile(path);
  await mustBeOwnPublicKey(path, file.identities);
  const entries = data && (await entriesOf(data, addresses, file));
  const [newest, ...older] = file.identities;
  const goesOn = newest && older.length > 0 && (entries ? entries.some(hasOlder(newest)) : isOfToday(file));
  if (goesOn)
    inform(`${path}: has a new key already, which is not everywhere in use yet; this goes on with it`);
  const identity = goesOn ? newest : await addIdentity(file);
  const olds = goesOn ? older : file.identities;
  file.passphrase?.fill(0);
  await writePublicKeys(path, identity, olds);
  await print(
    `identity ${path}`,
    `public-key ${path}.pub`,
    `fingerprint ${showFingerprint(identity.fingerprint)}`,
    ...olds.slice(0, 1).map((old) => `before ${showFingerprint(old.fingerprint)}`),
  );
  if (data && entries) await exchange(data, identity, entries, path);
  else sayCommands(path, olds, addresses);
  inform(`The new key has words of its own for paper: obalka key backup${typedFile(path)}`);
}

/** An address, and which keys of the file are registered for it. */
interface Entry {
  readonly address: string;
  readonly keys: readonly ShownEntry[];
}

/**
 * The data directory, if its registry can be changed from here. What is named with --data must be one, or a copy of a
 * journal; if it has a registry, somebody wants that to be changed, whoever may.
 */
async function registryAtHand(option: string | undefined): Promise<DataDirectory | undefined> {
  const data = dataDirectory(option);
  if (option !== undefined) {
    if (await exists(data.registry)) return data;
    if (!(await exists(data.journal))) await mustBeInitialised(data);
    return undefined;
  }
  return access(data.registry, constants.R_OK | constants.W_OK).then(
    () => data,
    () => undefined,
  );
}

async function entriesOf(
  data: DataDirectory,
  addresses: readonly string[],
  file: IdentityFile,
): Promise<Entry[]> {
  const mine = new Set(file.identities.map(({ fingerprint }) => hex(fingerprint)));
  const entries: Entry[] = [];
  for (const address of addresses) {
    const all = (await administer(data, { command: 'registered', address })) as ShownEntry[];
    if (all.some(({ alias }) => alias !== undefined))
      throw new Problem('usage', `${address}: is an alias; renew the keys of the addresses behind it`);
    const keys = all.filter(({ fingerprint }) => fingerprint !== undefined && mine.has(fingerprint));
    if (keys.length === 0)
      throw new Problem(
        'missing',
        `${address}: no key of ${file.path} is registered for it; nothing was made or changed`,
      );
    entries.push({ address, keys });
  }
  return entries;
}

function hasOlder(newest: Identity): (entry: Entry) => boolean {
  return ({ keys }) => keys.some(({ fingerprint }) => fingerprint !== hex(newest.fingerprint));
}

/** Where nobody can be asked what is registered: twice on a day is taken for once. */
function isOfToday(file: IdentityFile): boolean {
  return datesOf(file)[0] === today();
}

/** A new key before the others of the file, which is on disk when this resolves. */
async function addIdentity(file: IdentityFile): Promise<Identity> {
  const identity = identityOf(random(seedSize));
  const text = `${identityText(identity, 'made')}# Older keys, which open older mail:\n${file.text}`;
  await replaceIdentityFile(file, await asWritten(text, file.passphrase), false);
  return identity;
}

/** FILE.pub is the new key; each old one gets a file of its own, so that it can be revoked. */
async function writePublicKeys(path: string, identity: Identity, olds: readonly Identity[]): Promise<void> {
  for (const old of olds) await replacePublicFile(publicFileOf(path, old), publicText(old));
  await replacePublicFile(`${path}.pub`, publicText(identity));
}

function publicFileOf(path: string, old: Identity): string {
  return `${path}.${showFingerprint(old.fingerprint)}.pub`;
}

/** Throws a Problem if FILE.pub is the key of somebody else: it is not written over then. */
async function mustBeOwnPublicKey(path: string, identities: readonly Identity[]): Promise<void> {
  const file = `${path}.pub`;
  if (!(await exists(file))) return;
  const there = hex(fingerprintOf(await loadPublicKey(file)));
  if (!identities.some(({ fingerprint }) => hex(fingerprint) === there))
    throw new Problem(
      'failure',
      `${file}: is not the public key of ${path}; move it away, nothing was changed`,
    );
}

async function exchange(
  data: DataDirectory,
  identity: Identity,
  entries: readonly Entry[],
  path: string,
): Promise<void> {
  const fresh = hex(identity.fingerprint);
  try {
    for (const { address, keys } of entries) {
      const olds = keys.filter(({ fingerprint }) => fingerprint !== fresh);
      if (olds.length > 0) {
        const label = keys.find((one) => one.label)?.label;
        await administer(data, {
          command: 'exchange',
          address,
          key: hex(identity.publicKey),
          details: { label },
          olds: olds.map(({ fingerprint = '' }) => fingerprint),
        });
      }
      inform(`${address}: new mail goes to key ${showFingerprint(identity.fingerprint)}`);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(
      error.kind,
      `${error.message}; the new key is in ${path}, and the same command goes on from here`,
    );
  }
  inform(`${path} has both keys: it opens the mail of before, and what comes now.`);
}

function sayCommands(path: string, olds: readonly Identity[], addresses: readonly string[]): void {
  const [old] = olds;
  const files = [`${path}.pub`, ...(old ? [publicFileOf(path, old)] : [])];
  say(
    `There is no registry here. Give ${files.join(' and ')} to whoever runs the server, for these commands:`,
    ...addresses.flatMap((address) => [
      `  obalka register ${shellWord(address)} --key ${shellWord(`${path}.pub`)}`,
      ...(old ? [`  obalka revoke ${shellWord(address)} --key ${shellWord(publicFileOf(path, old))}`] : []),
    ]),
    `Until then mail goes to the old key. ${path} has both, and opens all of it.`,
  );
}
