/** Proofs: that a cell stands in a tree, and that one tree is the beginning of another, without the cells (spec/checkpoints.md, Proofs). */
import { equal } from '../core/bytes.js';
import { hashSize } from './cell.js';
import type { TreeHead } from './checkpoint.js';
import { divide, emptyRoot, leafHash, nodeHash } from './tree.js';

/**
 * The hash of `count` leaves, one or more, from leaf `first` on. Whoever proves often keeps those of whole subtrees:
 * `first` is always a multiple of a power of two that is not below `count`.
 */
export type Subtree = (first: number, count: number) => Uint8Array;

/** Subtrees of leaf data in memory, each worked out anew. */
export function subtreesOf(leaves: readonly Uint8Array[]): Subtree {
  const subtree = (first: number, count: number): Uint8Array => {
    if (count === 1) return leafHash(leaves[first] as Uint8Array);
    const left = divide(count);
    return nodeHash(subtree(first, left), subtree(first + left, count - left));
  };
  return subtree;
}

/**
 * The proof that leaf `index` stands in the tree of the first `size` leaves: the hashes beside its way up, from the leaf
 * to the root. Throws RangeError unless 0 <= index < size.
 */
export function inclusionProof(index: number, size: number, subtree: Subtree): Uint8Array[] {
  if (!(isSize(index) && isSize(size) && index < size)) throw new RangeError(`no leaf ${index} of ${size}`);
  const proof: Uint8Array[] = [];
  let [first, count] = [0, size];
  while (count > 1) {
    const left = divide(count);
    if (index < first + left) {
      proof.push(subtree(first + left, count - left));
      count = left;
    } else {
      proof.push(subtree(first, left));
      first += left;
      count -= left;
    }
  }
  return proof.reverse();
}

/** Whether this leaf data stands at `index` in the tree of this size and root. False for whatever is no proof. */
export function verifyInclusion(
  leafData: Uint8Array,
  index: number,
  { size, root }: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !proof.every(isHash)) return false;
  let hash = leafHash(leafData);
  // Where the way stands, and where the last leaf's stands, on each level from the leaves up.
  let [at, last] = [index, size - 1];
  for (const other of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(other, hash);
      // At the right edge a subtree may stand some levels higher than its neighbour.
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(hash, other);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/**
 * The proof that the tree of the first `older` leaves is the beginning of the tree of the first `newer`. Empty if there is
 * nothing to prove: both are one, or the older one has no leaves. Throws RangeError unless 0 <= older <= newer.
 */
export function consistencyProof(older: number, newer: number, subtree: Subtree): Uint8Array[] {
  if (!(isSize(older) && isSize(newer) && older <= newer))
    throw new RangeError(`${older} of ${newer} leaves`);
  if (older === 0 || older === newer) return [];
  const proof: Uint8Array[] = [];
  let [first, count, wanted] = [0, newer, older];
  // Whether the subtree that is looked at begins where the older tree does: its root is known then.
  let isWhole = true;
  while (wanted !== count) {
    const left = divide(count);
    if (wanted <= left) {
      proof.push(subtree(first + left, count - left));
      count = left;
    } else {
      proof.push(subtree(first, left));
      first += left;
      count -= left;
      wanted -= left;
      isWhole = false;
    }
  }
  if (!isWhole) proof.push(subtree(first, count));
  return proof.reverse();
}

/** Whether the older tree is the beginning of the newer one. False for whatever is no proof. */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size || !proof.every(isHash))
    return false;
  if (older.size === newer.size) return proof.length === 0 && equal(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && equal(older.root, emptyRoot());
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // A power of two of leaves is a subtree of both trees, and its root is the older one.
  const [begin, ...rest] = at === 0 ? [older.root, ...proof] : proof;
  if (!begin) return false;
  let [before, after] = [begin, begin];
  for (const other of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = nodeHash(other, before);
      after = nodeHash(other, after);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else after = nodeHash(after, other);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(before, older.root) && equal(after, newer.root);
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function isSize(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === hashSize;
}
