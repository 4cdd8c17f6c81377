/** Pages: an index is written as its page of the specification says, and is read as it was written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { fields } from '../../../src/reader/search/mail-terms.js';
import { pageSize, postingsOf, readPage, writePages } from '../../../src/reader/search/pages.js';
import { PartBuilder } from '../../../src/reader/search/part-builder.js';
import { DamagedPart, fieldBits } from '../../../src/reader/search/postings.js';
import { WordIndex } from '../../../src/reader/search/word-index.js';
import { assert, suite } from '../../support/suite.js';

const mail = (letter: string, receivedAt: number) => ({ id: letter.repeat(13), receivedAt });

suite('pages', (test) => {
  test('the example of the specification is not what is written', () => {
    const kept = new Map<string, string>();
    const builder = new PartBuilder();
    builder.addTexts(mail('a', 1), [
      [fields.subject, 'Red fox'],
      [fields.body, 'a fox@den'],
    ]);
    builder.addTexts(mail('b', 258), [[fields.body, 'The fox, RED']]);
    new WordIndex({
      get: () => undefined,
      put: (rows) => {
        for (const [name, value] of rows) if (value) kept.set(name, Buffer.from(value).toString('hex'));
      },
    }).add(builder.mails, builder.entries());
    const page = readFileSync(join(import.meta.dirname, '../../../../spec/search.md'), 'utf8');
    const shown = new Map<string, string>();
    let name = '';
    for (const [, label, value = ''] of page.matchAll(/^ {4}(search\/\S+)? +([0-9a-f …]+)$/gm)) {
      name = label ?? name;
      shown.set(name, (shown.get(name) ?? '') + value.replaceAll(' ', ''));
    }
    assert.equal([...shown.keys()].sort(), [...kept.keys()].sort());
    for (const [row, value] of shown) {
      const end = value.indexOf('…');
      if (end < 0) assert.is(kept.get(row), value, row);
      else assert.is(kept.get(row), value.slice(0, end).padEnd(2 * pageSize, '0'), row);
    }
  });

  test('a term is lost at the edge of a page, or postings come back as others', () => {
    const term = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 129 });
    const posting = fc.nat(2 ** 20);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(term, fc.uniqueArray(posting, { minLength: 1, maxLength: 30 }), fc.nat(4)), {
          selector: ([text]) => Buffer.from(text).toString(),
          maxLength: 60,
        }),
        (some) => {
          // Some terms stand in thousands of mails.
          const entries = some
            .map(([text, own, times]) => {
              const many = times === 4 ? Array.from({ length: 9000 }, (_, at) => 2 ** 21 + 70 * at) : [];
              return [text, [...own.sort((a, b) => a - b), ...many]] as const;
            })
            .sort(([a], [b]) => (a < b ? -1 : 1));
          const read = new Map<string, number[]>();
          for (const { first, octets } of writePages(entries)) {
            assert.is(octets.length, pageSize);
            let isFirst = true;
            for (const entry of readPage(octets)) {
              if (isFirst) assert.is(entry.term, first);
              isFirst = false;
              const into = read.get(entry.term) ?? [];
              read.set(entry.term, into);
              postingsOf(entry, into, fieldBits);
            }
          }
          assert.equal(
            [...read],
            entries.map(([text, own]) => [text, own]),
          );
        },
      ),
      { numRuns: 100, seed: 6 },
    );
  });

  test('octets that are no page end the program, or take for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (begin) => {
        const octets = new Uint8Array(pageSize).fill(begin[0] as number);
        octets.set(begin);
        try {
          for (const entry of readPage(octets)) postingsOf(entry, [], fieldBits);
        } catch (error) {
          assert.instance(error, DamagedPart);
        }
      }),
      { numRuns: 500, seed: 6 },
    );
    assert.throws(
      () => [...readPage(new Uint8Array(pageSize - 1))],
      (error: unknown) => error instanceof DamagedPart,
    );
  });
});
