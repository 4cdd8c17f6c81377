/** Channels, chains and envelopes, and their octets: sealing.md, Channels and Envelopes. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base32, Fault, number } from './bytes.js';
import { type Cbor, decodeCbor } from './cbor.js';
import { place, placeOfCell, type SegmentName } from './cells.js';
import { decapsulate, derive, type Identity } from './keys.js';

const nothing = new Uint8Array();

/**
 * AEAD of sealing.md, Conventions: the plaintext, undefined if it does not open. An object, so that another
 * implementation can stand in its place.
 */
export const aead = {
  open(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    try {
      return chacha20poly1305(key, nonce, data).decrypt(sealed);
    } catch {
      return undefined;
    }
  },
};

/** Sealing.md, Channels: both keys that follow from the shared secret at a place. */
export function channelKeys(secret: Uint8Array, at: Uint8Array): { key: Uint8Array; chain0: Uint8Array } {
  return {
    key: derive(secret, 'obalka channel key v1', at, 32),
    chain0: derive(secret, 'obalka chain v1', at, 32),
  };
}

/** One step of a chain (sealing.md, Chain). */
export type Step = { secret: Uint8Array; tag: Uint8Array; key: Uint8Array; next: Uint8Array };

export function step(chain: Uint8Array): Step {
  const secret = derive(chain, 'obalka secret v1', nothing, 32);
  const both = derive(chain, 'obalka step v1', nothing, 64);
  return { secret, tag: sha256(secret), key: both.slice(32), next: both.slice(0, 32) };
}

/** What takes the most time. An object, so that a test that opens the same channels often can keep what it derived. */
export const derivations = { step, decapsulate };

/** Sealing.md, Opening a channel: chain 0, undefined if the channel is another key's or a decoy. */
export function openChannel(segment: SegmentName, n: number, body: Uint8Array, identity: Identity) {
  const secret = derivations.decapsulate(identity, body.subarray(0, 1120));
  if (secret === undefined) return undefined;
  const at = place(segment, 'channels', n);
  const { key, chain0 } = channelKeys(secret, at);
  const text = aead.open(key, new Uint8Array(12), at, body.subarray(1120));
  if (text === undefined) return undefined;
  if (text[0] !== 1)
    throw new Fault(placeOfCell(segment, 'channels', n), `version ${text[0]}: a newer program is needed`);
  return chain0;
}

/** A run of blocks (sealing.md, Envelope plaintext). */
export type Run = { segment: number; first: number; count: number };

/** What stands in an envelope. `reached` and `flags` are as in the table. Times in milliseconds, sizes in octets. */
export type Envelope = {
  reached: number;
  flags: number;
  depth: number;
  receivedAt: number;
  prelude: number;
  trailer: number;
  content: number;
  messageKey: Uint8Array;
  leavesDigest: Uint8Array;
  keySet: Uint8Array;
  runs: Run[];
  recipient: string;
  from: Uint8Array;
  subject: Uint8Array;
  date: Uint8Array;
  messageId: Uint8Array;
};

/** `count` runs of 12 octets each (sealing.md, Envelope plaintext and Index blocks). */
export function readRuns(octets: Uint8Array, count: number): Run[] {
  return Array.from({ length: count }, (_, i) => ({
    segment: number(octets, 12 * i, 4),
    first: number(octets, 12 * i + 4, 4),
    count: number(octets, 12 * i + 8, 4),
  }));
}

/** Sealing.md, Envelope plaintext, and Opening an envelope, 3. Throws what is damage, claimed or not. */
export function readEnvelope(text: Uint8Array, at: string): Envelope {
  const bad = (what: string) => new Fault(at, `envelope with ${what}`);
  if (text[0] !== 1) throw new Fault(at, `envelope of version ${text[0]}: a newer program is needed`);
  const depth = number(text, 3, 1);
  if (depth > 4) throw bad(`depth ${depth}`);
  const [receivedAt, content] = [number(text, 4, 8), number(text, 20, 8)];
  if (receivedAt >= 2 ** 53 || content >= 2 ** 53) throw bad('a number of 2^53 or more');
  const [runCount, textsLength] = [number(text, 124, 2), number(text, 126, 2)];
  if (runCount === 0 || runCount > 16) throw bad(`${runCount} runs`);
  const runs = readRuns(text.subarray(128, 320), runCount);
  if (runs.some((run) => run.count === 0)) throw bad('an empty run');
  if (textsLength > 884) throw bad(`${textsLength} octets of texts`);
  const texts = decodeCbor(text.subarray(320, 320 + textsLength), at);
  if (!Array.isArray(texts) || texts.length !== 5) throw bad('texts that are no array of five');
  const [recipient, from, subject, date, messageId] = texts;
  const areBytes = (value: Cbor | undefined) => value instanceof Uint8Array;
  if (typeof recipient !== 'string') throw bad('a recipient that is no text');
  if (!areBytes(from) || !areBytes(subject) || !areBytes(date) || !areBytes(messageId))
    throw bad('header fields that are no byte strings');
  return {
    ...{ reached: number(text, 1, 1), flags: number(text, 2, 1), depth, receivedAt, content },
    ...{ prelude: number(text, 12, 4), trailer: number(text, 16, 4) },
    ...{ messageKey: text.slice(28, 60), leavesDigest: text.slice(60, 92), keySet: text.slice(92, 124) },
    ...{ runs, recipient, from, subject, date, messageId },
  };
}

/** The id of a mail (sealing.md, Finding mail). */
export function idOf(tag: Uint8Array): string {
  return base32(tag.subarray(0, 8));
}
