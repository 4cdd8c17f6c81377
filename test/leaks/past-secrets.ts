/** Past secrets: all keys that a server once had, computed from the files and the identities of those it had them for. */
import { join } from 'node:path';
import { sha256 } from '../../src/core/sha256.js';
import { encodePlace } from '../../src/format/place.js';
import { blake2b } from '../../src/seal/blake2b.js';
import { openChannel } from '../../src/seal/channel.js';
import { decapsulate } from '../../src/seal/decapsulate.js';
import type { Identity } from '../../src/seal/keys.js';
import { SodiumMemory } from '../../src/seal/sodium.js';
import { contents } from './trees.js';

export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What one channel went through. */
export interface PastChannel {
  readonly segment: number;
  /** Shared secret, channel key, and what each step that was taken had. */
  readonly past: readonly Secret[];
  /** The chain key that the next envelope is sealed with: a server that runs has this one. */
  readonly next: Secret;
}

/** How far a channel's steps are followed (spec/sealing.md, Finding mail). */
const lookAhead = 1024;
const none = new Uint8Array(0);

/** The channels of an identity, in all segments of a data directory, in order. */
export function channelsOf(data: string, name: string, identity: Identity): PastChannel[] {
  const { channels, cells } = contents(join(data, 'journal'));
  const tags = new Set(cells.envelopes.map((body) => body.toString('hex', 0, 32)));
  const shared = new SodiumMemory(32);
  const found: PastChannel[] = [];
  for (const { body, at, number } of channels) {
    if (!openChannel(body, identity, at, number)) continue;
    decapsulate(shared, body.subarray(0, 1120), identity);
    const secret = shared.read();
    const place = encodePlace(at, 'channels', number);
    const first = blake2b(secret, 'obalka chain v1', place, 32);
    const steps = stepsOf(first, tags);
    const of = (what: string) => `${what} of ${name}, channel ${number} of segment ${at.segment}`;
    const past = [
      { name: of('shared secret'), bytes: secret },
      { name: of('channel key'), bytes: blake2b(secret, 'obalka channel key v1', place, 32) },
      ...steps.flatMap((step, index) => [
        { name: of(`chain ${index}`), bytes: step.chain },
        { name: of(`secret ${index}`), bytes: step.secret },
        { name: of(`key ${index}`), bytes: step.key },
      ]),
    ];
    const next = { name: of('next chain'), bytes: steps.at(-1)?.nextChain ?? first };
    found.push({ segment: at.segment, past, next });
  }
  return found;
}

interface Step {
  readonly chain: Uint8Array;
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly nextChain: Uint8Array;
}

/** The steps up to the last one whose tag stands in an envelope. */
function stepsOf(first: Uint8Array, tags: ReadonlySet<string>): Step[] {
  const steps: Step[] = [];
  let last = 0;
  let chain = first;
  while (steps.length < last + lookAhead) {
    const secret = blake2b(chain, 'obalka secret v1', none, 32);
    const out = blake2b(chain, 'obalka step v1', none, 64);
    const step = { chain, secret, key: out.slice(32), nextChain: out.slice(0, 32) };
    steps.push(step);
    if (tags.has(sha256(secret).toString('hex'))) last = steps.length;
    chain = step.nextChain;
  }
  return steps.slice(0, last);
}
