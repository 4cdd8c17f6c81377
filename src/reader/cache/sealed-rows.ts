/** Sealed rows: a table of which names and values are sealed under a key from an identity (spec/cache.md, Rows). */
import { ascii, concat, hex, view } from '../../core/bytes.js';
import { rounded } from '../../core/rounded.js';
import { readU32, writeU32 } from '../../format/place.js';
import { nodeAead, nonceLength, tagLength } from '../../seal/aead.js';
import { blake2b } from '../../seal/blake2b.js';
import type { Random } from '../../seal/channel.js';

/** Rows of which names and values are sealed under a key from the identity; the file tells how many rows and (rounded) how much. */
export interface SealedRows {
  /**
   * The value as it was put; undefined if there is no row of this name. Throws CacheDamage if what is there does not open:
   * then all that is in the file is to be thrown away, and made anew.
   */
  get(name: string): Uint8Array | undefined;
  /** All in one transaction; undefined removes a row. A name has at most 500 octets in UTF-8. */
  put(rows: Iterable<readonly [name: string, value: Uint8Array | undefined]>): void;
}

/** Rows that others may change too. */
export interface SharedRows extends SealedRows {
  /**
   * Puts rows if `isStill` finds what it expects: it is asked inside the transaction, and sees the newest of everything.
   * Gives what it said. The rows are asked for after it.
   */
  putIf(
    isStill: (newest: Pick<SealedRows, 'get'>) => boolean,
    rows: Iterable<readonly [name: string, value: Uint8Array | undefined]>,
  ): boolean;
}

/** What a file of rows holds is not what was put there. It is to be thrown away. */
export class CacheDamage extends Error {
  override name = 'CacheDamage';
}

/** Where sealed rows are kept: numbers and octets that say nothing. */
export interface RowStore {
  get(number: bigint): Uint8Array | undefined;
  put(rows: Iterable<readonly [number: bigint, value: Uint8Array | undefined]>): void;
}

/** Values have at least this many octets before they are sealed, and else one of four sizes between two powers of two. */
const smallest = 64;
const longestName = 500;

/** Rows over a store. `key` is 32 octets, of this store alone. */
export function sealedRows(store: RowStore, key: Uint8Array, random: Random): SealedRows {
  const rowOf = (name: string) => {
    const octets = new Uint8Array(Buffer.from(name, 'utf8'));
    if (octets.length > longestName) throw new RangeError(`a name of ${octets.length} octets`);
    const derived = blake2b(key, 'obalka cache row v1', octets, 40);
    // 63 bits: SQLite's numbers are signed.
    return { number: view(derived).readBigUInt64BE(0) >> 1n, key: derived.subarray(8), octets };
  };
  return {
    get(name) {
      const row = rowOf(name);
      const sealed = store.get(row.number);
      if (!sealed) return undefined;
      const text =
        sealed.length >= nonceLength + tagLength + 4 &&
        nodeAead.open(row.key, sealed.subarray(0, nonceLength), row.octets, sealed.subarray(nonceLength));
      if (!text) throw new CacheDamage('a row of the cache does not open');
      return text.subarray(4, 4 + readU32(text, 0));
    },
    put(rows) {
      const seal = (name: string, value: Uint8Array | undefined) => {
        const row = rowOf(name);
        if (!value) return [row.number, undefined] as const;
        const text = new Uint8Array(Math.max(smallest, rounded(4 + value.length)));
        writeU32(text, 0, value.length);
        text.set(value, 4);
        const sealed = new Uint8Array(nonceLength + text.length + tagLength);
        const nonce = random(nonceLength);
        sealed.set(nonce);
        nodeAead.seal(sealed.subarray(nonceLength), row.key, nonce, row.octets, text);
        return [row.number, sealed] as const;
      };
      store.put(
        (function* () {
          for (const [name, value] of rows) yield seal(name, value);
        })(),
      );
    },
  };
}

/** The name of the cache's file: it tells neither the key nor the journal. 32 hexadecimal digits. */
export function cacheName(seed: Uint8Array, journal: Uint8Array): string {
  return hex(blake2b(seed, 'obalka cache name v1', journal, 16));
}

/** The key of one file of rows. `salt` is 16 random octets that stand in the file: no row of another file opens in it. */
export function cacheKey(seed: Uint8Array, journal: Uint8Array, salt: Uint8Array): Uint8Array {
  return blake2b(seed, 'obalka cache v1', concat(journal, salt), 32);
}

/** Rows in memory, for a reader that keeps nothing. */
export function rowsInMemory(): SharedRows {
  const kept = new Map<string, Uint8Array>();
  const rows: SharedRows = {
    get: (name) => kept.get(name),
    put(added) {
      for (const [name, value] of added)
        if (value) kept.set(name, value);
        else kept.delete(name);
    },
    putIf(isStill, added) {
      if (!isStill(rows)) return false;
      rows.put(added);
      return true;
    },
  };
  return rows;
}

/** What the first row of a file says: the program that can read it. */
export const formatRow = { name: 'format', value: ascii('obalka cache 2') } as const;
