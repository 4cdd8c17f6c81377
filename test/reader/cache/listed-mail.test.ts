/** Listed mail: a mail that is read out of a page alone is the one that stands in it. */
import fc from 'fast-check';
import { view } from '../../../src/core/bytes.js';
import { readU32, writeU32 } from '../../../src/format/place.js';
import {
  decodePage,
  decodeSome,
  encodePage,
  type ListedMail,
} from '../../../src/reader/cache/listed-mail.js';
import { bytesFrom } from '../../support/chance.js';
import { assert, suite } from '../../support/suite.js';
import { alice } from '../make-journal.js';

const at = { journal: bytesFrom('j', 16), lane: bytesFrom('l', 16), segment: 3, id: bytesFrom('s', 16) };
const ids = ['aaaaaaaaaaaaa', 'bbbbbbbbbbbbb', 'ccccccccccccc', '2222222222222'];
/** Texts of people who know how a page is written. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    `["${ids[0]}",`,
    `["${ids[3]}",1,2]`,
    '"addressings":',
    '"]',
    '\\',
    '"',
    'ž',
    '\u{1f600}',
    '',
  ),
);
const mail = fc.record({
  number: fc.nat(2 ** 32),
  receivedAt: fc.nat(2 ** 45),
  size: fc.nat(),
  flags: fc.nat(255),
  recipient: fc.oneof(text, fc.constantFrom(...ids)),
  reached: fc.constantFrom('itself' as const, 'alias' as const),
  from: text,
  subject: text,
  date: text,
  messageId: text,
});

suite('listed mail', (test) => {
  test('a mail that is read alone is another than the one in the page', () =>
    fc.assert(
      fc.property(fc.array(mail, { maxLength: 3 }), (drawn) => {
        const mails = drawn.map(({ recipient, reached, ...rest }, index): ListedMail => {
          const addressing = { recipient, reached, keySet: bytesFrom(`${index % 2}`, 32) };
          const key = view(bytesFrom(`${index}`, 32)).toString('base64');
          return { ...rest, id: ids[index] as string, identity: alice, at, addressing, key };
        });
        const page = encodePage(mails);
        assert.equal(decodePage(page, at, alice), mails);
        assert.equal(decodeSome(page, ids, at, alice), mails);
        for (const [index, id] of ids.entries())
          assert.equal(decodeSome(page, [id], at, alice), mails.slice(index, index + 1));
      }),
      { numRuns: 300, seed: 20261121 },
    ));

  test('a page that an older program wrote is not read any more', () => {
    const head = Buffer.from(
      JSON.stringify({
        mails: [[ids[0], 7, 8, 9, 0, 0, 'AAAA']],
        addressings: [['a@b', 'itself', '00'.repeat(32)]],
      }),
    );
    const page = Buffer.concat([new Uint8Array(4), head, Buffer.from('[["from","subject","",""]]')]);
    writeU32(page, 0, head.length);
    assert.is(readU32(page, 0), head.length);
    assert.is(decodePage(page, at, alice)[0]?.subject, 'subject');
    assert.is(decodeSome(page, [ids[0] as string], at, alice), undefined);
    assert.equal(decodeSome(page, [ids[1] as string], at, alice), []);
  });
});
