/** Bytes: joining, comparing, hexadecimal. */
import fc from 'fast-check';
import { ascii, concat, equal, fromHex, hex, view } from '../../src/core/bytes.js';
import { assert, suite } from '../support/suite.js';

suite('bytes', (test) => {
  test('hexadecimal does not come back, or something else is taken for it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = hex(bytes);
        assert.equal(fromHex(text, bytes.length), bytes);
        assert.is(fromHex(text, bytes.length + 1), undefined);
      }),
      { seed: 1 },
    );
    for (const text of ['A0', 'g0', '0', '000', ' 0', '0x', '٠0'])
      assert.is(fromHex(text, 1), undefined, text);
  });

  test('a window of an array shows bytes beside it', () => {
    const whole = Uint8Array.of(1, 2, 3, 4, 5);
    const window = whole.subarray(1, 3);
    assert.is(hex(window), '0203');
    assert.is(view(window).length, 2);
    assert.ok(equal(window, Uint8Array.of(2, 3)));
    assert.not.ok(equal(window, Uint8Array.of(2, 3, 4)));
    const joined = concat(window, ascii('\u00ff'), new Uint8Array(0));
    assert.is(hex(joined), '0203ff');
    joined[0] = 9;
    assert.is(whole[1], 2);
  });
});
