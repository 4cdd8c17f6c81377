/** State file: how far `watch` came, for each identity, so that the next one goes on there (spec/commands.md, Watching). */
import { view } from '../../core/bytes.js';
import { FormatError, Problem } from '../../core/errors.js';
import type { Position } from '../../reader/watch/position.js';
import { openPositions, positionsName, sealPositions } from '../../reader/watch/sealed-positions.js';
import type { Identity } from '../../seal/keys.js';
import { takeLock } from '../../sqlite/process-lock.js';
import { mustBeMyPlace, readMine } from '../files/only-mine.js';
import { writeWhole } from '../files/whole-file.js';
import { random } from '../random.js';

/** Octets of a state file at most. */
const maxSize = 256 * 2 ** 20;

export class WatchState {
  readonly #path: string;
  readonly #lock: { release(): void };
  /** Name → sealed positions, of other identities and journals too. */
  readonly #kept: Map<string, Uint8Array>;

  private constructor(path: string, lock: { release(): void }, kept: Map<string, Uint8Array>) {
    this.#path = path;
    this.#lock = lock;
    this.#kept = kept;
  }

  /** Reads the file, if there is one, and keeps others from it. Throws Problem, also if others could put one there. */
  static async open(path: string): Promise<WatchState> {
    mustBeMyPlace(path);
    const lock = takeLock(`${path}.lock`);
    if (!lock)
      throw new Problem('failure', `${path}: another watch works with this file; give each one its own`);
    try {
      return new WatchState(path, lock, await load(path));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Undefined if nothing is kept of this identity in this journal. */
  positions(identity: Identity, journal: Uint8Array): Position[] | undefined {
    const sealed = this.#kept.get(positionsName(identity, journal));
    try {
      return sealed && openPositions(sealed, identity, journal);
    } catch (error) {
      if (error instanceof FormatError) throw damaged(this.#path, error.message);
      throw error;
    }
  }

  /** Resolves when it is on the disk. */
  async save(
    journal: Uint8Array,
    followed: readonly { readonly identity: Identity; readonly positions: readonly Position[] }[],
  ): Promise<void> {
    for (const { identity, positions } of followed)
      this.#kept.set(positionsName(identity, journal), sealPositions(positions, identity, journal, random));
    const kept = [...this.#kept].map(([name, sealed]) => ({ name, sealed: view(sealed).toString('base64') }));
    const text = `${JSON.stringify({ version: 1, positions: kept }, undefined, 1)}\n`;
    await writeWhole(this.#path, text).catch(({ code }: NodeJS.ErrnoException) => {
      throw new Problem('failure', `${this.#path}: cannot be written (${code}); name another --state FILE`);
    });
  }

  close(): void {
    this.#lock.release();
  }
}

function damaged(path: string, what: string): Problem {
  return new Problem(
    'failure',
    `${path}: this is no state of a watch: ${what}; put back a copy of it, or name another --state FILE`,
  );
}

async function load(path: string): Promise<Map<string, Uint8Array>> {
  const bytes = await readMine(path, maxSize).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error instanceof Problem) throw error;
    throw new Problem('failure', `${path}: cannot be read (${error.code}); check its permissions`);
  });
  if (!bytes) return new Map();
  let file: unknown;
  try {
    file = JSON.parse(view(bytes).toString('utf8'));
  } catch {
    throw damaged(path, 'not JSON');
  }
  const { version, positions } = (file ?? {}) as { version?: unknown; positions?: unknown };
  if (typeof version === 'number' && version > 1)
    throw new Problem(
      'failure',
      `${path}: state of version ${version}; this program knows version 1: use a newer obalka, or name another --state FILE`,
    );
  if (version !== 1) throw damaged(path, `version ${JSON.stringify(version)}`);
  if (!Array.isArray(positions)) throw damaged(path, 'it has no positions');
  return new Map(
    positions.map((one: { name?: unknown; sealed?: unknown } | null) => {
      if (typeof one?.name !== 'string' || typeof one.sealed !== 'string')
        throw damaged(path, 'a position has no name, or is not sealed');
      return [one.name, new Uint8Array(Buffer.from(one.sealed, 'base64'))];
    }),
  );
}
