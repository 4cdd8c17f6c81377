/** Trees: the roots of Certificate Transparency's tests, and those of RFC 6962's own words at every size. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { hex } from '../../src/core/bytes.js';
import { emptyRoot, TreeEdge } from '../../src/format/tree.js';
import { assert, suite } from '../support/suite.js';
import { readVectors } from '../support/vectors.js';

const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, word for word. */
function rootOf(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0] as Uint8Array);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

suite('trees', (test) => {
  test('the roots of Certificate Transparency come out otherwise', () => {
    const edge = new TreeEdge();
    const vectors = readVectors('trees.txt');
    assert.is(vectors.length, 8);
    for (const [at, vector] of vectors.entries()) {
      edge.append(vector.bytes('leaf'));
      assert.is(edge.size, at + 1);
      assert.is(hex(edge.root()), vector.text('root'));
    }
    assert.is(hex(emptyRoot()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assert.is(hex(new TreeEdge().root()), hex(emptyRoot()));
  });

  test('a root is not that of the definition, or asking for it changes the tree', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 96 }), { maxLength: 140 }), (leaves) => {
        const [asked, silent] = [new TreeEdge(), new TreeEdge()];
        for (const [at, leaf] of leaves.entries()) {
          asked.append(leaf);
          silent.append(leaf);
          const root = hex(asked.root());
          if (at % 16 === 0) assert.is(root, hex(rootOf(leaves.slice(0, at + 1))));
        }
        assert.is(hex(silent.root()), hex(rootOf(leaves)));
        assert.is(hex(asked.root()), hex(silent.root()));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test('a leaf that is changed after it was appended changes the tree', () => {
    const edge = new TreeEdge();
    const leaf = new Uint8Array(32).fill(5);
    edge.append(leaf);
    const root = hex(edge.root());
    leaf.fill(6);
    assert.is(hex(edge.root()), root);
  });
});
