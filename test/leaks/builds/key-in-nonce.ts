/** A leaky build, in place of server/channel-table: the nonce of an envelope is the beginning of its key's fingerprint. */
import type { SegmentPlace } from '../../../src/format/place.js';
import {
  type ChannelTableOptions,
  type PendingEnvelope,
  ChannelTable as Sound,
} from '../../../src/server/channel-table.js';

export * from '../../../src/server/channel-table.js';

const nonceLength = 12;

export class ChannelTable extends Sound {
  readonly #sealingTo: { fingerprint: Uint8Array | undefined };

  constructor(options: ChannelTableOptions) {
    const sealingTo: { fingerprint: Uint8Array | undefined } = { fingerprint: undefined };
    const random = (length: number) =>
      length === nonceLength && sealingTo.fingerprint
        ? sealingTo.fingerprint.slice(0, nonceLength)
        : options.random(length);
    super({ ...options, random });
    this.#sealingTo = sealingTo;
  }

  override sealEnvelope(envelope: PendingEnvelope, body: Uint8Array, at: SegmentPlace, number: number): void {
    this.#sealingTo.fingerprint = envelope.key?.fingerprint;
    super.sealEnvelope(envelope, body, at, number);
  }
}
