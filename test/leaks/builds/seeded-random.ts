/**
 * In place of cli/random: the numbers that fillers and their places are drawn by (2 octets), and the ids and the order of
 * channels (16), follow from a seed in the environment. Keys, nonces and the fillers themselves are the system's.
 */
import { random as systemRandom } from '../../../src/cli/random.js';
import { chance } from '../../support/chance.js';

const seed = process.env.GAME_SEED ?? '';
const seeded = new Map([2, 16].map((length) => [length, chance(`${seed} ${length}`)]));

export function random(length: number): Uint8Array {
  return (seeded.get(length) ?? systemRandom)(length);
}
