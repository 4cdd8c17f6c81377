/** What is thrown at a mail server on the wire; each test is named after what it keeps out. */
import { replies } from '../../src/smtp/replies.js';
import { Session } from '../../src/smtp/session.js';
import { sessionSettings } from '../../src/smtp/settings.js';
import { assert, suite } from '../support/suite.js';
import { converse, goOn, Transcript, visible } from './drive.js';
import { bytes, codes, count, hello, repliesOf, talk, transaction } from './talk.js';
import { otherProtocols, strangeOctets } from './thrown.js';

suite('early talkers', (test) => {
  test('commands before the greeting answered before it, or lost', () => {
    const session = new Session(sessionSettings('mx.example'));
    session.receive(bytes('NOOP\r\n'));
    session.receive(bytes(`${hello}QU`));
    session.receive(bytes('IT\r\n'));
    const transcript = new Transcript();
    goOn(session, transcript, () => undefined);
    const first = transcript.output.split('\r\n').map((line) => line.slice(0, 4));
    assert.equal(first, ['220 ', '250 ', ...Array(8).fill('250-'), '250 ', '221 ', '']);
  });
});

suite('long lines', (test) => {
  for (const length of [507, 508, 512, 1018, 1019, 1020, 1023, 1024, 2048, 4096, 8192, 65_536, 1_048_576]) {
    test(`the tail of a line of ${length} octets run as a command`, () => {
      for (const tail of ['QUIT\r\n', '\nQUIT\r\n', ' QUIT\r\n']) {
        const said = talk(`${'X'.repeat(length)}${tail}NOOP\r\n`);
        assert.equal(codes(said), ['500', '250']);
      }
    });
  }

  test('a megabyte without LF: more than one 500, or memory', () => {
    const session = new Session(sessionSettings('mx.example'));
    const chunk = Buffer.alloc(65_536, 'x');
    const said = converse(
      session,
      Array.from({ length: 16 }, () => chunk),
    );
    assert.equal(codes(said), ['500']);
  });

  test('long content lines cut', () => {
    const lines = [998, 1000, 70_000, 1_000_000].map((length) => 'y'.repeat(length));
    const header = `Subject: ${'z'.repeat(1_000_000)}\r\n${'X-One: 1\r\n'.repeat(20_000)}\r\n`;
    const content = `${header}${lines.join('\r\n')}\r\n`;
    const said = talk(`${hello}${transaction}${content}.\r\n`);
    assert.is(
      said.events.find((event) => event.startsWith('chunk')),
      `chunk ${visible(content)}`,
    );
    assert.is(count(said, 'end'), 1);
  });
});

suite('SIZE', (test) => {
  const sizes = ['1001', '18446744073709551616', '9'.repeat(200), `1${'0'.repeat(400)}`];
  for (const size of sizes) {
    test(`SIZE=${size.slice(0, 24)} accepted, or left behind for the next MAIL`, () => {
      const said = talk(
        `${hello}MAIL FROM:<a@example.org> SIZE=${size}\r\nMAIL FROM:<a@example.org>\r\n`,
        undefined,
        { content: 1000 },
      );
      assert.equal(codes(said), ['552', '250']);
      assert.is(said.events.at(-1), 'mail <a@example.org>');
    });
  }

  test('one octet more than the limit, and a session that ends for it', () => {
    for (const [length, code] of [
      [998, '250'],
      [999, '552'],
    ] as const) {
      const message = `${transaction}${'x'.repeat(length)}\r\n.\r\n`;
      const said = talk(`${hello}${message}${message}`, undefined, { content: 1000 });
      assert.equal(codes(said), ['250', '250', '354', code, '250', '250', '354', code]);
    }
  });

  test('a declared 10 and a sent 20 000 refused, or the next mail held to it', () => {
    const body = `${'x'.repeat(998)}\r\n`.repeat(20);
    const mail = `MAIL FROM:<a@example.org> SIZE=10\r\nRCPT TO:<b@example.net>\r\nDATA\r\n${body}.\r\n`;
    assert.equal(codes(talk(`${hello}${mail}${mail}`)), [
      '250',
      '250',
      '354',
      '250',
      '250',
      '250',
      '354',
      '250',
    ]);
  });
});

