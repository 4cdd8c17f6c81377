/** Term numbers: a number for each term, found by its octets: a text made of each word of a mail would cost more than all else. */

/** Terms in UTF-8, one behind the other, by their numbers. */
export class TermOctets {
  octets = new Uint8Array(4096);
  /** Where each begins; behind the last, where that ends. */
  starts = new Uint32Array(512);
  size = 0;

  /** Gives the number. */
  push(from: Uint8Array, start: number, end: number): number {
    const at = this.starts[this.size] as number;
    const length = end - start;
    if (at + length > this.octets.length) {
      const grown = new Uint8Array(2 * (this.octets.length + length));
      grown.set(this.octets.subarray(0, at));
      this.octets = grown;
    }
    if (this.size + 1 === this.starts.length) this.starts = grown(this.starts);
    for (let index = 0; index < length; index++) this.octets[at + index] = from[start + index] as number;
    this.starts[++this.size] = at + length;
    return this.size - 1;
  }

  /** Many at once, one behind the other. */
  append(octets: Uint8Array, lengths: ArrayLike<number>): void {
    let at = 0;
    for (let index = 0; index < lengths.length; index++) {
      const end = at + (lengths[index] as number);
      this.push(octets, at, end);
      at = end;
    }
  }

  text(number: number): string {
    const { buffer, byteOffset } = this.octets;
    const start = this.starts[number] as number;
    return Buffer.from(buffer, byteOffset + start, (this.starts[number + 1] as number) - start).toString();
  }

  /** The room stays as large as it is. */
  clear(): void {
    this.size = 0;
  }
}

export class TermNumbers {
  readonly terms = new TermOctets();
  /** By number. */
  #hashes = new Int32Array(512);
  /** One more than the number of a term, at its hash or in the next places that were free; never more than half full. */
  #slots = new Int32Array(1024);

  get size(): number {
    return this.terms.size;
  }

  /** The number of a term; the next one if it has none yet. `hash` is that of hashOf. */
  number(from: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (slots[slot] as number) - 1;
      if (found < 0) break;
      if (this.#hashes[found] === hash && this.#isSame(found, from, start, end)) return found;
      slot = (slot + 1) & mask;
    }
    const number = this.terms.push(from, start, end);
    if (number === this.#hashes.length) this.#hashes = grown(this.#hashes);
    this.#hashes[number] = hash;
    slots[slot] = number + 1;
    if (2 * this.size > slots.length) this.#spread();
    return number;
  }

  /** The rooms stay as large as they are. */
  clear(): void {
    this.terms.clear();
    this.#slots.fill(0);
  }

  #isSame(number: number, from: Uint8Array, start: number, end: number): boolean {
    const { octets, starts } = this.terms;
    let at = starts[number] as number;
    if ((starts[number + 1] as number) - at !== end - start) return false;
    for (let other = start; other < end; other++) if (octets[at++] !== from[other]) return false;
    return true;
  }

  #spread(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.size; number++) {
      let slot = (this.#hashes[number] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** Drawn anew for each process: who writes a mail does not know which terms meet in one place. */
const start = (Math.random() * 2 ** 32) | 0;
const factor = ((Math.random() * 2 ** 32) & ~7) | 5;

/** 32 bits of octets. The same in `beginHash`, `addOctet` for each, and `endHash`. */
export function hashOf(from: Uint8Array, first: number, end: number): number {
  let hash = beginHash;
  for (let at = first; at < end; at++) hash = addOctet(hash, from[at] as number);
  return endHash(hash);
}

export const beginHash = start;

export function addOctet(hash: number, octet: number): number {
  return Math.imul(hash ^ octet, factor);
}

/** The low bits, which choose the place, come to depend on all. */
export function endHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/** Twice the room, or as much as is needed. */
export function grown<T extends Uint32Array | Int32Array>(old: T, needed = 0): T {
  const Kind = old.constructor as new (length: number) => T;
  const room = new Kind(Math.max(2 * old.length, needed));
  room.set(old);
  return room;
}
