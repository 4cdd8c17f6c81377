/** Words: what a person types finds what a sender wrote, whatever its case, accents and script. */
import fc from 'fast-check';
import { eachOctetWord } from '../../../src/reader/search/octet-words.js';
import { hashOf, TermNumbers } from '../../../src/reader/search/term-numbers.js';
import { couple, eachWord, fold, longestWord } from '../../../src/reader/search/words.js';
import { assert, suite } from '../../support/suite.js';

function words(text: string): string[] {
  const found: string[] = [];
  eachWord(text, (word, isJoined) => found.push(isJoined ? `+${word}` : word) > 0);
  return found;
}

/** The same by their octets. */
function octetWords(text: string): string[] {
  const found: string[] = [];
  eachOctetWord(text, (octets, start, end, hash, isJoined) => {
    assert.is(hash, hashOf(octets, start, end));
    const word = Buffer.from(octets.subarray(start, end)).toString();
    return found.push(isJoined ? `+${word}` : word) > 0;
  });
  return found;
}

suite('words', (test) => {
  test('a word is not found because of its case, an accent, or the form of a letter', () => {
    for (const [written, typed] of [
      ['Obálka', 'obalka'],
      ['Oba\u0301lka', 'OBÁLKA'],
      ['STRASSE', 'straße'],
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
    assert.equal(octetWords(`A.${'x'.repeat(100_000)}.b`), ['a', `+${'x'.repeat(longestWord)}`, '+b']);
    const letter = '𐐨';
    const [cut = ''] = words(`x${letter.repeat(100)}`);
    assert.is(cut, `x${letter.repeat(31)}`);
  });

  test('a text is taken apart otherwise the second time, or the fast way otherwise than the slow one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const first = words(text);
        for (const word of first) {
          const bare = word.replace('+', '');
          assert.not(bare.includes(' '));
          assert.equal(words(bare).join('').replaceAll('+', ''), bare);
        }
        assert.equal(words(fold(text)), first);
        assert.equal(octetWords(text), first);
      }),
      { numRuns: 2000, seed: 6 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (text) => {
        // One letter beyond ASCII makes the whole text go the slow way.
        assert.equal(words(`${text} é`).slice(0, -1), words(text));
        assert.equal(octetWords(text), words(text));
      }),
      { numRuns: 500, seed: 6 },
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
