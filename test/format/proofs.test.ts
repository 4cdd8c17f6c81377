/** Proofs: those of Certificate Transparency's tests, and at every size what holds, and nothing beside it. */
import fc from 'fast-check';
import { hex } from '../../src/core/bytes.js';
import {
  consistencyProof,
  inclusionProof,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/format/proofs.js';
import { emptyRoot, TreeEdge } from '../../src/format/tree.js';
import { assert, suite } from '../support/suite.js';
import { readVectors } from '../support/vectors.js';

function headOf(leaves: readonly Uint8Array[]): { size: number; root: Uint8Array } {
  const edge = new TreeEdge();
  for (const leaf of leaves) edge.append(leaf);
  return { size: edge.size, root: edge.root() };
}

const mostLeaves = 70;
const leaves = fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), {
  minLength: 1,
  maxLength: mostLeaves,
});
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The proof with one thing done to it: never the proof itself. */
function altered(proof: readonly Uint8Array[], way: number, at: number): Uint8Array[] {
  const copy = proof.map((one) => Uint8Array.from(one));
  const place = proof.length === 0 ? 0 : at % proof.length;
  const one = copy[place];
  if (!one || way === 0) return [...copy, new Uint8Array(32)];
  if (way === 1) copy.splice(place, 1);
  else if (way === 2) one[at % 32] = (one[at % 32] as number) ^ 1;
  else if (way === 3) copy[place] = one.subarray(1);
  else copy.splice(place, 0, one);
  return copy;
}

suite('proofs', (test) => {
  test("the proofs of Certificate Transparency's tests come out otherwise, or do not hold", () => {
    const data = readVectors('trees.txt').map((vector) => vector.bytes('leaf'));
    const vectors = readVectors('proofs.txt');
    assert.is(vectors.length, 9);
    for (const vector of vectors) {
      const newer = headOf(data.slice(0, Number(vector.text('size'))));
      const subtree = subtreesOf(data);
      const isInclusion = vector.has('leaf');
      const number = Number(vector.text(isInclusion ? 'leaf' : 'older'));
      const proof = isInclusion
        ? inclusionProof(number, newer.size, subtree)
        : consistencyProof(number, newer.size, subtree);
      assert.is(proof.map(hex).join(' '), vector.has('proof') ? vector.text('proof') : '');
      if (isInclusion) assert.ok(verifyInclusion(data[number] as Uint8Array, number, newer, proof));
      else assert.ok(verifyConsistency(headOf(data.slice(0, number)), newer, proof));
    }
  });

  test('a leaf is not proved, or one that is not there is', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(4), fc.nat(), hash, (data, number, way, at, other) => {
        const head = headOf(data);
        const index = number % data.length;
        const leaf = data[index] as Uint8Array;
        const proof = inclusionProof(index, data.length, subtreesOf(data));
        assert.ok(verifyInclusion(leaf, index, head, proof));
        assert.ok(proof.length <= Math.ceil(Math.log2(data.length)));
        assert.not(verifyInclusion(Uint8Array.of(...leaf, 1), index, head, proof));
        assert.not(verifyInclusion(leaf, index, { ...head, root: other }, proof));
        assert.not(verifyInclusion(leaf, index, head, altered(proof, way, at)));
        for (const bad of [-1, 0.5, Number.NaN, data.length, 2 ** 53])
          assert.not(verifyInclusion(leaf, bad, head, proof));
        for (const [elsewhere, one] of data.entries())
          if (hex(one) !== hex(leaf)) assert.not(verifyInclusion(leaf, elsewhere, head, proof));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  test('the beginning of a tree is not proved, or another one is', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(4), fc.nat(), hash, (data, number, way, at, other) => {
        const newer = headOf(data);
        const older = headOf(data.slice(0, number % (data.length + 1)));
        const proof = consistencyProof(older.size, newer.size, subtreesOf(data));
        assert.ok(verifyConsistency(older, newer, proof));
        assert.not(verifyConsistency(older, newer, altered(proof, way, at)));
        assert.not(verifyConsistency({ ...older, root: other }, newer, proof));
        if (older.size > 0) assert.not(verifyConsistency(older, { ...newer, root: other }, proof));
        if (older.size < newer.size) assert.not(verifyConsistency(newer, older, proof));
        // A leaf before the older end was exchanged: no proof that can be made of the new leaves holds.
        if (older.size === 0) return;
        const forged = [...data];
        forged[at % older.size] = Uint8Array.of(...(data[at % older.size] as Uint8Array), 1);
        const made = consistencyProof(older.size, data.length, subtreesOf(forged));
        assert.not(verifyConsistency(older, headOf(forged), made));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  test('at some size up to 40, a proof does not hold', () => {
    const data = Array.from({ length: 40 }, (_, at) => Uint8Array.of(at));
    const heads = data.map((_, at) => headOf(data.slice(0, at + 1)));
    const subtree = subtreesOf(data);
    for (const newer of heads) {
      for (let index = 0; index < newer.size; index++)
        assert.ok(
          verifyInclusion(
            data[index] as Uint8Array,
            index,
            newer,
            inclusionProof(index, newer.size, subtree),
          ),
        );
      for (const older of heads.slice(0, newer.size))
        assert.ok(verifyConsistency(older, newer, consistencyProof(older.size, newer.size, subtree)));
    }
  });

  test('what cannot be proved is, or nothing at all is refused', () => {
    const subtree = subtreesOf([Uint8Array.of(1), Uint8Array.of(2)]);
    for (const [index, size] of [
      [2, 2],
      [-1, 2],
      [0, 0],
      [0.5, 2],
    ] as const)
      assert.throws(() => inclusionProof(index, size, subtree), /no leaf/);
    for (const [older, newer] of [
      [3, 2],
      [-1, 2],
      [0.5, 2],
    ] as const)
      assert.throws(() => consistencyProof(older, newer, subtree), /leaves/);
    const none = { size: 0, root: emptyRoot() };
    const one = headOf([Uint8Array.of(1)]);
    assert.ok(verifyConsistency(none, one, []));
    assert.ok(verifyConsistency(none, none, []));
    assert.not(verifyConsistency({ size: 0, root: one.root }, one, []));
    assert.not(verifyInclusion(new Uint8Array(0), 0, none, []));
  });

  test('whatever octets come as a proof are answered by a throw', () => {
    const anything = fc.array(fc.uint8Array({ maxLength: 33 }), { maxLength: 60 });
    const size = fc.oneof(fc.nat(), fc.integer(), fc.maxSafeNat());
    fc.assert(
      fc.property(anything, size, size, hash, (proof, one, other, root) => {
        assert.not(verifyInclusion(root, one, { size: other, root }, proof));
        if (one !== other) assert.not(verifyConsistency({ size: one, root }, { size: other, root }, proof));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
