/** The parser: a message made to take for ever, or all memory, costs a bounded time, and the next one is read. */
import { limitsFor, Parser } from '../../src/reader/parser.js';
import { assert, suite } from '../support/suite.js';

const good = Buffer.from('From: a@b\r\nSubject: good\r\n\r\nhello\r\n');

/** A thread that was just begun may need longer than a second, where others use the machine. */
async function subjectOf(parser: Parser, tries = 30): Promise<string | undefined> {
  const parsed = await parser.takeApart(good);
  if ('fault' in parsed && /longer than/.test(parsed.fault) && tries > 1) return subjectOf(parser, tries - 1);
  return 'message' in parsed
    ? parsed.message.headers.find(({ name }) => name === 'Subject')?.value
    : parsed.fault;
}

/** A message with so many empty parts. */
function parts(count: number): Buffer {
  return Buffer.from(
    `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\n\r\n'.repeat(count)}--x--\r\n`,
  );
}

suite('parser', (test) => {
  test('a message that takes for ever is waited for, or the next one is not read', async () => {
    const parser = new Parser({ seconds: 1, mebibytes: 1024 });
    const started = performance.now();
    const parsed = await parser.takeApart(parts(330_000));
    assert.equal(parsed, { fault: 'it takes longer than 1 s' });
    assert.ok(performance.now() - started < 30_000);
    assert.is(await subjectOf(parser), 'good');
    await parser.close();
  });

  test('a message that takes all memory ends the program, or the next one is not read', async () => {
    const parser = new Parser({ seconds: 300, mebibytes: 24 });
    assert.equal(await parser.takeApart(parts(300_000)), { fault: 'it takes more than 24 MiB' });
    assert.is(await subjectOf(parser), 'good');
    await parser.close();
  });

  test('a message against the bounds ends the thread, or is given out in part', async () => {
    const parser = new Parser();
    const deep = Array.from(
      { length: 5000 },
      (_, at) => `--${at}\r\nContent-Type: multipart/mixed; boundary=${at + 1}\r\n\r\n`,
    ).join('');
    const bad = [
      parts(400_000),
      `Content-Type: multipart/mixed; boundary=0\r\n\r\n${deep}`,
      `${`X: ${'y'.repeat(990)}\r\n`.repeat(6000)}\r\nx`,
    ];
    for (const message of bad) {
      const parsed = await parser.takeApart(Buffer.from(message as string));
      assert.match('fault' in parsed ? parsed.fault : '', /exceeded/);
      assert.is(await subjectOf(parser), 'good');
    }
    await parser.close();
  });

  test('a small message gets as much memory as a large one, or lines of nothing get much of it', async () => {
    assert.equal(
      [0, 5_500_000, 52_428_800, 10 ** 9].map((octets) => limitsFor(octets).mebibytes),
      [64, 80, 214, 256],
    );
    const parser = new Parser(limitsFor(0));
    const fault = async (content: string) => {
      const parsed = await parser.takeApart(Buffer.from(content));
      return 'fault' in parsed ? parsed.fault : parsed.message.text.length;
    };
    assert.is(await fault(`\r\n${'a\n'.repeat(1_000_001)}`), 'Maximum of 1000000 short lines exceeded');
    assert.is(await fault(`Subject: a\r\n\r\n${'a'.repeat(2_000_000)}\r\n`), 2_000_001);
    await parser.close();
  });

  test('content is there twice, or HTML that nobody wants', async () => {
    const parser = new Parser();
    const content = () => Uint8Array.from(Buffer.from('Content-Type: text/html\r\n\r\n<p>words</p>\r\n'));
    const [kept, given] = [content(), content()];
    const both = await parser.takeApart(kept);
    const text = await parser.takeApart(given, { isGiven: true, withoutHtml: true });
    assert.ok('message' in both && 'message' in text);
    assert.equal([kept.length, given.length], [content().length, 0]);
    assert.equal([both.message.html, both.message.text], ['<p>words</p>\n', 'words']);
    assert.equal([text.message.html, text.message.text], ['', 'words']);
    await parser.close();
  });

  test('many at once are mixed up, or a closed one keeps the process', async () => {
    const parser = new Parser();
    const subjects = Array.from({ length: 20 }, (_, i) => `mail ${i}`);
    const all = await Promise.all(
      subjects.map((subject) => parser.takeApart(Buffer.from(`Subject: ${subject}\r\n\r\n${subject}`))),
    );
    assert.equal(
      all.map((parsed) => ('message' in parsed ? parsed.message.text.trim() : '')),
      subjects,
    );
    await parser.close();
    await parser.close();
  });
});
