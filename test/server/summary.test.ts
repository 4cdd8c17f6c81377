/** Summaries: the few header fields of a listing, found as the content passes by, however it is cut. */
import fc from 'fast-check';
import { SummaryScanner } from '../../src/server/summary-scanner.js';
import { assert, suite } from '../support/suite.js';

function scan(content: string | Buffer, cuts: readonly number[] = []): Record<string, string> {
  const bytes = Buffer.from(content);
  const scanner = new SummaryScanner();
  let at = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    scanner.write(bytes.subarray(at, Math.max(at, cut)));
    at = Math.max(at, cut);
  }
  scanner.write(bytes.subarray(at));
  const summary = scanner.summary();
  return Object.fromEntries(
    Object.entries(summary).map(([key, value]) => [key, Buffer.from(value).toString('latin1')]),
  );
}

const mail =
  'Received: from somewhere\r\n\tby here\r\nFrom: Alice <alice@example.org>\r\nsubject : a long\r\n subject\r\n\tfolded twice\r\n' +
  'DATE: Sat, 21 Nov 2026 02:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nSubject: a second one\r\n\r\nFrom: not a header\r\n';
const expected = {
  from: 'Alice <alice@example.org>',
  subject: 'a long subject\tfolded twice',
  date: 'Sat, 21 Nov 2026 02:00:00 +0000',
  messageId: '<1@example.org>',
};

suite('summaries', (test) => {
  test('a field is missed, or taken from the body', () => {
    assert.equal(scan(mail), expected);
    const empty = { from: '', subject: '', date: '', messageId: '' };
    for (const content of ['', '\r\nSubject: body\r\n', 'no header at all', ':\r\n', '\r\n\r\nFrom: x\r\n'])
      assert.equal(scan(content), empty, content);
  });

  test('a cut makes a difference', () => {
    for (let cut = 0; cut <= mail.length; cut++) assert.equal(scan(mail, [cut]), expected, `cut at ${cut}`);
    assert.equal(
      scan(
        mail,
        Array.from({ length: mail.length }, (_, at) => at),
      ),
      expected,
    );
    fc.assert(
      fc.property(fc.array(fc.nat(mail.length), { maxLength: 6 }), (cuts) =>
        assert.equal(scan(mail, cuts), expected),
      ),
      { seed: 1 },
    );
  });

  test('a huge header is kept whole in memory, or a field at its beginning is missed', () => {
    const long = `Subject: ${'x'.repeat(1000)}\r\nFrom: a@b\r\n${'X-Filling: y\r\n'.repeat(20_000)}Date: late\r\n\r\n`;
    const summary = scan(long, [100, 70_000, 140_000]);
    assert.equal([summary.subject?.length, summary.from, summary.date], [255, 'a@b', '']);
  });

  test('eight-bit octets are changed', () => {
    const bytes = Buffer.concat([
      Buffer.from('Subject: '),
      Buffer.from([0xe9, 0xff, 0x80]),
      Buffer.from('\r\n\r\n'),
    ]);
    assert.is(scan(bytes).subject, '\u00e9\u00ff\u0080');
  });
});
