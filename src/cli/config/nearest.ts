/** Nearest word: which of some words somebody may have meant. */

/** The word that a few slips make of this one; undefined where none is near. Case and hyphens are no difference. */
export function nearest(written: string, words: readonly string[]): string | undefined {
  const plain = (word: string) => word.toLowerCase().replace(/[-_]/g, '');
  const bare = plain(written).slice(0, 64);
  const [best] = words
    .map((word) => ({ word, slips: distance(bare, plain(word)) }))
    .sort((one, other) => one.slips - other.slips);
  return best !== undefined && best.slips <= Math.max(1, Math.floor(bare.length / 3)) ? best.word : undefined;
}

/** Letters to put in, leave out, change, or exchange with their neighbour (optimal string alignment). */
function distance(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= from.length; row++) {
    const now = [row];
    for (let at = 1; at <= to.length; at++) {
      const same = from[row - 1] === to[at - 1];
      const exchanged = from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1];
      now.push(
        Math.min(
          (last[at] as number) + 1,
          (now[at - 1] as number) + 1,
          (last[at - 1] as number) + (same ? 0 : 1),
          exchanged ? (before[at - 2] as number) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, now];
  }
  return last[to.length] as number;
}
