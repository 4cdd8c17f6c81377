/** Postings: in which mails of an index part a term stands, and in which fields (spec/search.md, Format). */

/** A posting in memory: the mail's number in its part, and six bits of fields. */
export const fieldBits = 6;
export const allFields = (1 << fieldBits) - 1;

/** Octets that grow. */
export class Octets {
  #octets = new Uint8Array(256);
  length = 0;

  push(octet: number): void {
    if (this.length === this.#octets.length) this.#grow(1);
    this.#octets[this.length++] = octet;
  }

  /** Seven bits an octet, the lowest first; the highest bit says that more follow. */
  number(value: number): void {
    let left = value;
    for (; left > 0x7f; left = Math.floor(left / 128)) this.push((left & 0x7f) | 0x80);
    this.push(left);
  }

  append(octets: Uint8Array): void {
    if (this.length + octets.length > this.#octets.length) this.#grow(octets.length);
    this.#octets.set(octets, this.length);
    this.length += octets.length;
  }

  /** Valid until more is pushed. */
  get taken(): Uint8Array {
    return this.#octets.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  #grow(by: number): void {
    const grown = new Uint8Array(2 * (this.#octets.length + by));
    grown.set(this.#octets);
    this.#octets = grown;
  }
}

/** Thrown for octets of the cache that are not what they should be: the part is made anew. */
export class DamagedPart extends Error {}

/** Reads what Octets wrote. Throws DamagedPart beyond its end. */
export class OctetReader {
  constructor(
    readonly octets: Uint8Array,
    public at = 0,
    readonly end = octets.length,
  ) {}

  octet(): number {
    if (this.at >= this.end) throw new DamagedPart('the row ends early');
    return this.octets[this.at++] as number;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const octet = this.octet();
      value += (octet & 0x7f) * factor;
      if (octet < 0x80) return value;
    }
    throw new DamagedPart('a number is too long');
  }

  take(length: number): Uint8Array {
    this.skip(length);
    return this.octets.subarray(this.at - length, this.at);
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw new DamagedPart('the row ends early');
    this.at += length;
  }
}

/** Fields that most postings have: the body alone. */
const usual = 8;

/** Appends rising postings from `first` on, as long as they take no more than `room` octets. Gives how many there are. */
export function writePostings(
  into: Octets,
  postings: ArrayLike<number>,
  first: number,
  room: number,
): number {
  const start = into.length;
  let before = 0;
  let bits = usual;
  let at = first;
  for (; at < postings.length; at++) {
    const posting = postings[at] as number;
    const own = posting & allFields;
    const mail = posting >>> fieldBits;
    // A number of up to 26 bits and a bit takes four octets, and the fields one.
    if (into.length - start + 5 > room) break;
    into.number(((mail - before) << 1) | (own === bits ? 0 : 1));
    if (own !== bits) into.push(own);
    bits = own;
    before = mail;
  }
  return at - first;
}

/** Gives each posting. */
export function readPostings(octets: Uint8Array, take: (mail: number, fields: number) => void): void {
  const reader = new OctetReader(octets);
  let mail = 0;
  let bits = usual;
  while (reader.at < reader.end) {
    const value = reader.number();
    mail += Math.floor(value / 2);
    if (value % 2 === 1) bits = reader.octet();
    take(mail, bits);
  }
}
