/** Tree: the Merkle tree of RFC 6962, section 2.1, over the leaf data of a stream's cells (spec/checkpoints.md, Trees). */
import { sha256 } from '../core/sha256.js';
import { hashSize } from './cell.js';

const nothing = new Uint8Array(0);

/** The root of no cells: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(nothing);
}

/** The hash of one leaf, from the leaf data of a cell. */
export function leafHash(leafData: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + leafData.length);
  bytes.set(leafData, 1);
  return sha256(bytes);
}

/** The hash of two subtrees together. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * hashSize).fill(1, 0, 1);
  bytes.set(left, 1);
  bytes.set(right, 1 + hashSize);
  return sha256(bytes);
}

/** The largest power of two below a number of leaves, of at least two: where its tree is divided. */
export function divide(leaves: number): number {
  let left = 1;
  while (left * 2 < leaves) left *= 2;
  return left;
}

/**
 * The right edge of a tree that grows at its end: the roots of the largest whole subtrees, from left to right. It
 * remembers no leaf, and takes at most 53 hashes of room.
 */
export class TreeEdge {
  #size = 0;
  readonly #subtrees: Uint8Array[] = [];
  readonly #node = new Uint8Array(1 + 2 * hashSize).fill(1, 0, 1);
  /** 0x00 | leaf data, by the length of the data: hashing needs no copy but this. */
  #leaf = new Uint8Array(1 + hashSize);

  /** How many leaves were appended. */
  get size(): number {
    return this.#size;
  }

  /** Appends the leaf data of one cell: H, or tag | H (spec/journal.md, Cells). */
  append(leafData: Uint8Array): void {
    if (this.#leaf.length !== 1 + leafData.length) this.#leaf = new Uint8Array(1 + leafData.length);
    this.#leaf.set(leafData, 1);
    let hash: Uint8Array = sha256(this.#leaf);
    for (let whole = this.#size; whole % 2 === 1; whole = (whole - 1) / 2)
      hash = this.#join(this.#subtrees.pop() as Uint8Array, hash);
    this.#subtrees.push(hash);
    this.#size++;
  }

  /** The root of what was appended so far, 32 octets. More can be appended after it. */
  root(): Uint8Array {
    let root = this.#subtrees.at(-1);
    if (!root) return emptyRoot();
    for (let at = this.#subtrees.length - 2; at >= 0; at--)
      root = this.#join(this.#subtrees[at] as Uint8Array, root);
    return root;
  }

  #join(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#node.set(left, 1);
    this.#node.set(right, 1 + hashSize);
    return sha256(this.#node);
  }
}
