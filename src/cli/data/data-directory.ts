/** Data directory: what stands where in it, and how it is made. */
import { chmod, open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Problem } from '../../core/errors.js';
import { isLaneFolder } from '../../journal/names.js';
import type { AddressRules } from '../../registry/address-rules.js';
import type { Registry } from '../../registry/registry.js';
import { whereIs } from '../config/in-use.js';
import { makeFolders } from '../files/make-folders.js';
import { random } from '../random.js';
import { shellWord, shownWords } from '../terminal/shell-word.js';

export interface DataDirectory {
  readonly path: string;
  readonly journal: string;
  readonly registry: string;
  readonly pepper: string;
  /** What an administrator says of his domains' addresses; may be missing. */
  readonly addressRules: string;
  /** Signing keys of the lanes. */
  readonly signers: string;
  readonly lock: string;
  /** Held by each worker of a server that has several processes. */
  readonly workersLock: string;
  readonly control: string;
  /** Where the journal stood when it was last written. */
  readonly place: string;
  /** Private key and certificate of a server that was given none. */
  readonly ownCertificate: string;
}

/**
 * The paths in a data directory. Without --data: OBALKA_DATA, else what the configuration says, else the usual place. The
 * pepper may be elsewhere: --pepper, OBALKA_PEPPER, else what the configuration says, else a systemd credential.
 */
export function dataDirectory(option: string | undefined, pepper?: string): DataDirectory {
  const path = resolve(whereIs('data', option).value);
  return {
    path,
    journal: join(path, 'journal'),
    registry: join(path, 'registry.sqlite'),
    pepper: resolve(whereIs('pepper', pepper).value ?? join(path, 'pepper')),
    addressRules: join(path, 'address-rules'),
    signers: join(path, 'signers'),
    lock: join(path, 'lock'),
    workersLock: join(path, 'lock.workers'),
    control: join(path, 'control.sock'),
    place: join(path, 'place'),
    ownCertificate: join(path, 'tls-own.pem'),
  };
}

/**
 * Makes what is missing; changes nothing that is there. Tells if anything was, and if a registry was that had been there.
 * A registry is drawn by `chance`.
 */
export async function initialise(
  data: DataDirectory,
  { chance = random, newRegistry = false } = {},
): Promise<{ made: boolean }> {
  await mustOwn(data);
  const madeFolder = await makeFolders(data.path).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('failure', `${data.path}: cannot be made (${error.code}); choose another --data DIR`);
  });
  // A folder that was there keeps its mode: it may be somebody else's too.
  if (madeFolder) await chmod(data.path, 0o700);
  const hadRegistry = await exists(data.registry);
  if (!hadRegistry && !newRegistry && (await hasLanes(data)))
    throw new Problem(
      'missing',
      `${data.registry}: is gone, while there is mail: put back a copy of it, or make an empty one with "obalka init --new-registry"; until addresses are registered again, their mail is refused for good`,
    );
  const madePepper = await makePepper(data.pepper, hadRegistry);
  const [{ createJournal }, { nodeDisk }] = await Promise.all([
    import('../../journal/create-journal.js'),
    import('../../journal/disk.js'),
  ]);
  const { made } = await createJournal(nodeDisk, data.journal, random);
  const { createRegistry } = await registryParts();
  // Also finishes a registry whose making was cut off.
  createRegistry({ ...(await registryOptions(data)), random: chance }).close();
  return { made: madePepper || made || !hadRegistry };
}

/** Whether a server has taken mail here. */
async function hasLanes({ journal }: DataDirectory): Promise<boolean> {
  const names = await readdir(journal).catch(() => []);
  return names.some(isLaneFolder);
}

/** Opens the registry of a data directory that `init` has made. `rules` are the address rules as they are now. */
export async function openDataRegistry(
  data: DataDirectory,
  rules: () => AddressRules,
  { isReadOnly = false } = {},
): Promise<Registry> {
  await mustBeInitialised(data);
  const { openRegistry } = await registryParts();
  return openRegistry({ ...(await registryOptions(data)), rules, isReadOnly });
}

export async function mustBeInitialised(data: DataDirectory): Promise<void> {
  if (!(await exists(join(data.journal, 'journal'))))
    throw new Problem(
      'missing',
      `${data.path}: no obalka data here; name another with --data DIR, or make it with "obalka init"`,
    );
}

/** The number of the user whom the folder belongs to, if that is somebody else. */
export async function otherOwner(data: DataDirectory): Promise<number | undefined> {
  const me = process.geteuid?.();
  const uid = await stat(data.path).then(
    (stats) => stats.uid,
    () => undefined,
  );
  return me === undefined || me === uid ? undefined : uid;
}

/** Throws a Problem if the folder is there and belongs to another user: what is written to it now, its owner could not write later. */
export async function mustOwn(
  data: DataDirectory,
  who: 'this command' | 'the server' = 'this command',
): Promise<void> {
  const uid = await otherOwner(data);
  if (uid === undefined) return;
  const me = process.geteuid?.();
  const { userName } = await import('../server/accounts.js');
  const how =
    who === 'this command'
      ? `run it as that user: ${shownWords('sudo', '-u', userName(uid))} obalka …`
      : me === 0
        ? 'start the server with --user, or as that user'
        : `mend it with: chown -R ${me} ${shellWord(data.path)}`;
  throw new Problem('failure', `${data.path}: belongs to user ${uid}, and ${who} runs as user ${me}; ${how}`);
}

/** Commands that only read do without them, and begin sooner. */
const registryParts = () => import('../../registry/open-registry.js');

async function registryOptions(data: DataDirectory) {
  return { path: data.registry, pepper: await readPepper(data.pepper), random, now: Date.now };
}

async function makePepper(path: string, hadRegistry: boolean): Promise<boolean> {
  if (await exists(path)) return false;
  if (hadRegistry)
    throw new Problem(
      'failure',
      `${path}: the pepper is gone, but the registry is there and opens with no other; put back a copy of it`,
    );
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${Buffer.from(random(32)).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

async function readPepper(path: string): Promise<Uint8Array> {
  const { readSecretFile } = await import('../files/secret-file.js');
  const pepper = await readSecretFile(path, 'pepper');
  if (!pepper)
    throw new Problem(
      'failure',
      `${path}: the pepper is gone; without it the registry stays shut: put back a copy of it`,
    );
  return pepper;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw new Problem('failure', `${path}: cannot be looked at (${error.code}); check its permissions`);
    },
  );
}
