/** Octets, numbers and letters as the conventions have them (sealing.md, Conventions), and what a fault is. */

/** Something is not as the specification says: where (journal.md, Naming places), and what. */
export class Fault extends Error {
  constructor(
    readonly place: string,
    readonly what: string,
  ) {
    super(`${place}: ${what}`);
  }
}

/** Does something, and keeps the fault that it met, if any. */
export function keepFault(faults: Fault[], act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    faults.push(error);
  }
}

/** `a | b | …` */
export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function areZeros(octets: Uint8Array): boolean {
  return octets.every((octet) => octet === 0);
}

/** An unsigned big-endian number. One of 2^53 or more comes out as such, not exactly. */
export function number(octets: Uint8Array, at: number, length: 1 | 2 | 4 | 8): number {
  return octets.subarray(at, at + length).reduce((value, octet) => value * 256 + octet, 0);
}

/** `u8`, `u16`, `u32`, `u64` of a number below 2^53. */
export function unsigned(value: number, length: 1 | 2 | 4 | 8): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * length, '0'));
}

/** One character for each octet, and back: ASCII where the specification says so. */
export function latin(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** RFC 4648 base32, lower case, without padding signs; bits that fill the last letter are zero. */
export function base32(octets: Uint8Array): string {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  const letter = (five: string) =>
    'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)];
  return (bits.match(/.{1,5}/g) ?? []).map(letter).join('');
}
