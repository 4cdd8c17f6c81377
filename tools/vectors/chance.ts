/** Chance: octets that look random and follow from a label alone. A new vector changes no other, as each has its own label. */
import { createHash } from 'node:crypto';

/** The next `length` octets. */
export type Chance = (length: number) => Uint8Array;

/** SHAKE-256 in counter mode: draw n of a label is SHAKE-256("obalka vectors v1 | LABEL | n"). */
export function chance(label: string): Chance {
  let drawn = 0;
  return (length) => {
    const input = `obalka vectors v1 | ${label} | ${drawn++}`;
    return new Uint8Array(createHash('shake256', { outputLength: length }).update(input).digest());
  };
}
