/** Backup words: the list and the arithmetic of BIP 39, and what people make of words when they type them. */
import { createHash } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { lettersThatTell, nearestWords, seedOf, wordFor, wordsOf } from '../../src/reader/backup-words.js';
import { WordSheet } from '../../src/reader/word-sheet.js';
import { chance } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

/** BIP 39 in its own words: 256 bits and the first 8 of their SHA-256, eleven at a time. */
function byHand(seed: Uint8Array): string[] {
  const check = createHash('sha256').update(seed).digest().subarray(0, 1);
  const bits = [...seed, ...check].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{11}/g) as string[]).map((group) => wordlist[Number.parseInt(group, 2)] as string);
}

suite('backup words', (test) => {
  test('the words are not those of BIP 39, so that no other program has them', () => {
    // From the vectors of BIP 39.
    const vectors = [
      ['00'.repeat(32), `${'abandon '.repeat(23)}art`],
      ['ff'.repeat(32), `${'zoo '.repeat(23)}vote`],
      [
        '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
        'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
      ],
    ] as const;
    for (const [seed, words] of vectors) {
      assert.equal(wordsOf(hex(seed)), words.split(' '));
      assert.equal(seedOf(words.split(' ')), hex(seed));
    }
    assert.is(
      createHash('sha256')
        .update(`${wordlist.join('\n')}\n`)
        .digest('hex'),
      '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda',
      'the list of words is another',
    );
    const random = chance('7');
    for (let run = 0; run < 50; run++) {
      const seed = random(32);
      const words = wordsOf(seed);
      assert.equal(words, byHand(seed));
      assert.equal(seedOf(words), seed);
    }
  });

  test('wrong words give some other key', () => {
    const random = chance('8');
    let taken = 0;
    for (let run = 0; run < 60; run++) {
      const words = wordsOf(random(32));
      for (let at = 0; at < 23; at++) {
        const swapped = [...words];
        [swapped[at], swapped[at + 1]] = [words[at + 1] as string, words[at] as string];
        if (words[at] !== words[at + 1] && seedOf(swapped)) taken++;
      }
    }
    // One of 256 has the right checksum by chance: 5 of 1380 here.
    assert.ok(taken < 16, `${taken} of 1380 were taken`);
    const words = wordsOf(random(32));
    assert.is(seedOf(words.slice(0, 23)), undefined);
    assert.is(seedOf([...words, 'able']), undefined);
    assert.is(seedOf(words.map(() => 'unknown')), undefined);
  });

  test('four letters, or capitals, are not enough; or fewer are', () => {
    assert.is(new Set(wordlist.map((word) => word.slice(0, lettersThatTell))).size, 2048);
    for (const word of wordlist) {
      assert.is(wordFor(word.slice(0, lettersThatTell).toUpperCase()), word);
      assert.is(wordFor(word), word);
    }
    for (const none of ['', 'a', 'ab', 'aban don', 'abandoned', 'abax', 'žoo'])
      assert.is(wordFor(none), undefined);
  });

  test('of a misspelt word something far off is suggested', () => {
    for (const [slip, word] of [
      ['abandno', 'abandon'],
      ['zebrra', 'zebra'],
      ['wrst', 'wrist'],
      ['kitcen', 'kitchen'],
      ['Gosple', 'gospel'],
    ] as const)
      assert.ok(nearestWords(slip).includes(word), slip);
    assert.is(nearestWords('x'.repeat(5000)).length, 3);
  });

  test('words are taken for others, by the way they are laid out', () => {
    const words = wordsOf(chance('9')(32));
    const numbered = words.map((word, at) => `${at + 1} ${word}`);
    const rows = (of: readonly string[], count: number) =>
      Array.from({ length: Math.ceil(of.length / count) }, (_, row) =>
        of.slice(row * count, (row + 1) * count).join('  '),
      );
    const filled = (lines: readonly string[]) => {
      const sheet = new WordSheet();
      for (const line of lines) assert.is(sheet.take(line), undefined, line);
      return sheet.words;
    };
    for (const lines of [
      [words.join(' ')],
      words,
      rows(words, 4),
      ['# obalka key', '', ...rows(numbered, 4)],
      rows(numbered, 5).reverse(),
      words.map((word, at) => `${at + 1}.${word.toUpperCase()}`),
      [words.map((word, at) => `${at + 1}) ${word.slice(0, 4)},`).join('\t')],
    ])
      assert.equal(filled(lines), words);

    const sheet = new WordSheet();
    for (const [line, fault] of [
      ['able zzz', /^word 2, zzz: is not in the list of words; the nearest are /],
      ['25 able', /^25: the words have the numbers 1 to 24$/],
      ['0 able', /^0: /],
      ['24 able able', /^able: this would be word 25; there are 24$/],
    ] as const)
      assert.match(sheet.take(line) ?? '', fault);
    assert.equal(
      [sheet.missing.length, sheet.next],
      [22, 2],
      'of a line with a fault, what stands before it',
    );
    assert.match(new WordSheet().take('1 able 2 zoo 3 sonk 4 zoo') ?? '', /^word 3, sonk: /);
    const broken = new WordSheet();
    broken.take(`${words.slice(0, 2).join(' ')} sonk ${words.slice(3).join(' ')}`);
    assert.is(broken.next, 3, 'the words before a slip have to be typed again');
    broken.take(words.slice(2).join(' '));
    assert.equal(broken.words, words);
    sheet.take(`1 ${words.join(' ')}`);
    sheet.take('7 able');
    assert.is(sheet.words?.[6], 'able');
    sheet.take(`7 ${words[6]}`);
    assert.equal(sheet.words, words);
  });
});
