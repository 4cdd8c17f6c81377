/** BDAT against what is thrown at it, and against DATA: the same content, however it is cut into chunks. */
import fc from 'fast-check';
import { Session } from '../../src/smtp/session.js';
import { sessionSettings } from '../../src/smtp/settings.js';
import { assert, suite } from '../support/suite.js';
import { converse, type Transcript } from './drive.js';
import { bytes, codes, count, hello, talk } from './talk.js';
import { unreadableSizes } from './thrown.js';

const opened = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n';
const commands = 'QUIT\r\n';

/** What a session behind a hello says to `input`, the replies of `opened` left out. */
function after(input: string, limits = {}): { codes: string[]; said: Transcript } {
  const said = talk(`${hello}${opened}${input}`, undefined, limits);
  return { codes: codes(said).slice(2), said };
}

function contentOf(said: Transcript): string | undefined {
  return said.events.find((event) => event.startsWith('chunk '))?.slice(6);
}

suite('BDAT', (test) => {
  for (const [name, size] of Object.entries(unreadableSizes)) {
    test(`${name} as a size: what follows run as commands`, () => {
      for (const last of ['', ' LAST']) {
        const { codes, said } = after(`BDAT ${size}${last}\r\n${commands}NOOP\r\n`);
        assert.equal(codes, ['421']);
        assert.is(count(said, 'content') + count(said, 'end'), 0);
      }
    });
  }

  for (const [name, size] of [
    ['2^31', '2147483648'],
    ['2^32', '4294967296'],
    ['2^32 + 6', '4294967302'],
    ['2^53 - 1', '9007199254740991'],
  ] as const) {
    test(`${name} as a size: cut to 32 bits, or what follows run as commands`, () => {
      const { codes, said } = after(`BDAT ${size} LAST\r\n${commands}${'x'.repeat(50)}`, { content: 20 });
      assert.equal(codes, []);
      assert.equal(said.events.slice(-3), ['content', `chunk QUIT\\r\\n${'x'.repeat(14)}`, 'abort']);
    });
  }

  test('0: a content of no octets lost, or a 0 taken for the end', () => {
    assert.equal(after('BDAT 0 LAST\r\nNOOP\r\n').codes, ['250', '250']);
    const { codes, said } = after('BDAT 0\r\nBDAT 0\r\nBDAT 2\r\nabBDAT 0 LAST\r\n');
    assert.equal(codes, ['250', '250', '250', '250']);
    assert.equal([contentOf(said), count(said, 'end')], ['ab', 1]);
  });

  test('leading zeros read as octal', () => {
    const { codes, said } = after('BDAT 0010 LAST\r\n0123456789NOOP\r\n');
    assert.equal([codes, contentOf(said)], [['250', '250'], '0123456789']);
  });

  test('LAST in another case passed over, or something else taken for it', () => {
    for (const last of ['LAST', 'last', 'lAsT']) {
      const { said } = after(`bdat 6 ${last}\r\n${commands}`);
      assert.is(count(said, 'end'), 1, last);
    }
    for (const last of ['LASTS', 'LAS', 'LAST LAST', ' LAST', 'FIRST', '6']) {
      const { codes, said } = after(`BDAT 6 ${last}\r\n${commands}NOOP\r\n`);
      assert.equal([codes, count(said, 'content')], [['501', '250'], 0], last);
    }
  });

  test('the octets of a refused one run as commands', () => {
    const smuggled = `${opened}BDAT 1 LAST\r\nx`;
    const refused = `BDAT ${smuggled.length} LAST\r\n${smuggled}`;
    const mail = 'MAIL FROM:<a@example.org>\r\n';
    for (const [before, code, limits] of [
      ['', '503', {}],
      [hello, '503', {}],
      [`${hello}${mail}`, '503', {}],
      [`${hello}${opened}`, '552', { content: 10 }],
      [`${hello}${opened}BDAT 1\r\n\nBDAT 2\r\n\r\n`, '550', {}],
      [`${hello}${opened}BDAT 1 LAST\r\nx`, '503', {}],
    ] as const) {
      const quiet = codes(talk(before, undefined, limits));
      const said = talk(`${before}${refused}NOOP\r\n`, undefined, limits);
      assert.equal(codes(said), [...quiet, code, '250'], before);
      assert.ok(count(said, 'mail') <= 1, before);
    }
  });

  test('DATA, MAIL or RCPT between two chunks taken, or the content lost by it', () => {
    const { codes, said } = after(`BDAT 1\r\naDATA\r\n${opened}BDAT 1 LAST\r\nb`);
    assert.equal(codes, ['250', '503', '503', '503', '250']);
    assert.equal([contentOf(said), count(said, 'mail'), count(said, 'end')], ['ab', 1, 1]);
  });

  test('RSET, a hello, QUIT or the end of input between two chunks: a part kept as a whole', () => {
    for (const command of ['RSET\r\n', hello, commands, '']) {
      const { said } = after(
        `BDAT 1\r\na${command}BDAT 6 LAST\r\n${commands}`.slice(0, command ? undefined : 9),
      );
      assert.equal([count(said, 'end'), count(said, 'abort')], [0, 1], command);
    }
  });

  test('DATA behind a transaction by BDAT, and the reverse', () => {
    const { codes, said } = after(
      `BDAT 1 LAST\r\na${opened}DATA\r\nb\r\n.\r\n${opened}BDAT 1 LAST\r\nc${commands}`,
    );
    assert.equal(codes, ['250', '250', '250', '354', '250', '250', '250', '250', '221']);
    assert.is(count(said, 'end'), 3);
  });

  test('a limit that each chunk keeps and all together do not', () => {
    const { codes, said } = after(`${'BDAT 6\r\nabcdef'.repeat(3)}BDAT 6 LAST\r\n${commands}NOOP\r\n`, {
      content: 15,
    });
    assert.equal(codes, ['250', '250', '552', '552', '250']);
    assert.is(contentOf(said), 'abcdefabcdefabc');
  });
});

