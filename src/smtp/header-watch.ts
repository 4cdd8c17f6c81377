/** Header watch: how long the header of a content grows, and how many servers it has passed (RFC 5321 section 6.3). */
import { type Reply, replies } from './replies.js';

const CR = 13;
const LF = 10;
const name = Buffer.from('received:', 'latin1');
/** Places in a line beyond those of the name. */
const elsewhere = 100;
const afterFirstCr = 101;

/** Follows one header octet by octet only where a line begins; the rest of a line is skipped. */
export class HeaderWatch {
  readonly #octets: number;
  readonly #hops: number;
  #seen = 0;
  #received = 0;
  /** Octets of the name that this line has begun with, or one of the places beyond. */
  #place = 0;
  #done = false;
  #fault: Reply | undefined;

  /** `octets` of the longest header, its empty line counted; `hops`: most fields named Received. */
  constructor(limits: { readonly header: number; readonly hops: number }) {
    this.#octets = limits.header;
    this.#hops = limits.hops;
  }

  /** What is wrong with the header. */
  get fault(): Reply | undefined {
    return this.#fault;
  }

  /** Goes on in `bytes`; returns how many octets of it come before the fault, or all of them. */
  watch(bytes: Buffer): number {
    if (this.#done) return bytes.length;
    const end = Math.min(bytes.length, this.#octets - this.#seen);
    let at = 0;
    while (at < end) {
      if (this.#place === elsewhere) {
        const lf = bytes.indexOf(LF, at);
        if (lf < 0 || lf >= end) at = end;
        else {
          at = lf + 1;
          this.#place = 0;
        }
        continue;
      }
      const octet = bytes[at++] as number;
      if (octet === LF) {
        if (this.#place === afterFirstCr) return this.#finish(bytes.length);
        this.#place = 0;
      } else if (this.#place === 0 && octet === CR) this.#place = afterFirstCr;
      else if (this.#place !== afterFirstCr && lowerCase(octet) === name[this.#place]) {
        if (++this.#place < name.length) continue;
        this.#place = elsewhere;
        if (++this.#received > this.#hops) return this.#stop(replies.tooManyHops, at);
      } else this.#place = elsewhere;
    }
    this.#seen += end;
    return end < bytes.length ? this.#stop(replies.headerTooLarge, end) : end;
  }

  #finish(all: number): number {
    this.#done = true;
    return all;
  }

  #stop(fault: Reply, at: number): number {
    this.#done = true;
    this.#fault = fault;
    return at;
  }
}

/** Letters A to Z as a to z, any other octet as it is. */
function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}
