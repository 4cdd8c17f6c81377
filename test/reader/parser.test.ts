/** The parser: a message made to take for ever, or all memory, costs a bounded time, and the next one is read. */
import { Parser } from '../../src/reader/parser.js';
import { assert, suite } from '../support/suite.js';

const good = Buffer.from('From: a@b\r\nSubject: good\r\n\r\nhello\r\n');

/** A thread that was just begun may need longer than a second, where others use the machine. */
async function subjectOf(parser: Parser, tries = 5): Promise<string | undefined> {
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
    const parsed = await parser.takeApart(parts(3_000_000));
    assert.equal(parsed, { fault: 'it takes longer than 1 s' });
    assert.ok(performance.now() - started < 30_000);
    assert.is(await subjectOf(parser), 'good');
    await parser.close();
  });

  test('a message that takes all memory ends the program, or the next one is not read', async () => {
    const parser = new Parser({ seconds: 60, mebibytes: 24 });
    assert.equal(await parser.takeApart(parts(500_000)), { fault: 'it takes more than 24 MiB' });
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
      `Content-Type: multipart/mixed; boundary=0\r\n\r\n${deep}`,
      `${`X: ${'y'.repeat(990)}\r\n`.repeat(6000)}\r\nx`,
    ];
    for (const message of bad) {
      const parsed = await parser.takeApart(Buffer.from(message));
      assert.match('fault' in parsed ? parsed.fault : '', /exceeded/);
      assert.is(await subjectOf(parser), 'good');
    }
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
