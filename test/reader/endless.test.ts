/** Endless mail: a hundred thousand parts, a million tokens: a reader gets an answer in bounded time, and the mail byte for byte. */
import { messagePieces } from '../../src/cli/mailbox/message-pieces.js';
import { headerText } from '../../src/reader/header-text.js';
import { Parser } from '../../src/reader/parser.js';
import { visibleLine } from '../../src/reader/visible.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';

const parts = 100_000;
const tokens = 1_000_000;
const field = (text: string) => Buffer.from(`${text}\r\n\r\nx\r\n`);
const border = (at: number) => `--b${at}\r\nContent-Type: multipart/mixed; boundary=b${at + 1}\r\n\r\n`;

const endless: Readonly<Record<string, Readonly<Record<string, () => Buffer>>>> = {
  'a hundred thousand parts': {
    siblings: () =>
      Buffer.from(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\n'.repeat(parts)}--x--\r\n`),
    'one in the other': () =>
      Buffer.from(
        `Content-Type: multipart/mixed; boundary=b0\r\n\r\n${Array.from({ length: parts }, (_, at) => border(at)).join('')}x\r\n`,
      ),
    'mail in mail': () => Buffer.from(`${'Content-Type: message/rfc822\r\n\r\n'.repeat(parts)}x\r\n`),
  },
  'a million tokens in a header': {
    references: () => field(`References: ${'<a> '.repeat(tokens)}`),
    spaces: () => field(`Subject:${' '.repeat(tokens)}b`),
    addresses: () => field(`To: ${'a, '.repeat(tokens)}`),
  },
  'what makes regular expressions explode': {
    parentheses: () => field(`To: ${'('.repeat(tokens)}`),
    'quotes and backslashes': () => field(`To: ${'"\\'.repeat(tokens)}`),
    groups: () => field(`To: ${'a:'.repeat(tokens)}`),
    'encoded words': () => field(`Subject: ${'=?a?q?b?= '.repeat(tokens / 10)}`),
  },
};

/** Mails that take no time to speak of, and may be given up only once, by a machine that begins the thread late. */
const alwaysShown = new Set(['references', 'spaces']);

/** Milliseconds within which an answer has come on a machine with much else to do. */
const patience = 30_000;

suite('endless mail', (test) => {
  const parser = new Parser({ seconds: 3, mebibytes: 512 });
  test.after(() => parser.close());

  for (const [name, mails] of Object.entries(endless))
    test(`${name}: the reader waits for ever, or falls`, async () => {
      for (const [which, make] of Object.entries(mails)) {
        const content = make();
        const begun = performance.now();
        const parsed = await parser.takeApart(content);
        assert.ok(performance.now() - begun < patience, which);
        if ('message' in parsed)
          assert.ok([...messagePieces(parsed.message, 'sealed', 'keys')].length >= 3, which);
        else if (alwaysShown.has(which))
          await until(`${which} are shown`, async () => 'message' in (await parser.takeApart(content)));
        else assert.match(parsed.fault, /exceeded|takes (more|longer) than/, which);
      }
      // The next one is not held up, even if its thread is just begun, and others use the machine.
      const next = () => parser.takeApart(Buffer.from('Subject: next\r\n\r\nx\r\n'));
      await until('the next one is read', async () => 'message' in (await next()));
    });

  test('a line of a list takes a time that grows with the square of what a sender wrote', () => {
    // No summary is longer than an envelope has room for.
    for (const text of ['=?a?q?', '=?', '=?utf-8?q?a?= ', '\u001b[', '\\"']) {
      const begun = performance.now();
      visibleLine(headerText(Buffer.from(text.repeat(20_000))));
      assert.ok(performance.now() - begun < patience / 3, text);
    }
  });
});
