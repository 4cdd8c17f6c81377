/** Identity and key files: reading them with care, writing them without ever overwriting one. */
import { open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../core/errors.js';
import { openRegular } from '../journal/regular-file.js';
import {
  encodeIdentity,
  encodePublicKey,
  type Identity,
  identityOf,
  parseIdentities,
  parsePublicKey,
  seedSize,
  showFingerprint,
} from '../seal/keys.js';
import { exists } from './data-directory.js';
import { random } from './random.js';

/** More octets than any number of identities that a person has. */
const maxIdentityFile = 1_000_000;

/** Where `key new` puts the identity, and readers look for it, if no file is named. */
export function defaultIdentityFile(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'obalka', 'identity');
}

/** The identities of --identity, else of OBALKA_IDENTITY (paths separated by ":"), else of the default file. */
export async function loadIdentities(named: readonly string[]): Promise<Identity[]> {
  const fromEnvironment = process.env.OBALKA_IDENTITY?.split(':').filter((path) => path !== '') ?? [];
  let paths = named.length > 0 ? named : fromEnvironment;
  if (paths.length === 0) {
    const path = defaultIdentityFile();
    if (!(await exists(path)))
      throw new Problem(
        'identity',
        `no identity: name one with --identity FILE, or make one with "obalka key new" (${path})`,
      );
    paths = [path];
  }
  const identities = (await Promise.all(paths.map(loadIdentityFile))).flat();
  return [
    ...new Map(identities.map((identity) => [showFingerprint(identity.fingerprint), identity])).values(),
  ];
}

/** Reads one identity file. Refuses one that others can read. */
export async function loadIdentityFile(path: string): Promise<Identity[]> {
  const file = await openRegular(path).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('identity', `${path}: the identity cannot be read (${error.code})`);
  });
  try {
    // Of the open file: what the name stands for may change meanwhile.
    const { mode, size } = await file.stat();
    if (size > maxIdentityFile)
      throw new Problem('identity', `${path}: this is no identity: it has ${size} octets`);
    const identities = parseIdentities(await file.readFile('utf8'), path);
    if ((mode & 0o077) !== 0)
      throw new Problem(
        'identity',
        `${path}: others can read this identity; mend it with: chmod 600 ${path}`,
      );
    return identities;
  } finally {
    await file.close();
  }
}

/** Reads a public key from a file, or from standard input where the path is "-". */
export async function loadPublicKey(path: string): Promise<Uint8Array> {
  if (/^age1/.test(path))
    throw new Problem('usage', '--key takes a file, or - for a key on standard input, not the key itself');
  const text = await readFile(path === '-' ? '/dev/stdin' : path, 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      throw new Problem('missing', `${path}: the public key cannot be read (${error.code})`);
    },
  );
  return parsePublicKey(text, path === '-' ? 'standard input' : path);
}

/** Makes an identity: FILE (0600) and FILE.pub. Overwrites neither. */
export async function createIdentity(path: string): Promise<{ identity: Identity; publicFile: string }> {
  const publicFile = `${path}.pub`;
  const identity = identityOf(random(seedSize));
  const created = new Date().toISOString().slice(0, 10);
  const fingerprint = showFingerprint(identity.fingerprint);
  const lines = (...text: string[]) => `${text.join('\n')}\n`;
  if (await exists(publicFile)) throw alreadyThere(publicFile);
  await writeNew(
    path,
    0o600,
    lines(
      `# obalka identity ${fingerprint}, made ${created}`,
      '# Whoever has this file reads your mail. Keep a copy where nobody else comes.',
      encodeIdentity(identity.seed),
    ),
  );
  await writeNew(
    publicFile,
    0o644,
    lines(`# obalka public key ${fingerprint}`, encodePublicKey(identity.publicKey)),
  );
  return { identity, publicFile };
}

async function writeNew(path: string, mode: number, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyThere(path);
    throw new Problem('failure', `${path}: cannot be written (${code}); name another file`);
  }
}

function alreadyThere(path: string): Problem {
  return new Problem(
    'failure',
    `${path}: there is a file already, and a key is never overwritten; name another file`,
  );
}
