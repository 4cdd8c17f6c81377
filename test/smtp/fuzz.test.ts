/**
 * Generated sessions against the bare machine, each held against a plain reader of the same octets. By hand for longer:
 * OBALKA_FUZZ_SESSIONS=5000000 OBALKA_FUZZ_SEED=7 node dist/test/smtp/fuzz.test.js
 */
import { Reply } from '../../src/smtp/replies.js';
import { Session } from '../../src/smtp/session.js';
import { sessionSettings } from '../../src/smtp/settings.js';
import { type Step, table } from '../../src/smtp/states.js';
import { assert, suite } from '../support/suite.js';
import { visible } from './drive.js';
import { readPlainly } from './plain-session.js';

const sessions = Number(process.env.OBALKA_FUZZ_SESSIONS ?? 100_000);
const seed = Number(process.env.OBALKA_FUZZ_SEED ?? 1);
const largest = 40;
const many = 1_000_000;
const limits = { content: largest, errors: many, refusedRecipients: many };
const kind = { offersTls: false, requiresTls: false, takesXclient: false };
const protocols = ['smtp', 'lmtp'] as const;
const settings = {
  smtp: sessionSettings('mx.example', limits, { ...kind, protocol: 'smtp' }),
  lmtp: sessionSettings('mx.example', limits, { ...kind, protocol: 'lmtp' }),
};

// LMTP gets the same with its own hello; one of each is the other's.
const opening = 'EHLO c.example\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n';
const pieces = [
  ...[opening, opening, opening, `${opening}DATA\r\n`, `${opening}DATA\r\n`],
  ...[`${opening}BDAT 5 LAST\r\none\r\n`, `${opening}BDAT 5\r\none\r\n`, `${opening}DATA\r\none\r\n.\r\n`],
  ...['EHLO c\r\n', 'MAIL FROM:<a@b>\r\n', 'MAIL FROM:<> BODY=BINARYMIME\r\n', 'RCPT TO:<c@d>\r\n'],
  ...['MAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\n', 'DATA\r\n', 'data \r\n', 'DATA x\r\n'],
  ...['BDAT 5\r\n', 'BDAT 12\r\n', 'bdat 5 last\r\n', 'BDAT 14 LAST\r\n', 'BDAT 0\r\n', 'BDAT 0 LAST\r\n'],
  ...['BDAT 5 LASTS\r\n', 'BDAT 41\r\n', 'BDAT -1\r\n', 'BDAT 1\n', 'BDAT\r\n', 'BDAT 3 \r\n'],
  ...[
    'RSET\r\n',
    'NOOP\r\n',
    'QUIT\r\n',
    'VRFY x\r\n',
    'FOO\r\n',
    '\r\n',
    'GET /\r\n',
    'RSET\n',
    'NOOP\0\r\n',
  ],
  ...['.\r\n', '.\r\n', '.\n', '.\r', '\n.\n', '\r\n.\r\n', '\r\n', '\n', '\r', '.', '..', 'a', 'line\r\n'],
  ...['one\r\n', 'RSET\r\nQUIT\r\n', '\0', '\xff', 'x'.repeat(45)],
  // SMTPUTF8: asked for and not; UTF-8 that is none (overlong, a surrogate, cut off, a control character).
  ...['MAIL FROM:<\xc3\xa9@b> SMTPUTF8\r\nRCPT TO:<\xc3\xa9@\xc3\xbc.d>\r\nDATA\r\n', 'LHLO c\r\n'],
  ...['MAIL FROM:<a@b> SMTPUTF8\r\n', 'MAIL FROM:<a@b> BODY=BINARYMIME SMTPUTF8\r\n', 'NOOP \xc3\xa9\r\n'],
  ...[
    'MAIL FROM:<\xc3\xa9@b>\r\n',
    'MAIL FROM:<\xc0\xae@b> SMTPUTF8\r\n',
    'MAIL FROM:<\xc2\x85@b> SMTPUTF8\r\n',
  ],
  ...[
    'RCPT TO:<\xc3\xa9@d>\r\n',
    'RCPT TO:<\xed\xa0\x80@d>\r\n',
    'RCPT TO:<\xc3@d>\r\n',
    'BDAT \xc3\xa9\r\n',
  ],
];
const swapped: Record<string, string> = { EHLO: 'LHLO', LHLO: 'EHLO' };
const piecesOf = {
  smtp: pieces,
  lmtp: pieces.map((piece) => piece.replace(/[EL]HLO/, (verb) => swapped[verb] ?? verb)),
};

