/** mbox and Maildir forms: whatever the content, and however it is cut, it comes back; and what others wrote is read as it is meant. */
import fc from 'fast-check';
import { FromQuoting, UnixLines } from '../../../src/reader/export/lines.js';
import { type Form, findTrace, traceFields } from '../../../src/reader/export/trace-fields.js';
import { parseFromLineDate, parseMailDate } from '../../../src/reader/import/dates.js';
import { unixMail, wholeMail } from '../../../src/reader/import/found-mail.js';
import { mailsOfMbox, NoMbox } from '../../../src/reader/import/mbox.js';
import { FromUnquoting, type Quoting, WireLines } from '../../../src/reader/import/wire-lines.js';
import { assert, suite } from '../../support/suite.js';

/** Octets of which line ends, quoting and From_ lines are made, and others. */
const content = fc
  .array(
    fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      '>',
      'From ',
      'Fro',
      'm ',
      'x',
      '\0',
      '\xff',
      '\r\n\r\n',
      '\n\nFrom a\n',
      'Subject: ',
    ),
    { maxLength: 60 },
  )
  .map((words) => Buffer.from(words.join(''), 'latin1'));
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });

/** Pieces of such lengths, over and over. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] as number;
    pieces.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return pieces;
}

async function* source(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(Uint8Array.from(piece));
  return Buffer.concat(found);
}

const facts = {
  id: 'u7hqlafwerprk',
  receivedAt: 1_800_000_000_123,
  recipient: 'a@b.example',
  prelude: undefined,
};

/** A mail of an mbox as spec/export.md says, cut in pieces on its way. */
function written(bytes: Buffer, lengths: readonly number[]): Buffer {
  const lines = new UnixLines();
  const tried = Buffer.concat([...cut(bytes, lengths).map((piece) => lines.write(piece)), lines.end()]);
  const asIs = lines.hasBareLf;
  const text = asIs ? bytes : tried;
  const noFinalLineEnd = text.length > 0 && text.at(-1) !== 0x0a;
  const form: Form = { asIs, noFinalLineEnd };
  const quoting = new FromQuoting();
  const whole = Buffer.concat([Buffer.from(traceFields(facts, form)), text]);
  const quoted = [...cut(whole, lengths).flatMap((piece) => quoting.write(piece)), quoting.end()];
  return Buffer.concat([
    Buffer.from('From x@y.example Fri Jan 15 08:00:00 2027\n'),
    ...quoted,
    Buffer.from(noFinalLineEnd ? '\n\n' : '\n'),
  ]);
}

async function readBack(mbox: Iterable<Uint8Array>, quoting: Quoting = 'mboxrd'): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const { text } of mailsOfMbox(source(mbox)))
    found.push(await all((await unixMail(text, quoting)).content));
  return found;
}

const read = async (text: string, quoting: Quoting = 'mboxrd') =>
  (await readBack([Buffer.from(text, 'latin1')], quoting)).map((one) => one.toString('latin1'));

