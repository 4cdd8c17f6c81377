/** Sealed positions: how far an identity's mail of a journal was followed, sealed to itself (spec/commands.md, Watching). */
import { hex } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import { blake2b } from '../../seal/blake2b.js';
import type { Random } from '../../seal/channel.js';
import type { Identity } from '../../seal/keys.js';
import { openText, sealText } from '../sealed-text.js';
import { isPosition, type Position } from './position.js';

/** What positions are kept under: it tells nothing to who has not the identity. 32 hexadecimal digits. */
export function positionsName(identity: Identity, journal: Uint8Array): string {
  return hex(blake2b(identity.seed, 'obalka watch name v1', journal, 16));
}

/** nonce | ciphertext | tag. */
export function sealPositions(
  positions: readonly Position[],
  identity: Identity,
  journal: Uint8Array,
  random: Random,
): Uint8Array {
  const name = positionsName(identity, journal);
  return sealText(JSON.stringify(positions), keyOf(identity, journal), name, random);
}

/** Throws FormatError if it is not what this identity sealed for this journal. */
export function openPositions(sealed: Uint8Array, identity: Identity, journal: Uint8Array): Position[] {
  const name = positionsName(identity, journal);
  const text = openText(sealed, keyOf(identity, journal), name);
  const positions: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!Array.isArray(positions) || !positions.every(isPosition))
    throw new FormatError(`positions ${name}`, 'do not open: they were changed');
  return positions;
}

function keyOf(identity: Identity, journal: Uint8Array): Uint8Array {
  return blake2b(identity.seed, 'obalka watch v1', journal, 32);
}
