/** Words: what a person types finds what a sender wrote, whatever its case, accents and script. */
import fc from 'fast-check';
import { fold } from '../../../src/reader/search/folding.js';
import { hashOf, TermNumbers } from '../../../src/reader/search/term-numbers.js';
import { couple, eachOctetWord, eachWord, longestWord } from '../../../src/reader/search/words.js';
import { assert, suite } from '../../support/suite.js';

function words(text: string): string[] {
  const found: string[] = [];
  eachWord(text, (word, isJoined) => found.push(isJoined ? `+${word}` : word) > 0);
  return found;
}

/** The same as the specification has it, word for word. */
function slowly(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(
      /\p{Cf}|(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]/gu,
      '',
    )
    .replaceAll('ς', 'σ')
    .normalize('NFC');
  assert.is(fold(text), folded);
  const apart =
    '\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Hangul}\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}';
  const letters = '[\\p{L}\\p{M}\\p{N}]';
  // As a text, because the compiler knows no flag v.
  const anyWord = new RegExp(`[${letters}&&[${apart}]]|[${letters}--[${apart}]]+`, 'gv');
  let end = -1;
  return [...folded.matchAll(anyWord)].map(({ 0: word, index }) => {
    const isJoined = end >= 0 && /^\S?$/u.test(folded.slice(end, index));
    end = index + word.length;
    const isHalf = (word.codePointAt(longestWord - 1) ?? 0) > 0xffff;
    return `${isJoined ? '+' : ''}${word.slice(0, longestWord - (isHalf ? 1 : 0))}`;
  });
}

suite('words', (test) => {
  test('a word is not found because of its case, an accent, or the form of a letter', () => {
    for (const [written, typed] of [
      ['Obálka', 'obalka'],
      ['Oba\u0301lka', 'OBÁLKA'],
      ['STRASSE', 'straße'],
      ['STRAẞE', 'straße'],
      ['ΟΔΟΣ', 'οδός'],
      ['İstanbul', 'istanbul'],
      ['ﬁnal', 'final'],
      ['ｆｕｌｌ', 'full'],
      ['ｶﾞ', 'ガ'],
      ['soft\u00adhyphen', 'softhyphen'],
      ['zero\u200bwidth', 'zerowidth'],
      ['مُحَمَّد', 'محمد'],
      ['한국', '한국'.normalize('NFD')],
      ['Ёлка', 'елка'],
    ] as const)
      assert.is(fold(written), fold(typed), written);
  });

  test('letters that are others count as the same', () => {
    assert.is.not(fold('ハハ'), fold('パパ'));
    assert.is.not(fold('हिंदी'), fold('हद'));
  });

  test('an address, a number or a name is not found by its parts', () => {
    assert.equal(words('ann@example.org'), ['ann', '+example', '+org']);
    assert.equal(words('EUR 1.299,00'), ['eur', '1', '+299', '+00']);
    assert.equal(words('a - b, c--d x😀y'), ['a', 'b', 'c', 'd', 'x', '+y']);
    assert.equal(words('one\r\ntwo\tthree'), ['one', 'two', 'three']);
  });

  test('text without spaces is one word that nobody types', () => {
    assert.equal(words('東京都'), ['東', '+京', '+都']);
    assert.equal(words('コーヒー'), ['コ', '+ー', '+ヒ', '+ー']);
    assert.equal(words('iPhoneは'), ['iphone', '+は']);
    assert.equal(words('한국어'), ['한', '+국', '+어']);
  });

  test('a word without end fills the index, or is cut inside a character', () => {
    assert.equal(words('x'.repeat(100_000)), ['x'.repeat(longestWord)]);
    assert.equal(words(`A.${'x'.repeat(100_000)}.b`), ['a', `+${'x'.repeat(longestWord)}`, '+b']);
    const letter = '𐐨';
    const [cut = ''] = words(`x${letter.repeat(100)}`);
    assert.is(cut, `x${letter.repeat(31)}`);
  });

  test('a text is taken apart otherwise than the specification has it, or otherwise the second time', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
      // Much of one script, with what stands between words there.
      fc
        .tuple(
          fc.constantFrom(
            0,
            0x80,
            0x300,
            0x380,
            0x590,
            0x600,
            0x900,
            0x1e00,
            0x1f00,
            0x2000,
            0x3040,
            0xac00,
            0x10400,
          ),
          fc.array(fc.nat(0xff), { maxLength: 90 }),
        )
        .map(([first, codes]) =>
          codes.map((code) => String.fromCodePoint(code > 0xe0 ? 0x20 + (code & 15) : first + code)).join(''),
        ),
    );
    fc.assert(
      fc.property(text, (text) => {
        const first = words(text);
        assert.equal(first, slowly(text));
        for (const word of first) {
          const bare = word.replace('+', '');
          assert.not(bare.includes(' '));
          assert.equal(words(bare).join('').replaceAll('+', ''), bare);
        }
        assert.equal(words(fold(text)), first);
        eachOctetWord(text, (octets, start, end, hash) => {
          assert.is(hash, hashOf(octets, start, end));
          return true;
        });
      }),
      { numRuns: 3000, seed: 6 },
    );
  });

  test('two terms get one number, or one gets two', () => {
    const numbers = new TermNumbers();
    const known = new Map<string, number>();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4 }), fc.boolean(), (term, isSameHash) => {
        // Many terms meet in one place.
        const octets = Buffer.from(`${isSameHash}${term}`);
        const hash = isSameHash ? 7 : hashOf(octets, 0, octets.length);
        const number = numbers.number(octets, 0, octets.length, hash);
        const text = octets.toString();
        assert.is(number, known.get(text) ?? known.size);
        known.set(text, number);
        assert.is(numbers.terms.text(number), text);
      }),
      { numRuns: 3000, seed: 6 },
    );
    assert.ok(numbers.size > 1500, `${numbers.size}`);
    numbers.clear();
    assert.is(numbers.number(Buffer.from('new'), 0, 3, 7), 0);
  });

  test('a couple looks like a word', () => {
    assert.is(couple('example', 'org'), 'example org');
  });
});
