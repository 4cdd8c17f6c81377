/** Proofs, made and checked by the program, and checked by the reference: the page's example, and every size up to 33. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  consistencyProof,
  inclusionProof,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/format/proofs.js';
import { fromHex, hex } from '../../tools/reference/bytes.js';
import { hashOf, leafData, place } from '../../tools/reference/cells.js';
import { treeHash } from '../../tools/reference/checkpoints.js';
import { isConsistent, isIncluded } from '../../tools/reference/proofs.js';
import { assert, suite } from '../support/suite.js';

const data = Array.from({ length: 33 }, (_, at) => Uint8Array.of(at, 7));
const heads = Array.from({ length: data.length + 1 }, (_, size) => {
  const root = treeHash(data.slice(0, size));
  return { program: { size, root }, reference: { size, root: hex(root) } };
});
const subtree = subtreesOf(data);

/** Leaf data of the page's example, segment 1; envelope 9 is that of journal.md. */
function exampleLeaves(): Uint8Array[] {
  const counting = (from: number) => hex(Uint8Array.from({ length: 16 }, (_, at) => from + at));
  const segment = { journal: counting(0), lane: counting(0x10), number: 1, id: counting(0x20) };
  const page = readFileSync(join(import.meta.dirname, '../../../spec/journal.md'), 'utf8');
  const shown = /leaf data, before and after\n +([0-9a-f]{64})\n +([0-9a-f]{64})/.exec(page) ?? [];
  return Array.from({ length: 12 }, (_, at) => {
    if (at === 9) return fromHex(`${shown[1]}${shown[2]}`);
    const body = new Uint8Array(1264).fill(0xd0 + at);
    return leafData('envelopes', { body, H: hashOf(place(segment, 'envelopes', at), body), holds: true });
  });
}

suite('proofs by the reference', (test) => {
  test("the page's proofs do not hold, or are not those that the program makes", () => {
    const page = readFileSync(join(import.meta.dirname, '../../../spec/checkpoints.md'), 'utf8');
    const shown = (label: string) =>
      fromHex(new RegExp(`^    ${label} +([0-9a-f]{64})$`, 'm').exec(page)?.[1] ?? '');
    const leaves = exampleLeaves();
    const twelve = { size: 12, root: hex(treeHash(leaves)) };
    assert.ok(page.includes(`envelopes 12 ${twelve.root}`));
    const included = ['leaf 8', 'leaves 10 to 11', 'leaves 0 to 7'].map(shown);
    assert.ok(isIncluded(leaves[9] as Uint8Array, 9, twelve, included));
    assert.equal(inclusionProof(9, 12, subtreesOf(leaves)).map(hex), included.map(hex));
    const five = { size: 5, root: hex(shown('root of 5')) };
    const consistent = ['leaf 4', 'leaf 5', 'leaves 6 to 7', 'leaves 0 to 3', 'leaves 8 to 11'].map(shown);
    assert.ok(isConsistent(five, twelve, consistent));
    assert.equal(consistencyProof(5, 12, subtreesOf(leaves)).map(hex), consistent.map(hex));
  });

  test('it refuses a proof that the program makes', () => {
    for (const { reference: newer } of heads) {
      for (let index = 0; index < newer.size; index++)
        assert.ok(
          isIncluded(data[index] as Uint8Array, index, newer, inclusionProof(index, newer.size, subtree)),
        );
      for (const { reference: older } of heads.slice(0, newer.size + 1))
        assert.ok(isConsistent(older, newer, consistencyProof(older.size, newer.size, subtree)));
    }
  });

  test('program and reference judge a proof differently, with one of its hashes, sizes or places altered', () => {
    const size = fc.nat(data.length);
    const hashes = fc.array(fc.nat(data.length), { maxLength: 2 });
    fc.assert(
      fc.property(size, size, size, fc.nat(6), hashes, (a, b, index, cut, more) => {
        const [small, large] = a < b ? [a, b] : [b, a];
        if (index < large) {
          const proof = inclusionProof(index, large, subtree).slice(0, 7 - cut);
          const longer = [...proof, ...more.map((at) => treeHash(data.slice(0, at)))];
          const [leaf, { program, reference }] = [data[index] as Uint8Array, heads[b] as (typeof heads)[0]];
          assert.is(
            verifyInclusion(leaf, index, program, longer),
            isIncluded(leaf, index, reference, longer),
          );
        }
        const [older, newer] = [heads[small] as (typeof heads)[0], heads[large] as (typeof heads)[0]];
        const made = consistencyProof(small, large, subtree).slice(0, 7 - cut);
        const longer = [...made, ...more.map((at) => treeHash(data.slice(0, at)))];
        for (const proof of [made, longer, longer.slice(1)])
          assert.is(
            verifyConsistency(older.program, newer.program, proof),
            isConsistent(older.reference, newer.reference, proof),
          );
      }),
      { seed: 1, numRuns: 600 },
    );
  });
});
