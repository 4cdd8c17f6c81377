/** Bytes: joining, comparing and writing them down. */

/** Joins arrays into one new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Equality of public bytes; not for secrets. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

/** The bytes of a lower-case hexadecimal text, or undefined if it is not `length` bytes of that. */
export function fromHex(text: string, length: number): Uint8Array | undefined {
  return text.length === 2 * length && /^[0-9a-f]*$/.test(text)
    ? new Uint8Array(Buffer.from(text, 'hex'))
    : undefined;
}

/** ASCII text as bytes; for labels and heads. */
export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** The same bytes seen as a Buffer, without a copy. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
