/** Chain: steps that never repeat, never come back, and are the same on both sides. */
import { hex } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import { sodiumAead } from '../../src/seal/aead.js';
import { OpeningChain, SealingChain } from '../../src/seal/chain.js';
import { SodiumMemory } from '../../src/seal/sodium.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const first = bytesFrom('first chain key', 32);
const sealing = () => new SealingChain(SodiumMemory.of(first));
const opening = () => new OpeningChain(SodiumMemory.of(first));
const nonce = new Uint8Array(12);
const none = new Uint8Array(0);

/** What the next step of a chain seals the text "mail" to. */
function sealNext(chain: SealingChain): { tag: Uint8Array; sealed: Uint8Array } {
  const sealed = new Uint8Array(4 + 16);
  let tag: Uint8Array = none;
  chain.take((at, seal) => {
    tag = at;
    seal(sealed, nonce, at, Buffer.from('mail'));
  });
  return { tag, sealed };
}

suite('chain', (test) => {
  test('a tag, a secret or a key comes twice', () => {
    const chain = opening();
    const seen = new Set<string>([hex(first)]);
    const steps = 3000;
    for (let step = 0; step < steps; step++) {
      const { tag, secret, key } = chain.next();
      assert.is(hex(tag), hex(sha256(secret)), 'the tag is not the hash of what erases the envelope');
      for (const bytes of [tag, secret, key]) seen.add(hex(bytes));
    }
    assert.is(seen.size, 3 * steps + 1);
  });

  test('the owner finds another key than the one that was sealed with', () => {
    const [writer, reader] = [sealing(), opening()];
    for (let step = 0; step < 50; step++) {
      const { tag, sealed } = sealNext(writer);
      const expected = reader.next();
      assert.is(hex(tag), hex(expected.tag));
      assert.ok(sodiumAead.open(expected.key, nonce, tag, sealed));
    }
  });

  test('what is known of one step opens another', () => {
    const chain = opening();
    const [one, two] = [chain.next(), chain.next()];
    const writer = sealing();
    const [first, second] = [sealNext(writer), sealNext(writer)];
    assert.not.ok(sodiumAead.open(one.key, nonce, second.tag, second.sealed));
    assert.not.ok(sodiumAead.open(two.key, nonce, first.tag, first.sealed));
    assert.not.ok(sodiumAead.open(one.secret, nonce, first.tag, first.sealed), 'who may erase can read');
  });

  test('a step is taken again after its sealing failed', () => {
    const [writer, reader] = [sealing(), opening()];
    let failed: Uint8Array = none;
    const failing = () =>
      writer.take((tag) => {
        failed = tag;
        throw new Error('no place on the disk');
      });
    assert.throws(failing, /no place on the disk/);
    assert.is(hex(failed), hex(reader.next().tag));
    assert.is(hex(sealNext(writer).tag), hex(reader.next().tag));
  });

  test('a step fails after it sealed, and is taken again', () => {
    const [writer, reader] = [sealing(), opening()];
    assert.throws(() =>
      writer.take((tag, seal) => {
        seal(new Uint8Array(20), nonce, tag, Buffer.from('mail'));
        throw new Error('later');
      }),
    );
    reader.next();
    assert.is(hex(sealNext(writer).tag), hex(reader.next().tag));
  });

  test('a wiped chain seals', () => {
    const chain = sealing();
    sealNext(chain);
    chain.wipe();
    chain.wipe();
    assert.throws(() => sealNext(chain), /was wiped/);
  });

  test('the key of a step can be used after the step is over', () => {
    const kept: ((into: Uint8Array) => void)[] = [];
    const writer = sealing();
    writer.take((tag, seal) => void kept.push((into) => seal(into, nonce, tag, Buffer.from('mail'))));
    const late = new Uint8Array(20);
    kept[0]?.(late);
    const { tag, key } = opening().next();
    assert.not.ok(sodiumAead.open(key, nonce, tag, late));
  });
});
