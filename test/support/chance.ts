/** Chance from a seed: bytes that look random and are the same in every run. */
import { createHash } from 'node:crypto';

export type Chance = (length: number) => Uint8Array;

/** Bytes that depend on the words alone. */
export function bytesFrom(words: string, length: number): Uint8Array {
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(words).digest());
}

/** A source that never gives the same bytes twice. */
export function chance(seed: string): Chance {
  let drawn = 0;
  return (length) => bytesFrom(`${seed} ${drawn++}`, length);
}

/** The same, but a lane that draws the number of its first fillers gets at most `most`: less to write and to read. */
export function withFewFillers(random: Chance, most = 3): Chance {
  return (length) => {
    const bytes = random(length);
    return length === 2 ? Uint8Array.of(0, (bytes[1] as number) % (most + 1)) : bytes;
  };
}