suite('recipients', (test) => {
  test('3 000 pipelined: the first ones lost with the last ones', () => {
    const said = talk(
      `${hello}MAIL FROM:<>\r\n${'RCPT TO:<b@example.net>\r\n'.repeat(3000)}DATA\r\n.\r\nQUIT\r\n`,
    );
    assert.is(count(said, 'recipient'), 1000);
    assert.is(codes(said).filter((code) => code === '452').length, 2000);
    assert.equal(codes(said).slice(-3), ['354', '250', '221']);
  });
});

suite('octets in commands', (test) => {
  for (const [name, octet] of Object.entries(strangeOctets)) {
    test(`${name} let through`, () => {
      for (const command of [
        `NOOP ${octet}`,
        `NO${octet}OP`,
        `EHLO a${octet}b`,
        `MAIL FROM:<a${octet}b@example.org>`,
        `MAIL FROM:<a@example.org>${octet}`,
        `VRFY ${octet}`,
      ]) {
        const said = talk(`${hello}${command}\r\nNOOP\r\n`);
        assert.is(count(said, 'mail') + count(said, 'hello'), 1);
        assert.match(codes(said)[0] as string, /^5/, visible(command));
        assert.equal(codes(said).slice(1), ['250'], 'one reply, and the session goes on');
      }
    });
  }

  test('verbs compared as text: dotless i, long s, Kelvin sign', () => {
    for (const verb of ['ma\u0131l', '\u017fend', 'r\u017fet', 'help\u212a', 'qu\u0131t', 'no\u006f\u0440']) {
      const said = talk(`${hello}${Buffer.from(verb, 'utf8').toString('latin1')}\r\nNOOP\r\n`);
      assert.equal(codes(said), ['500', '250'], verb);
    }
  });
});

suite('enumeration', (test) => {
  test('VRFY and EXPN that tell', () => {
    const names = ['b@example.net', '<b@example.net>', 'nobody', '', 'root@localhost', 'x'.repeat(300)];
    const said = talk(names.map((name) => `VRFY ${name}\r\nEXPN ${name}\r\n`).join(''));
    assert.is(new Set(repliesOf(said).filter((line) => line.startsWith('252'))).size, 1);
    assert.is(new Set(repliesOf(said)).size, 2);
    assert.equal(said.events, ['connect']);
  });
});

suite('other protocols', (test) => {
  for (const [name, input] of Object.entries(otherProtocols)) {
    test(`${name} answered as if it were mail`, () => {
      const said = talk(input);
      assert.equal(codes(said), ['421']);
      assert.equal(said.events, ['connect']);
    });
  }

  test('HTTP behind a hello', () => {
    assert.equal(codes(talk(`${hello}POST / HTTP/1.1\r\n\r\n${transaction}`)), ['421']);
  });
});

suite('injection', (test) => {
  test('what a client sent in a reply, or a reply that is not printable', () => {
    const marks = ['\x1b[31m', '\rX', '\nX', ')', '\0', '\xff', '"><marker>'];
    for (const mark of marks) {
      const commands = [
        'EHLO $',
        '$',
        'MAIL FROM:<$>',
        'MAIL FROM:<a@example.org> $',
        'VRFY $',
        'HELP $',
        'NOOP $',
      ];
      const said = talk(
        `${commands.map((command) => command.replace('$', `marker${mark}`)).join('\r\n')}\r\n`,
      );
      assert.not.match(said.output, /marker/);
      assert.match(said.output, /^(?:[\x20-\x7e]*\r\n)*$/);
    }
  });

  test('a reply of the application that carries a line break', () => {
    const said = talk(`${hello}${transaction}.\r\n`, (question) =>
      question.type === 'end' ? [replies.queued('x\r\n250 forged\0\x1b\u00e9')] : undefined,
    );
    assert.is(repliesOf(said).at(-1), '250 2.0.0 Ok: x??250 forged???');
  });
});