/** xorshift32: fast, and the same everywhere. */
function dice(state: number): (below: number) => number {
  let x = state | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const moves = new Map(
  Object.entries(table).map(([from, row]) => [
    from,
    new Set<string>([
      from,
      ...(Object.keys(row) as Step[]).map((step) => row[step]).filter((to) => typeof to === 'string'),
    ]),
  ]),
);

/** Plays `input` in chunks of random lengths; throws if the state table or the order of events is not kept. */
function play(
  input: Buffer,
  roll: (below: number) => number,
  protocol: 'smtp' | 'lmtp',
): { contents: string[]; output: string } {
  const session = new Session(settings[protocol]);
  const contents: string[] = [];
  let content = '';
  let output = '';
  let at = 0;
  for (;;) {
    const before = session.state;
    const event = session.next();
    if (event === undefined) {
      const said = session.takeOutput();
      if (said !== undefined) output += Buffer.from(said).toString('latin1');
      else if (at < input.length) {
        const most = roll(4) === 0 ? 1 : 1 + roll(60);
        session.receive(input.subarray(at, at + most));
        at += most;
      } else if (session.state === 'closed') return { contents, output };
      else session.end();
    } else if (event.type === 'chunk') content += Buffer.from(event.bytes).toString('latin1');
    else if (event.type === 'abort') content = '';
    else if (event.type !== 'reset') {
      if (event.type === 'content') content = '';
      if (event.type === 'end') contents.push(content);
      const asked = session.state;
      session.answer();
      assert.ok(moves.get(asked)?.has(session.state), `${asked} to ${session.state}`);
    }
    assert.ok(content.length <= largest, 'more content given out than the limit allows');
    assert.ok(moves.has(before));
  }
}

suite('fuzz', (test) => {
  test(`${sessions} sessions: a reply too many or too few, an end that a strict reader sees elsewhere`, () => {
    const roll = dice(seed * 2_654_435_761);
    const accepted = { smtp: 0, lmtp: 0 };
    for (let i = 0; i < sessions; i++) {
      const protocol = protocols[roll(2)] ?? 'smtp';
      const choice = piecesOf[protocol];
      let input = '';
      for (let left = 1 + roll(14); left > 0; left--) input += choice[roll(choice.length)];
      const said = play(Buffer.from(input, 'latin1'), roll, protocol);
      const plain = readPlainly(input, largest, protocol);
      accepted[protocol] += plain.contents.length;
      const replies = said.output.match(/^\d{3} /gm)?.length ?? 0;
      if (replies === plain.replies && said.contents.join('|') === plain.contents.join('|')) {
        if (i % 64 === 0) assert.match(said.output, /^(?:\d{3}[ -][\x20-\x7e]*\r\n)+$/);
        continue;
      }
      const what = { input: visible(input), protocol, seed, number: i };
      assert.equal({ ...what, replies, contents: said.contents }, { ...what, ...plain });
    }
    for (const [protocol, contents] of Object.entries(accepted))
      assert.ok(contents > sessions / 20, `only ${contents} contents were accepted over ${protocol}`);
  });

  test('a step of the table that refuses with yes', () => {
    for (const row of Object.values(table))
      for (const to of Object.values(row)) if (to instanceof Reply) assert.ok(to.permanent);
  });
});
