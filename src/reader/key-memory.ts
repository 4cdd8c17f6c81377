/** Key memory: what an identity has seen of key sets in a journal, sealed to itself (spec/checkpoints.md, Key sets seen). */
import { fromHex, hex } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { blake2b } from '../seal/blake2b.js';
import type { Random } from '../seal/channel.js';
import type { Identity } from '../seal/keys.js';
import type { SeenKeys } from './key-changes.js';
import { openText, sealText } from './sealed-text.js';

export interface KeyMemory {
  /** The last that was seen of each address. */
  readonly last: readonly SeenKeys[];
  /** Ids of mails that began with other keys, which the owner was told of. */
  readonly told: readonly string[];
}

export const nothingSeen: KeyMemory = { last: [], told: [] };

/** Addresses, and changes, that are remembered at most; the oldest go first. */
const most = 1000;

/** What a memory is kept under: it tells nothing to who has not the identity. 32 hexadecimal digits. */
export function memoryName(identity: Identity, journal: Uint8Array): string {
  return hex(blake2b(identity.seed, 'obalka key memory name v1', journal, 16));
}

/** nonce | ciphertext | tag. */
export function sealMemory(
  { last, told }: KeyMemory,
  identity: Identity,
  journal: Uint8Array,
  random: Random,
): Uint8Array {
  const written = JSON.stringify({
    last: last.map(({ keySet, ...seen }) => ({ ...seen, keySet: hex(keySet) })),
    told,
  });
  return sealText(written, memoryKey(identity, journal), memoryName(identity, journal), random);
}

/** Throws FormatError if it is not what this identity sealed for this journal. */
export function openMemory(sealed: Uint8Array, identity: Identity, journal: Uint8Array): KeyMemory {
  const name = memoryName(identity, journal);
  const place = `key sets ${name}`;
  const text = openText(sealed, memoryKey(identity, journal), name);
  if (text === undefined) throw new FormatError(place, 'does not open: it was changed');
  // Nobody but the identity's owner made it, so its form needs no more than a look.
  const { last, told } = JSON.parse(text) as {
    last: (Omit<SeenKeys, 'keySet'> & { keySet: string })[];
    told: string[];
  };
  return {
    last: last.map((seen) => {
      const keySet = fromHex(seen.keySet, 32);
      if (!keySet) throw new FormatError(place, 'a key set is none');
      return { ...seen, keySet };
    }),
    told,
  };
}

/** Of each address what was seen last, and every change that was told, whichever reader saw it. */
export function joinMemories(one: KeyMemory, other: KeyMemory): KeyMemory {
  const last = new Map<string, SeenKeys>();
  for (const seen of [...one.last, ...other.last]) {
    const known = last.get(seen.address);
    if (!known || known.receivedAt <= seen.receivedAt) last.set(seen.address, seen);
  }
  const byTime = [...last.values()].sort((a, b) => a.receivedAt - b.receivedAt);
  return { last: byTime.slice(-most), told: [...new Set([...one.told, ...other.told])].slice(-most) };
}

/** Whether a memory holds everything that another does. */
export function isKnown(memory: KeyMemory, more: KeyMemory): boolean {
  const stamp = ({ address, keySet, receivedAt, id }: SeenKeys) =>
    `${address} ${hex(keySet)} ${receivedAt} ${id}`;
  const known = new Set(memory.last.map(stamp));
  const joined = joinMemories(memory, more);
  return joined.told.length === memory.told.length && joined.last.every((seen) => known.has(stamp(seen)));
}

function memoryKey(identity: Identity, journal: Uint8Array): Uint8Array {
  return blake2b(identity.seed, 'obalka key memory v1', journal, 32);
}
