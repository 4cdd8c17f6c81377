/** DER: the few kinds of values that a certificate is made of (X.690, section 8 and 10). */

const lengthOf = (size: number): number[] => {
  if (size < 0x80) return [size];
  const octets: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
};

/** Any value: tag, length, and the octets of its parts one after the other. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOf(content.length)]), content]);
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
export const octetString = (content: Uint8Array) => der(0x04, content);
export const utf8String = (text: string) => der(0x0c, Buffer.from(text));
export const booleanTrue = der(0x01, Uint8Array.of(0xff));

/** A context-specific tag that holds whole values. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]) => der(0xa0 | number, ...parts);

/** A context-specific tag in the place of a primitive value's own. */
export const implicit = (number: number, content: Uint8Array) => der(0x80 | number, content);

/** Octets of a number that is not negative, most significant first. */
export function integer(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  const shortest = first < 0 ? Uint8Array.of(0) : octets.subarray(first);
  const positive = (shortest[0] as number) < 0x80 ? shortest : Buffer.concat([Uint8Array.of(0), shortest]);
  return der(0x02, positive);
}

/** Bits, a whole number of octets unless `unused` of the last are not there. */
export const bitString = (octets: Uint8Array, unused = 0) => der(0x03, Uint8Array.of(unused), octets);

/** "1.2.840.10045.4.3.2" */
export function objectIdentifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  const octets = [first * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      digits.unshift((rest % 128) | 0x80);
    return digits;
  });
  return der(0x06, Uint8Array.from(octets));
}

/** GeneralizedTime "YYYYMMDDHHMMSSZ", for years from 2050 on; UTCTime without the century before (RFC 5280, section 4.1.2.5). */
export function time(text: string): Uint8Array {
  return text >= '2050' ? der(0x18, Buffer.from(text)) : der(0x17, Buffer.from(text.slice(2)));
}
