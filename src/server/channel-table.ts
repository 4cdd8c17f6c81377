/** Channel table: the open channels of the lane's segment, one per recipient key; how the journal's cells get sealed. */
import { hex } from '../core/bytes.js';
import { rounded } from '../core/rounded.js';
import type { SegmentPlace } from '../format/place.js';
import type { Sealing } from '../journal/group-commit.js';
import type { SealingChain } from '../seal/chain.js';
import { coverEncapsulations, type Random, sealChannel } from '../seal/channel.js';
import { sealEnvelope } from '../seal/envelope.js';
import { throwAwayKey } from '../seal/keys.js';

/** A recipient key with its fingerprint. */
export interface RecipientKey {
  readonly publicKey: Uint8Array;
  readonly fingerprint: Uint8Array;
}

/** An envelope that waits to be sealed to a key, or to nobody: then its cell is filled with random octets. */
export interface PendingEnvelope {
  readonly key: RecipientKey | undefined;
  /** 1204 octets. */
  readonly plaintext: Uint8Array;
}

export interface ChannelTableOptions {
  /** Every key that a channel is opened for when a segment begins. */
  readonly activeKeys: () => readonly RecipientKey[];
  readonly random: Random;
  /** Above so many keys, channels are opened when first needed (spec/leaks.md says what that shows). */
  readonly maxEagerKeys?: number;
}

const defaultMaxEagerKeys = 1024;
/** Channels opened in mid-segment come in groups of so many, the rest decoys. */
const groupSize = 8;
const bodySize = 1264;
/** Encapsulations done before others get a turn, each of about 0.4 ms: a whole number of groups. */
const encapsulationsPerTurn = 16;

export class ChannelTable implements Sealing<PendingEnvelope> {
  readonly #options: ChannelTableOptions;
  #segment: SegmentPlace | undefined;
  readonly #chains = new Map<string, SealingChain>();
  readonly #revoked = new Set<string>();

  constructor(options: ChannelTableOptions) {
    this.#options = options;
  }

  async beginSegment(at: SegmentPlace): Promise<readonly Uint8Array[]> {
    this.#wipe();
    this.#segment = at;
    const active = this.#options
      .activeKeys()
      .filter(({ fingerprint }) => !this.#revoked.has(hex(fingerprint)));
    if (active.length > (this.#options.maxEagerKeys ?? defaultMaxEagerKeys)) return [];
    const bodies: Uint8Array[] = [];
    const keys = this.#withDecoys(active, rounded(active.length));
    for (const [number, key] of keys.entries()) {
      bodies.push(this.#open(key, at, number));
      if (number % encapsulationsPerTurn === encapsulationsPerTurn - 1)
        await new Promise((resolve) => setImmediate(resolve));
    }
    coverEncapsulations(this.#options.random);
    return bodies;
  }

  openChannels(envelopes: readonly PendingEnvelope[], at: SegmentPlace, next: number): readonly Uint8Array[] {
    const missing = new Map<string, RecipientKey>();
    for (const { key } of envelopes) {
      if (missing.size === encapsulationsPerTurn) break;
      if (!key) continue;
      const id = hex(key.fingerprint);
      if (!this.#chains.has(id) && !this.#revoked.has(id)) missing.set(id, key);
    }
    if (missing.size === 0) return [];
    const keys = this.#withDecoys([...missing.values()], Math.ceil(missing.size / groupSize) * groupSize);
    const bodies = keys.map((key, index) => this.#open(key, at, next + index));
    coverEncapsulations(this.#options.random);
    return bodies;
  }

  sealEnvelope(
    { key, plaintext }: PendingEnvelope,
    body: Uint8Array,
    at: SegmentPlace,
    number: number,
  ): void {
    if (!key) {
      body.set(this.#options.random(bodySize));
      return;
    }
    const chain = this.#chains.get(hex(key.fingerprint));
    if (!chain || at.segment !== this.#segment?.segment) throw new Error('no channel to this key');
    sealEnvelope(body, plaintext, chain, at, number, this.#options.random);
  }

  /** A key may be sealed to (again). Its channel is opened by `openChannels`. */
  admit(fingerprint: Uint8Array): void {
    this.#revoked.delete(hex(fingerprint));
  }

  /** Nothing is sealed to this key any more; its chain is wiped. */
  revoke(fingerprint: Uint8Array): void {
    const id = hex(fingerprint);
    this.#revoked.add(id);
    this.#chains.get(id)?.wipe();
    this.#chains.delete(id);
  }

  /** A decoy (no key, or one that was revoked meanwhile) is sealed for real: X-Wing is told from random bytes. */
  #open(key: RecipientKey | undefined, at: SegmentPlace, number: number): Uint8Array {
    const { random } = this.#options;
    const body = new Uint8Array(bodySize);
    const chain = sealChannel(body, key?.publicKey ?? throwAwayKey(random), at, number, random);
    if (key && !this.#revoked.has(hex(key.fingerprint))) this.#chains.set(hex(key.fingerprint), chain);
    else chain.wipe();
    return body;
  }

  /** The keys among decoys (undefined), `count` in all, in random order. */
  #withDecoys(keys: readonly RecipientKey[], count: number): (RecipientKey | undefined)[] {
    const all = [...keys, ...Array<undefined>(count - keys.length).fill(undefined)];
    return all
      .map((key) => ({ key, order: hex(this.#options.random(16)) }))
      .sort((a, b) => (a.order < b.order ? -1 : 1))
      .map(({ key }) => key);
  }

  #wipe(): void {
    for (const chain of this.#chains.values()) chain.wipe();
    this.#chains.clear();
  }
}
