/** The little of CBOR (RFC 8949) that stands in an envelope's texts and in a prelude: sealing.md, Envelope plaintext. */
import { Fault, number } from './bytes.js';

/** A byte string, a text, an array, or a map. Nothing else stands in a journal. */
export type Cbor = Uint8Array | string | Cbor[] | Map<Cbor, Cbor>;

/** The one item that these octets are. Heads need not be the shortest; lengths must be definite. */
export function decodeCbor(octets: Uint8Array, place: string): Cbor {
  let at = 0;
  const bad = (what: string) => new Fault(place, `CBOR: ${what}`);

  function take(length: number): Uint8Array {
    if (length > octets.length - at) throw bad('ends too early');
    at += length;
    return octets.slice(at - length, at);
  }

  /** What stands in the low five bits of a head, or in the 1, 2, 4 or 8 octets that follow it. */
  function argument(low: number): number {
    if (low < 24) return low;
    const length = ([1, 2, 4, 8] as const)[low - 24];
    if (length === undefined) throw bad('a length that is not definite');
    return number(take(length), 0, length);
  }

  function text(utf8: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8);
    } catch {
      throw bad('a text that is not UTF-8');
    }
  }

  function item(depth: number): Cbor {
    if (depth > 4) throw bad('too deep');
    const head = number(take(1), 0, 1);
    const count = argument(head & 31);
    const type = head >> 5;
    if (type === 2) return take(count);
    if (type === 3) return text(take(count));
    if (type !== 4 && type !== 5) throw bad(`an item of type ${type}`);
    const items: Cbor[] = [];
    for (let i = 0; i < count * (type - 3); i += 1) items.push(item(depth + 1));
    if (type === 4) return items;
    return new Map(items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1] as Cbor]] : [])));
  }

  const whole = item(0);
  if (at !== octets.length) throw bad('octets behind the item');
  return whole;
}
