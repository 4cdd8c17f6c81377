/** The little of CBOR (RFC 8949) that stands in an envelope's texts and in a prelude. */
import { Fault, number } from './bytes.js';

export type Cbor = number | string | Uint8Array | Cbor[] | Map<Cbor, Cbor>;

/** The one item that these octets are. Heads need not be the shortest; lengths must be definite. */
export function decodeCbor(octets: Uint8Array, place: string): Cbor {
  let at = 0;
  const bad = (what: string) => new Fault(place, `CBOR: ${what}`);

  function take(length: number): Uint8Array {
    if (length > octets.length - at) throw bad('ends too early');
    at += length;
    return octets.subarray(at - length, at);
  }

  /** The argument of a head: in its low five bits, or in the 1, 2, 4 or 8 octets that follow. */
  function argument(low: number): number {
    if (low < 24) return low;
    const length = ([1, 2, 4, 8] as const)[low - 24];
    if (length === undefined) throw bad('a length that is not definite');
    return number(take(length), 0, length);
  }

  function item(depth: number): Cbor {
    if (depth > 4) throw bad('too deep');
    const head = number(take(1), 0, 1);
    const value = argument(head & 31);
    switch (head >> 5) {
      case 0:
        return value;
      case 2:
        return take(value).slice();
      case 3:
        return text(take(value));
      case 4: {
        const array: Cbor[] = [];
        for (let i = 0; i < value; i += 1) array.push(item(depth + 1));
        return array;
      }
      case 5: {
        const map = new Map<Cbor, Cbor>();
        for (let i = 0; i < value; i += 1) {
          const key = item(depth + 1);
          map.set(key, item(depth + 1));
        }
        return map;
      }
      default:
        throw bad(`an item of type ${head >> 5}`);
    }
  }

  function text(utf8: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8);
    } catch {
      throw bad('text that is not UTF-8');
    }
  }

  const whole = item(0);
  if (at !== octets.length) throw bad('octets behind the item');
  return whole;
}