suite('mbox', (test) => {
  test('a content comes back as another', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 4 }),
        cuts,
        cuts,
        async (list, out, back) => {
          const mbox = Buffer.concat(list.map((one) => written(one, out)));
          assert.equal((await readBack(cut(mbox, back))).map(String), list.map(String));
        },
      ),
      { numRuns: 400, seed: 1 },
    ));

  test('an mbox of others is cut at the wrong lines, or its quoting taken for another', async () => {
    const two =
      'From a@b Sat Jan  3 01:05:34 1996\nSubject: a\n\nx\nFrom here on\n\nFrom c@d Sat Jan  3 01:05:34 1996\nSubject: b\n\n>From y\n>>From z\n\n\n';
    assert.equal(await read(two), [
      'Subject: a\r\n\r\nx\r\nFrom here on\r\n',
      'Subject: b\r\n\r\nFrom y\r\n>From z\r\n\r\n',
    ]);
    assert.equal((await read(two, 'mboxo'))[1], 'Subject: b\r\n\r\nFrom y\r\n>>From z\r\n\r\n');
    const wire = two.replaceAll('\n', '\r\n');
    assert.equal(await read(wire), await read(two));
    assert.equal(await read('From a\n'), ['']);
    assert.equal(await read('From a'), ['']);
    assert.equal(await read('From a\n\nFrom b\nx'), ['', 'x']);
    assert.equal(await read(''), []);
    await read('Subject: a\n\nno mbox\n').then(
      () => assert.unreachable(),
      (error) => assert.instance(error, NoMbox),
    );
    const long = `From a\nSubject: a\n\nFrom ${'x'.repeat(5000)}\ny\n`;
    assert.is((await read(long)).length, 1);
  });

  test('quoting is undone where there was none', () => {
    for (const [quoted, rd, o] of [
      ['>From \n', 'From \n', 'From \n'],
      ['>>From \n', '>From \n', '>>From \n'],
      [' >From \n', ' >From \n', ' >From \n'],
      ['>From\n', '>From\n', '>From\n'],
      ['x>From \n>From ', 'x>From \nFrom ', 'x>From \nFrom '],
      ['> From \n', '> From \n', '> From \n'],
    ] as const)
      for (const [quoting, wanted] of [
        ['mboxrd', rd],
        ['mboxo', o],
      ] as const)
        for (let length = 1; length < 4; length++) {
          const unquoting = new FromUnquoting(quoting);
          const pieces = cut(Buffer.from(quoted), [length]).flatMap((piece) => unquoting.write(piece));
          assert.is(Buffer.concat([...pieces, unquoting.end()]).toString(), wanted);
        }
  });

  test('lines of others get a CR too many, or too few', async () => {
    const lines = new WireLines(false);
    const pieces = ['a\nb\r', '\nc\r\r\n\n', '\r', 'x'].map((piece) => lines.write(Buffer.from(piece)));
    assert.is(Buffer.concat(pieces).toString(), 'a\r\nb\r\nc\r\r\n\r\n\rx');
    for (const [file, asIs, wanted] of [
      ['a\nb\r\n', false, 'a\r\nb\r\n'],
      ['a\r\nb\n', false, 'a\r\nb\n'],
      ['a\nb\n', true, 'a\nb\n'],
      ['no line end', false, 'no line end'],
    ] as const)
      assert.is(String(await all((await wholeMail(source([Buffer.from(file)]), asIs)).content)), wanted);
  });
});

suite('trace fields', (test) => {
  test('a value leaves its line, or fields of another program are taken off', () => {
    const hostile = 'a\r\nX: y\u0085\u2028\u0000> id aaaaaaaaaaaaa (as-is)';
    const prelude = { from: hostile, helo: hostile, client: hostile, protocol: hostile, tls: hostile };
    const fields = traceFields(
      { ...facts, recipient: hostile.repeat(40), prelude },
      { asIs: false, noFinalLineEnd: true },
    );
    assert.is(fields.split('\n').length, 6);
    for (const line of fields.split('\n')) assert.ok(line.length < 998);
    const found = findTrace(Buffer.from(`${fields}Subject: a\n`));
    assert.is(found?.id, facts.id);
    assert.is(found?.length, Buffer.byteLength(fields));
    assert.equal(found?.form, { asIs: false, noFinalLineEnd: true });
    const others =
      'Return-Path: <a@b>\nDelivered-To: c@d\nReceived: from x ([192.0.2.1])\n\tby postfix with ESMTP id 4X\n\tfor <c@d>; now\n';
    assert.is(findTrace(Buffer.from(others)), undefined);
    assert.is(findTrace(Buffer.from(` ${fields}`)), undefined);
  });
});

suite('dates of old mail', (test) => {
  test('a date is read as another', () => {
    const at = Date.UTC(1996, 0, 3, 1, 5, 34);
    for (const [text, wanted] of [
      ['Wed, 3 Jan 1996 01:05:34 +0000', at],
      ['3 Jan 1996 03:05:34 +0200 (EET)', at],
      ['Tue, 02 Jan 96 20:05:34 EST', at],
      ['Wed,  3  Jan  1996 01:05 GMT', at - 34_000],
      ['Wed, 3-Jan-96 01:05:34 Z', at],
      ['3 Jan 1996 01:05:34', at],
      ['31 Feb 1996 01:05:34 +0000', undefined],
      ['3 Jan 1996 25:05:34 +0000', undefined],
      ['yesterday', undefined],
      ['', undefined],
    ] as const)
      assert.is(parseMailDate(text), wanted, text);
    for (const [line, wanted] of [
      ['From a@b Wed Jan  3 01:05:34 1996', at],
      ['From a@b Wed Jan  3 01:05 1996', at - 34_000],
      ['From a@b Wed Jan  3 01:05:34 UTC 1996', at],
      ['From a@b Tue Jan  2 20:05:34 1996 -0500', at],
      ['From a@b', undefined],
    ] as const)
      assert.is(parseFromLineDate(line), wanted, line);
  });
});
