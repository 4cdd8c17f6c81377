/** The content decoder against its slow twin, on every cut. */
import fc from 'fast-check';
import { ContentDecoder } from '../../src/smtp/content-decoder.js';
import { assert, suite } from '../support/suite.js';
import { type Decoded, decodePlainly } from './plain-decoder.js';

/** Decodes chunk by chunk as the session does. */
function decode(input: string, cuts: readonly number[]): Decoded {
  const decoder = new ContentDecoder();
  const borders = [...new Set([...cuts.map((cut) => cut % (input.length + 1)), input.length])].sort(
    (a, b) => a - b,
  );
  let content = '';
  let start = 0;
  for (const border of borders) {
    const chunk = Buffer.from(input.slice(start, border), 'latin1');
    let at = 0;
    while (at < chunk.length && !decoder.ended) {
      content += decoder.decode(chunk, at).toString('latin1');
      at = decoder.at;
    }
    if (decoder.ended) return { content, bare: decoder.bare, end: start + at };
    start = border;
  }
  return { content, bare: decoder.bare, end: undefined };
}

const piece = fc.constantFrom('\r\n', '\r\n', '\r', '\n', '.', '.', '\r\n.', 'a', 'bcd', '\0', '\xff', ' ');
const inputs = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

suite('content decoder', (test) => {
  test('an end, a dot or a bare line end that depends on the cut', () => {
    fc.assert(
      fc.property(inputs, fc.array(fc.nat(), { maxLength: 6 }), (input, cuts) => {
        assert.equal(decode(input, cuts), decodePlainly(input));
      }),
      { numRuns: 30_000, seed: 2 },
    );
  });

  test('every input of up to six octets of CR, LF, dot and a letter, whole and octet by octet', () => {
    const alphabet = ['\r', '\n', '.', 'a'];
    let inputs = [''];
    for (let length = 1; length <= 6; length++) {
      inputs = inputs.flatMap((input) => alphabet.map((octet) => input + octet));
      for (const input of inputs) {
        const plain = decodePlainly(input);
        assert.equal(decode(input, []), plain, JSON.stringify(input));
        assert.equal(decode(input, [1, 2, 3, 4, 5, 6]), plain, JSON.stringify(input));
      }
    }
  });

  test('a chunk copied that has no stuffed dot, or cut into many pieces that has some', () => {
    const chunk = Buffer.from(`${'line\r\n'.repeat(1000)}rest`);
    const view = new ContentDecoder().decode(chunk, 0);
    assert.is(view.buffer, chunk.buffer);
    assert.is(view.length, chunk.length);
    const dotted = Buffer.from('..line\r\n'.repeat(1000));
    assert.is(new ContentDecoder().decode(dotted, 0).toString(), '.line\r\n'.repeat(1000));
  });

  test('input that makes it quadratic', () => {
    // Linear work on a megabyte takes well under a second in the worst of these; quadratic work takes minutes.
    for (const unit of ['\n', '\r', '\r\n', '.', '\r\n.', 'a\n', '\n\r', '\r\n..', '\r\n.\r']) {
      const chunk = Buffer.from(unit.repeat(Math.ceil(1_048_576 / unit.length)));
      const decoder = new ContentDecoder();
      const started = performance.now();
      for (let at = 0; at < chunk.length; at = decoder.at) decoder.decode(chunk, at);
      assert.ok(performance.now() - started < 20_000, JSON.stringify(unit));
    }
  });
});
