/** Mail: one envelope of ours, as it was opened. A mailbox may hold a hundred thousand, so it is read out when asked. */
import { hex } from '../core/bytes.js';
import { addressingOf, decodeEnvelope, type Envelope } from '../format/envelope.js';
import { describePlace, type SegmentPlace } from '../format/place.js';
import type { Identity } from '../seal/keys.js';

export class Mail {
  readonly id: string;
  /** The identity that opens it. */
  readonly identity: Identity;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** The segment in which the envelope stands, and its number there. */
  readonly at: SegmentPlace;
  readonly number: number;
  readonly #plaintext: Uint8Array;

  /** Throws FormatError if the opened envelope (1204 octets) is not what it should be. */
  constructor(id: string, identity: Identity, at: SegmentPlace, number: number, plaintext: Uint8Array) {
    this.id = id;
    this.identity = identity;
    this.at = at;
    this.number = number;
    this.#plaintext = plaintext;
    this.receivedAt = this.envelope.receivedAt;
  }

  /** "lane 3f9a0c21, segment 12, envelope 8192". */
  get place(): string {
    return describePlace(this.at, 'envelopes', this.number);
  }

  /** The lane's id in hexadecimal. */
  get lane(): string {
    return hex(this.at.lane);
  }

  /** As `Envelope.flags`. */
  get flags(): number {
    return this.#plaintext[2] as number;
  }

  /** Mails that share it have the same recipient, way and key set. */
  get addressing(): string {
    return addressingOf(this.#plaintext);
  }

  get envelope(): Envelope {
    if (readLast?.mail !== this)
      readLast = { mail: this, envelope: decodeEnvelope(this.#plaintext, this.place) };
    return readLast.envelope;
  }
}

/** Whoever opens a mail asks for its envelope many times in a row. */
let readLast: { readonly mail: Mail; readonly envelope: Envelope } | undefined;
