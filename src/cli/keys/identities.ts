/** Identities: those that a command is to read with, new ones, and public keys. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../../core/errors.js';
import {
  encodeIdentity,
  encodePublicKey,
  type Identity,
  identityOf,
  parsePublicKey,
  seedSize,
  showFingerprint,
} from '../../seal/keys.js';
import { whereIs } from '../config/in-use.js';
import { defaultIdentityFile } from '../config/where.js';
import { exists } from '../data/data-directory.js';
import { makeFolders } from '../files/make-folders.js';
import { random } from '../random.js';
import { shellWord } from '../terminal/shell-word.js';
import {
  alreadyThere,
  asWritten,
  type IdentityFile,
  openIdentityFile,
  whyUnread,
  writeNew,
} from './identity-file.js';

/** The folder of the default file is made where it is needed; any other is there, or was named wrongly. */
export async function makeDefaultFolder(file: string): Promise<void> {
  if (file !== defaultIdentityFile()) return;
  await makeFolders(dirname(file)).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('failure', `${dirname(file)}: cannot be made (${error.code}); name another file`);
  });
}

/** A file as it is typed behind a command: nothing if it is the default. */
export function typedFile(file: string): string {
  return file === defaultIdentityFile() ? '' : ` ${shellWord(file)}`;
}

/** The files of --identity, else of OBALKA_IDENTITY, else of the configuration, else the default file. */
export async function identityFiles(named: readonly string[]): Promise<readonly string[]> {
  const { value: paths, source } = whereIs('identity', named);
  if (source.kind === 'default' && !(await exists(paths[0] as string)))
    throw new Problem(
      'identity',
      `no identity: name one with --identity FILE, or make one with "obalka key new" (${paths[0]})`,
    );
  return [...new Set(paths)];
}

/** A file is opened, and its passphrase asked for, once in a run. */
const opened = new Map<string, Promise<IdentityFile>>();

/** Has files opened anew: for a process that runs more than one command. */
export function forgetOpened(): void {
  opened.clear();
}

/** These files, or those that `identityFiles` finds, opened one after the other. */
export async function openIdentityFiles(named: readonly string[]): Promise<IdentityFile[]> {
  const files: IdentityFile[] = [];
  for (const path of await identityFiles(named)) {
    const reading = opened.get(path) ?? openIdentityFile(path);
    opened.set(path, reading);
    const file = await reading;
    file.passphrase?.fill(0);
    files.push(file);
  }
  return files;
}

/** The identities of these files: each once, in the order of the files, and in each the newest first. */
export async function loadIdentities(named: readonly string[]): Promise<Identity[]> {
  const identities = new Map<string, Identity>();
  for (const file of await openIdentityFiles(named))
    for (const identity of file.identities) {
      const name = showFingerprint(identity.fingerprint);
      if (!identities.has(name)) identities.set(name, identity);
    }
  return [...identities.values()];
}

/** The identities of one file. */
export async function loadIdentityFile(path: string): Promise<readonly Identity[]> {
  const { identities, passphrase } = await openIdentityFile(path);
  passphrase?.fill(0);
  return identities;
}

/** Reads a public key from a file, or from standard input where the path is "-". */
export async function loadPublicKey(path: string): Promise<Uint8Array> {
  if (/^age1/.test(path))
    throw new Problem('usage', '--key takes a file, or - for a key on standard input, not the key itself');
  const text = await readFile(path === '-' ? '/dev/stdin' : path, 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      throw new Problem('missing', `${path}: ${whyUnread('the public key', error)}`);
    },
  );
  return parsePublicKey(text, path === '-' ? 'standard input' : path);
}

/** Makes an identity: FILE (0600), under a passphrase if one is given, and FILE.pub. Overwrites neither. */
export async function createIdentity(
  path: string,
  passphrase?: Uint8Array,
): Promise<{ identity: Identity; publicFile: string }> {
  const identity = identityOf(random(seedSize));
  return { identity, publicFile: await writeIdentity(path, identity, 'made', passphrase) };
}

/** Writes an identity to a new file, and its public key beside it. */
export async function writeIdentity(
  path: string,
  identity: Identity,
  how: 'made' | 'restored',
  passphrase?: Uint8Array,
): Promise<string> {
  await mustBeFree(path);
  await writeNew(path, 0o600, await asWritten(identityText(identity, how), passphrase));
  await writeNew(`${path}.pub`, 0o644, publicText(identity));
  return `${path}.pub`;
}

/** Throws a Problem if there is an identity, or a public key, at this path already. */
export async function mustBeFree(path: string): Promise<void> {
  for (const one of [path, `${path}.pub`]) if (await exists(one)) throw alreadyThere(one);
}

/** An identity as it stands in a file. `how` it came to be: "made", or "restored". */
export function identityText(identity: Identity, how: 'made' | 'restored'): string {
  return lines(
    `# obalka identity ${showFingerprint(identity.fingerprint)}, ${how} ${today()}`,
    '# Whoever has this file reads your mail. Keep a copy where nobody else comes.',
    encodeIdentity(identity.seed),
  );
}

/** "2026-11-21", in UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** A file of a public key. */
export function publicText(identity: Identity): string {
  return lines(
    `# obalka public key ${showFingerprint(identity.fingerprint)}`,
    encodePublicKey(identity.publicKey),
  );
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