suite('BDAT and DATA', (test) => {
  const lawful = [
    '\r\n',
    '.',
    '..',
    'a',
    'line\r\n',
    '\0',
    '\xff\r\n',
    'Received: x\r\n',
    '\r\n.\r\n',
    'DATA\r\n',
  ];
  const content = (tokens: readonly string[]) =>
    fc
      .array(fc.constantFrom(...tokens), { maxLength: 12 })
      .map((all) => (all.length ? `${all.join('')}\r\n` : ''));
  const cuts = fc.array(fc.nat(40), { maxLength: 8 });

  /** The pieces of `text` that are `lengths` long, and the rest. */
  function cut(text: string, lengths: readonly number[]): string[] {
    const pieces = [];
    let at = 0;
    for (const length of lengths) {
      pieces.push(text.slice(at, at + length));
      at += length;
    }
    return [...pieces, text.slice(at)];
  }

  /** What became of one message: its last replies, and its content if it was accepted. */
  function outcome(protocol: 'smtp' | 'lmtp', input: string, segments: readonly number[]): unknown {
    const kind = { protocol, offersTls: false, requiresTls: false, takesXclient: false };
    const limits = { content: 60, header: 40, hops: 2 };
    const first = protocol === 'smtp' ? hello : hello.replace('E', 'L');
    const twice = `${first}${opened}RCPT TO:<b@example.net>\r\n`;
    const session = new Session(sessionSettings('mx.example', limits, kind));
    const said = converse(session, cut(`${twice}${input}`, segments).map(bytes));
    const last = codes(said).slice(protocol === 'smtp' ? -1 : -2);
    return { last, content: count(said, 'end') === 1 ? (contentOf(said) ?? '') : undefined };
  }

  function same(tokens: readonly string[], seed: number): number {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.constantFrom('smtp' as const, 'lmtp' as const),
        content(tokens),
        cuts,
        cuts,
        fc.boolean(),
        (protocol, text, chunks, segments, empty) => {
          const stuffed = text.replace(/(^|\r\n)\./g, '$1..');
          const pieces = [...cut(text, chunks), ...(empty ? [''] : [])];
          const bdat = pieces.map((piece, i) => {
            return `BDAT ${piece.length}${i === pieces.length - 1 ? ' LAST' : ''}\r\n${piece}`;
          });
          const byData = outcome(protocol, `DATA\r\n${stuffed}.\r\n`, segments);
          assert.equal(outcome(protocol, bdat.join(''), segments), byData);
          if (JSON.stringify(byData).includes('"content"')) accepted += 1;
        },
      ),
      { numRuns: 2000, seed },
    );
    return accepted;
  }

  test('another content, or another verdict, for the same message', () => {
    const accepted = same(lawful, 1);
    assert.ok(accepted > 500 && accepted < 2000, `${accepted} of 2000 accepted`);
  });

  test('another verdict for a bare CR or LF', () => {
    const accepted = same([...lawful, '\r', '\n', 'a\r', '\nb', '\r\r\n'], 2);
    assert.ok(accepted > 100 && accepted < 2000, `${accepted} of 2000 accepted`);
  });
});
