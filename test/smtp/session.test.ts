/** The session as a whole: the same whatever the cut, the state table kept, little memory. */
import fc from 'fast-check';
import { type Reply, replies } from '../../src/smtp/replies.js';
import { Session } from '../../src/smtp/session.js';
import { sessionSettings } from '../../src/smtp/settings.js';
import { assert, suite } from '../support/suite.js';
import { converse, octets, type Rule } from './drive.js';

const settings = sessionSettings('mx.example', {
  commandLine: 80,
  content: 60,
  recipients: 3,
  errors: 12,
  refusedRecipients: 4,
});

/** An application that refuses some of everything. */
const moody: Rule = (question): Reply | undefined => {
  if (question.type === 'hello' && question.name.startsWith('no')) return replies.localError;
  if (question.type === 'mail' && question.from?.localPart === 'no') return replies.noSpace;
  if (question.type === 'mail' && question.parameters.body !== undefined) return replies.shuttingDown;
  if (question.type === 'recipient' && question.mailbox.localPart === 'no') return replies.noSuchRecipient;
  if (question.type === 'recipient' && question.mailbox.domain === '') return replies.mailboxUnavailable;
  return undefined;
};

const line = fc.constantFrom(
  'EHLO client.example',
  'HELO client.example',
  'EHLO no.example',
  'MAIL FROM:<a@example.org>',
  'MAIL FROM:<>',
  'MAIL FROM:<no@example.org>',
  'MAIL FROM:<a@example.org> SIZE=61',
  'MAIL FROM:<a@example.org> BODY=8BITMIME',
  'RCPT TO:<b@example.org>',
  'RCPT TO:<no@example.org>',
  'RCPT TO:<postmaster>',
  'DATA',
  'RSET',
  'NOOP',
  'QUIT',
  'HELP',
  'Subject: words',
  '.',
  '.',
  '..stuffed',
  'GET / HTTP/1.0',
  'FOO',
  '',
  'x'.repeat(90),
  'with a bare \n',
  'with a bare \r',
  'with a \0',
  '\x16\x03\x01',
);
const good = fc.constant(
  ['EHLO c.example', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>', 'DATA'].join('\r\n'),
);
const inputs = fc
  .array(fc.oneof({ weight: 6, arbitrary: line }, { weight: 1, arbitrary: good }), { maxLength: 30 })
  .map((lines) => Buffer.from(lines.map((text) => `${text}\r\n`).join(''), 'latin1'));

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return borders.map((border, i) => bytes.subarray(i === 0 ? 0 : borders[i - 1], border));
}

suite('session over LMTP', (test) => {
  test('a recipient whom the application forgot to answer for is told yes', () => {
    const session = new Session(
      sessionSettings(
        'mx.example',
        {},
        { protocol: 'lmtp', offersTls: false, requiresTls: false, takesXclient: false },
      ),
    );
    const play = (given: readonly Reply[]) => {
      session.receive(
        Buffer.from('LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n'),
      );
      for (let event = session.next(); event !== undefined; event = session.next())
        session.answer(event.type === 'end' ? given : undefined);
      return Buffer.from(session.takeOutput() ?? [])
        .toString()
        .split('\r\n')
        .slice(-3, -1);
    };
    assert.equal(play([replies.ok, replies.noSpace]), [
      '250 2.0.0 Ok',
      '452 4.3.1 No space, try again later',
    ]);
    assert.equal(play([replies.ok]), ['250 2.0.0 Ok', '451 4.3.0 Local error, try again later']);
    assert.equal(play([replies.noSpace]), Array(2).fill('452 4.3.1 No space, try again later'));
  });
});

suite('session', (test) => {
  test('events or replies that depend on how the input is cut', () => {
    fc.assert(
      fc.property(inputs, fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        const whole = converse(new Session(settings), [bytes], moody);
        for (const chunks of [cutAt(bytes, cuts), octets(bytes)]) {
          const cut = converse(new Session(settings), chunks, moody);
          assert.equal(cut.events, whole.events);
          assert.is(cut.output, whole.output);
        }
      }),
      { numRuns: 3000, seed: 4 },
    );
  });

  test('random octets: a reply without a command, an unprintable one, a throw', () => {
    const octet = fc.constantFrom(...Buffer.from('\r\n\r\n\r\n .:<>@MAILFROMDATA\0\xff\x16', 'latin1'));
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 400 }), (values) => {
        const said = converse(new Session(settings), [Buffer.from(values)], moody);
        assert.match(said.output, /^(?:\d{3}[ -][\x20-\x7e]*\r\n)+$/);
        // A fault ends with LF or with the 80th octet of a line; two more: greeting and 421.
        const most = values.filter((value) => value === 10).length + Math.floor(values.length / 80) + 2;
        assert.ok((said.output.match(/^\d{3} /gm) ?? []).length <= most);
      }),
      { numRuns: 5000, seed: 5 },
    );
  });

  test('an order of events that an application could not follow', () => {
    fc.assert(
      fc.property(inputs, (bytes) => {
        const said = converse(new Session(settings), octets(bytes), moody);
        // m: transaction open, c: content open.
        let state = '';
        for (const event of said.events) {
          const type = event.split(' ')[0] as string;
          if (type === 'chunk' || type === 'end' || type === 'abort') assert.is(state, 'c', event);
          else assert.is.not(state, 'c', event);
          if (type === 'recipient' || type === 'content') assert.is(state, 'm', event);
          if (type === 'reset') assert.is(state, 'm', event);
          if (type === 'mail' && !event.includes('<no@') && !event.includes('body')) state = 'm';
          if (type === 'content') state = 'c';
          if (type === 'end' || type === 'abort' || type === 'reset') state = '';
        }
        assert.is.not(state, 'c', 'a content that is neither ended nor aborted');
      }),
      { numRuns: 5000, seed: 6 },
    );
  });

  test('a flood of commands whose replies nobody takes', () => {
    const session = new Session(settings);
    session.next();
    session.answer();
    session.receive(Buffer.from('NOOP\r\n'.repeat(40_000)));
    assert.is(session.next(), undefined);
    const first = session.takeOutput()?.length ?? 0;
    assert.ok(first > 16_000 && first < 17_000, `${first} octets at once`);
    let all = first;
    for (
      let output: Uint8Array | undefined = Buffer.alloc(0);
      output !== undefined;
      output = session.takeOutput()
    ) {
      session.next();
      all += output.length;
    }
    assert.is(all, '220 mx.example ESMTP\r\n'.length + 40_000 * '250 2.0.0 Ok\r\n'.length);
  });

  test('a group of replies in more than one piece', () => {
    const session = new Session(settings);
    session.receive(Buffer.from('EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n'));
    for (let event = session.next(); event !== undefined; event = session.next()) session.answer();
    const output = Buffer.from(session.takeOutput() ?? []).toString();
    assert.match(output, /^220 .*\r\n354 [^\r]*\r\n$/s);
    assert.is(session.takeOutput(), undefined);
  });

  test('an answer that comes after the session was hung up', () => {
    const session = new Session(settings);
    session.next();
    session.hangUp(replies.timeOut);
    session.answer();
    assert.is(session.next(), undefined);
    assert.is(session.state, 'closed');
    assert.match(Buffer.from(session.takeOutput() ?? []).toString(), /^421 4\.4\.2 .*\r\n$/);
  });
});
