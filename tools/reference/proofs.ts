/** Proofs of inclusion and consistency, checked as checkpoints.md, Checking a proof, words it: from the root downward. */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromHex, hex, join } from './bytes.js';
import type { Tree } from './checkpoints.js';

class NoProof extends Error {}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(join(fromHex('01'), left, right));
}

function largestPowerBelow(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** The proof without its last hash, and that hash. */
function split(proof: readonly Uint8Array[]): [Uint8Array[], Uint8Array] {
  const last = proof.at(-1);
  if (last?.length !== 32) throw new NoProof();
  return [proof.slice(0, -1), last];
}

function rootWith(leaf: Uint8Array, i: number, n: number, proof: readonly Uint8Array[]): Uint8Array {
  if (n === 1) {
    if (proof.length > 0) throw new NoProof();
    return sha256(join(fromHex('00'), leaf));
  }
  const k = largestPowerBelow(n);
  const [rest, last] = split(proof);
  if (i < k) return node(rootWith(leaf, i, k, rest), last);
  return node(last, rootWith(leaf, i - k, n - k, rest));
}

/** Whether leaf data is leaf `i` of the tree. */
export function isIncluded(leaf: Uint8Array, i: number, tree: Tree, proof: readonly Uint8Array[]): boolean {
  return !(i < 0 || i >= tree.size) && holds(() => hex(rootWith(leaf, i, tree.size, proof)) === tree.root);
}

/** Roots of `m` and of `n` leaves. `known` is the root of `m` leaves, where these are the beginning of the whole tree. */
function bothRoots(
  m: number,
  n: number,
  proof: readonly Uint8Array[],
  known: Uint8Array | undefined,
): [Uint8Array, Uint8Array] {
  if (m === n) {
    if (proof.length !== (known ? 0 : 1)) throw new NoProof();
    const root = known ?? split(proof)[1];
    return [root, root];
  }
  const k = largestPowerBelow(n);
  const [rest, last] = split(proof);
  if (m <= k) {
    const [older, newer] = bothRoots(m, k, rest, known);
    return [older, node(newer, last)];
  }
  const [older, newer] = bothRoots(m - k, n - k, rest, undefined);
  return [node(last, older), node(last, newer)];
}

/** Whether the older tree is the beginning of the newer one. */
export function isConsistent(older: Tree, newer: Tree, proof: readonly Uint8Array[]): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root === newer.root;
  if (older.size === 0) return proof.length === 0 && older.root === hex(sha256(new Uint8Array()));
  return holds(() => {
    const [before, after] = bothRoots(older.size, newer.size, proof, fromHex(older.root));
    return hex(before) === older.root && hex(after) === newer.root;
  });
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof NoProof) return false;
    throw error;
  }
}
