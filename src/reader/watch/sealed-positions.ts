/** Sealed positions: how far an identity's mail of a journal was followed, sealed to itself (spec/commands.md, Watching). */
import { ascii, concat, hex, view } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import { nodeAead, nonceLength, tagLength } from '../../seal/aead.js';
import { blake2b } from '../../seal/blake2b.js';
import type { Random } from '../../seal/channel.js';
import type { Identity } from '../../seal/keys.js';
import { isPosition, type Position } from './position.js';

/** Texts are filled up to a multiple of this: which envelopes wait, and so are one's own, their length does not tell. */
const grain = 4096;

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
  const written = JSON.stringify(positions);
  const octets = Buffer.byteLength(written);
  const text = Buffer.from(written + ' '.repeat(Math.ceil(octets / grain) * grain - octets));
  const nonce = random(nonceLength);
  const sealed = new Uint8Array(text.length + tagLength);
  nodeAead.seal(sealed, keyOf(identity, journal), nonce, ascii(positionsName(identity, journal)), text);
  return concat(nonce, sealed);
}

/** Throws FormatError if it is not what this identity sealed for this journal. */
export function openPositions(sealed: Uint8Array, identity: Identity, journal: Uint8Array): Position[] {
  const name = positionsName(identity, journal);
  const [nonce, rest] = [sealed.subarray(0, nonceLength), sealed.subarray(nonceLength)];
  const text =
    sealed.length >= nonceLength + tagLength &&
    nodeAead.open(keyOf(identity, journal), nonce, ascii(name), rest);
  const positions: unknown = text ? JSON.parse(view(text).toString('utf8')) : undefined;
  if (!Array.isArray(positions) || !positions.every(isPosition))
    throw new FormatError(`positions ${name}`, 'do not open: they were changed');
  return positions;
}

function keyOf(identity: Identity, journal: Uint8Array): Uint8Array {
  return blake2b(identity.seed, 'obalka watch v1', journal, 32);
}
