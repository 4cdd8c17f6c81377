/** Forms of a list: columns, widths, dates and filters; and on a terminal, the pager. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filterOf, readDate } from '../../src/cli/mailbox/filter-options.js';
import { type LineForm, textLine } from '../../src/cli/mailbox/list-lines.js';
import { cut, fitted, folded, foldedLines, textWidth } from '../../src/cli/terminal/text-width.js';
import type { ListedMail } from '../../src/reader/cache/listed-mail.js';
import { matching } from '../../src/reader/mail-filter.js';
import { visibleLine } from '../../src/reader/visible.js';
import { Installation, within } from '../support/installation.js';
import { person } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { runOnTerminal } from '../support/terminal.js';
import { Wire } from '../support/wire.js';

const now = new Date(2026, 10, 21, 15, 0);
const noChanges = { all: [], of: () => undefined, last: () => [] };

function mail(given: Partial<ListedMail> = {}): ListedMail {
  return {
    id: 'u7hqlafwerprk',
    identity: person('ann'),
    at: { journal: new Uint8Array(16), lane: new Uint8Array(16), segment: 0, id: new Uint8Array(16) },
    number: 0,
    receivedAt: new Date(2026, 10, 21, 14, 5).getTime(),
    size: 5120,
    flags: 0,
    addressing: { recipient: 'Ann@example.org', reached: 'itself', keySet: new Uint8Array(32) },
    from: 'Bob <bob@example.net>',
    subject: 'On Tuesday',
    date: '',
    messageId: '',
    key: '',
    ...given,
  };
}

const form = (columns: number | undefined, isBold = false): LineForm => ({ columns, isBold, now });

suite('list forms', (test) => {
  test('a line is wider than the terminal, or wastes it', () => {
    const texts = [
      'short',
      '日本語の件名がここにあります'.repeat(6),
      '🎉 party 🎉'.repeat(9),
      'é́'.repeat(80),
      'x'.repeat(300),
    ];
    for (const text of texts)
      for (let columns = 24; columns <= 200; columns += 7) {
        const line = textLine(mail({ from: text, subject: text }), noChanges, true, form(columns));
        assert.ok(textWidth(line) <= columns, `${columns}: ${line}`);
        assert.match(line, /^u7hqlafwerprk {2}N/);
      }
    assert.match(textLine(mail({ subject: 'x'.repeat(300) }), noChanges, false, form(undefined)), /x{300}$/);
  });

  test('text is folded in the middle of words, loses some, or is wider than the terminal', () => {
    assert.equal(folded('one two three four', 9), ['one two', 'three', 'four']);
    assert.equal(folded('> quoted words\n\nnext', 8), ['> quoted', 'words', '', 'next']);
    assert.equal(folded('a'.repeat(10), 4), ['aaaa', 'aaaa', 'aa']);
    assert.equal(folded('    indented', 8), ['    inde', 'nted']);
    const text = '日本 words é́ https://example.org/a/very/long/way 🎉 end  of   it'.repeat(3);
    for (let columns = 2; columns < 120; columns++) {
      const lines = folded(text, columns);
      assert.ok(
        lines.every((line) => textWidth(line) <= columns),
        `${columns}`,
      );
      assert.is(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''), `${columns}`);
      const pieces = [`${text.slice(0, 40)}`, `${text.slice(40)}\none`, ' more\n'];
      assert.equal([...foldedLines(pieces, columns)].flat(), folded(`${text}\none more`, columns));
    }
  });

  test('columns of characters are miscounted', () => {
    assert.equal(
      ['abc', 'é', 'e\u0301', '\u1100\u1161\u11a8', '日本', '🎉', '☂\ufe0f', 'ﾊﾝ', ''].map(textWidth),
      [3, 1, 1, 2, 4, 2, 2, 2, 0],
    );
    assert.is(cut('日本語', 4), '日…');
    assert.is(fitted('日本語', 5), '日本…');
    assert.is(fitted('日本', 6), '日本  ');
    assert.is(cut('abc', 3), 'abc');
  });

  test('a date is another one, or of another place', () => {
    const shown = (receivedAt: number, columns: number | undefined, end: number) =>
      textLine(mail({ receivedAt }), noChanges, false, form(columns)).slice(17, end);
    assert.is(shown(new Date(2026, 10, 21, 0, 5).getTime(), 80, 23), ' 00:05');
    assert.is(shown(new Date(2026, 10, 1, 0, 5).getTime(), 80, 23), 'Nov  1');
    assert.is(shown(new Date(2025, 10, 21, 14, 5).getTime(), 80, 23), '  2025');
    assert.is(shown(8.64e15 + 1, 80, 23), '  ????');
    assert.is(shown(new Date(2025, 10, 21, 14, 5).getTime(), undefined, 33), '2025-11-21 14:05');
  });

  test('unread mail is not bold, or hostile text moves the cursor', () => {
    const bold = textLine(mail(), noChanges, true, form(80, true));
    assert.ok(bold.startsWith('\u001b[1m') && bold.endsWith('\u001b[0m'));
    assert.not.ok(textLine(mail(), noChanges, false, form(80, true)).includes('\u001b'));
    const hostile = mail({ subject: '\u001b[2J\u202eevil', from: '\r\nx' });
    const line = textLine(hostile, noChanges, true, form(200));
    assert.is(line, visibleLine(line));
  });

  test('a date is misread', () => {
    const span = (text: string) => {
      const { begin, end } = readDate(text, '--since', now);
      return [begin, end].map((time) => new Date(time).toISOString());
    };
    const local = (...parts: [number, number, number]) => new Date(...parts).toISOString();
    assert.equal(span('2026-11-01'), [local(2026, 10, 1), local(2026, 10, 2)]);
    assert.equal(span('yesterday'), [local(2026, 10, 20), local(2026, 10, 21)]);
    assert.equal(span('today'), [local(2026, 10, 21), local(2026, 10, 22)]);
    assert.is(readDate('7d', '--since', now).begin, now.getTime() - 7 * 86_400_000);
    assert.is(readDate('2026-11-01T10:00Z', '--since', now).end, Date.UTC(2026, 10, 1, 10));
    for (const wrong of ['2026-02-30', '2026-13-01', 'soon', '7x', '', '2026-11-01T25:00', '-1d'])
      assert.throws(() => readDate(wrong, '--since', now), /not a date/, wrong);
  });

  test('a filter lets other mail through', () => {
    const holds = (
      options: Parameters<typeof filterOf>[0],
      given: Partial<ListedMail> = {},
      isRead = false,
    ) => matching(filterOf(options, now), () => isRead)(mail(given));
    assert.ok(holds({ from: 'BOB@' }) && holds({ to: 'ann@EXAMPLE' }) && holds({ subject: 'tues' }));
    assert.not.ok(holds({ from: 'ann' }) || holds({ to: 'bob' }) || holds({ subject: 'wednes' }));
    assert.ok(holds({ subject: 'ÉTÉ' }, { subject: 'un e\u0301te\u0301' }));
    assert.ok(
      holds({ since: 'today', until: 'today' }) && holds({ until: '2026-11-21' }) && holds({ since: '1d' }),
    );
    assert.not.ok(holds({ until: 'yesterday' }) || holds({ since: '2026-11-22' }));
    assert.ok(holds({ unread: true }) && !holds({ unread: true }, {}, true));
  });

  test('a list does not go through the pager, or hands it secrets, or waits for it where there is no terminal', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const content = Buffer.from(`Subject: ${'paged '.repeat(30)}\r\n\r\nText.\r\n`);
      for (let at = 0; at < 3; at++)
        wire.must(await wire.deliver({ from: 'a@example.net', to: ['ann@example.org'], content }), '250');
      await wire.quit();
      await server.stop();
      const seen = join(made.folder, 'seen');
      writeFileSync(join(made.folder, 'pager'), `#!/bin/sh\nenv > "${seen}"\nsed s/paged/PAGED/\n`, {
        mode: 0o700,
      });
      const words = `list --identity ann --data ${made.data}`;
      const pager = `PAGER=${made.folder}/pager OBALKA_PASSPHRASE=secret SECRET=secret`;
      const paged = await runOnTerminal(made, `export ${pager}; obalka ${words}`);
      assert.is(paged.code, 0);
      const lines = paged.stdout
        .toString()
        .split('\n')
        .filter((line) => line.includes('PAGED'));
      assert.is(lines.length, 3, paged.stdout.toString());
      for (const line of lines) assert.is(textWidth(line), 100, line);
      const environment = readFileSync(seen, 'utf8');
      assert.match(environment, /^LESSSECURE=1$/m);
      assert.not.match(environment, /secret|^OBALKA/m);
      const plain = await runOnTerminal(made, `export ${pager}; obalka ${words} --no-pager`);
      assert.not.match(plain.stdout.toString(), /PAGED/);
      const piped = await made.shell(`export ${pager}; obalka ${words} | head -1`);
      assert.equal([piped.stderr, piped.stdout.toString().split('\n').length], ['', 2]);
      assert.not.match(piped.stdout.toString(), /PAGED|…/);
      // Whoever leaves the pager early leaves no trace, and no terminal behind.
      const left = await runOnTerminal(made, `export PAGER='head -1'; obalka ${words}`);
      assert.is(left.code, 0, left.stdout.toString());
      assert.not.match(left.stdout.toString(), /EPIPE|fault/);
    }));
});
