import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EventCode, events } from '../../../src/cli/log/events.js';
import { placesOf } from '../../../src/cli/log/faults.js';
import { type Fields, faultOfFile, nthOf, replyCodeOf, timesOf } from '../../../src/cli/log/fields.js';
import { eventOf, type Log, lineOf, logTo } from '../../../src/cli/log/log.js';
import { causeOf } from '../../../src/core/cause.js';
import { Problem } from '../../../src/core/errors.js';
import { assert, suite } from '../../support/suite.js';

const root = resolve(import.meta.dirname, '../../../..');
const compiled = resolve(import.meta.dirname, '../../../src');

/** Whether any text, or any number, is of this type. */
type IsOpen<T> = string extends T ? true : number extends T ? true : false;
/** This does not compile once a field has room for more than its list. */
const areOpen: { readonly [K in keyof Fields]-?: IsOpen<NonNullable<Fields[K]>> } = {
  cause: false,
  fault: false,
  line: false,
  key: false,
  certificate: false,
  protocol: false,
  reply: false,
  times: false,
};
const isCodeOpen: IsOpen<EventCode> = false;

suite('log', (test) => {
  test('a field has room for an address, a name, a size or a client', () => {
    assert.not.ok(isCodeOpen || Object.values(areOpen).some((isOpen) => isOpen));
    // What comes from another process has no types any more.
    const forged = JSON.parse(
      '{"cause":"ann@example.org","fault":"ann","line":"ann","key":"ann@example.org","certificate":77,"protocol":"ann","reply":123457,"times":123457,"more":"ann"}',
    ) as Fields;
    assert.is(lineOf('replied', forged), 'obalka: replied: a client was answered');
    assert.is(lineOf(JSON.parse('"ann@example.org"') as EventCode), '');
    assert.is(lineOf(JSON.parse('"toString"') as EventCode), '');
  });

  test('systemd takes an error for a word by the way, or a session is told without being asked for', () => {
    const said = (log: Log) => {
      const write = process.stderr.write;
      let text = '';
      process.stderr.write = ((piece: string) => {
        text += piece;
        return true;
      }) as typeof process.stderr.write;
      try {
        log('disk-full');
        log('lists-read');
        log('session-over', { protocol: 'lmtp' });
      } finally {
        process.stderr.write = write;
      }
      return text.match(/^(<\d>)?obalka: [a-z-]+: /gm) ?? [];
    };
    const journal = said(logTo({ isJournal: true, debug: true }));
    assert.equal(journal, ['<3>obalka: disk-full: ', '<6>obalka: lists-read: ', '<7>obalka: session-over: ']);
    assert.equal(said(logTo({ isJournal: false })), ['obalka: disk-full: ', 'obalka: lists-read: ']);
    // One that another process made up.
    logTo({ debug: true })(JSON.parse('"ann@example.org"') as EventCode);
  });

  test('a number is told exactly, or a line without what it is about', () => {
    assert.equal(
      [1, 2, 3, 4, 5, 9, 99, 123_457, 9e9].map(timesOf),
      [1, 2, 2, 2, 5, 5, 50, 100_000, 1_000_000],
    );
    assert.equal([250, 550, 599, 123_457].map(replyCodeOf), [250, 550, 0, 0]);
    assert.equal([0, 8, 9, -1].map(nthOf), [1, 9, 0, 0]);
    assert.is(
      lineOf('disk-failed', { cause: 'EIO', times: timesOf(37) }),
      `obalka: disk-failed: ${events['disk-failed'].words} (EIO, 20 times or more)`,
    );
    assert.is(lineOf('replied', { reply: 550, times: 1 }), 'obalka: replied: a client was answered (550)');
    assert.is(lineOf('certificate-expired', { certificate: 2 }).slice(-16), ' (certificate 2)');
  });

  test('an error is told with its words', () => {
    assert.is(causeOf(Object.assign(new Error('ann'), { code: 'ENOSPC' })), 'ENOSPC');
    for (const error of [
      new Error('ann'),
      Object.assign(new Error(''), { code: 'ann@example.org' }),
      'ann',
      null,
    ])
      assert.is(causeOf(error), 'other');
    assert.equal(eventOf('EDQUOT'), { code: 'disk-full', fields: { cause: 'EDQUOT' } });
    assert.equal(eventOf('other'), { code: 'mail-failed', fields: { cause: 'other' } });
    assert.equal(eventOf('connection too slow').code, 'connection-too-slow');
    const problem = (message: string) => faultOfFile(new Problem('failure', message));
    assert.equal(problem('/x/deny, line 12: ann@example.org is no domain'), { fault: 'mistake', line: 12 });
    assert.equal(problem('/x/deny: the list cannot be read (EACCES); see'), {
      fault: 'unreadable',
      line: undefined,
    });
    assert.equal(problem('a.pem: b.pem belongs to another certificate; see').fault, 'not its key');
    assert.equal(problem('/x: the file is gone; an empty one says what none says').fault, 'gone');
  });

  test('a fault that nobody caught is told with what it was about', () => {
    const faults = pathToFileURL(join(compiled, 'cli/log/faults.js')).href;
    const run = (code: string) =>
      spawnSync(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import { sayFaults } from ${JSON.stringify(faults)}; sayFaults(() => undefined); ${code}`,
        ],
        { encoding: 'utf8' },
      );
    for (const code of [
      "JSON.parse('ann@example.org')",
      "Promise.reject(new Error('ann@example.org'))",
      "throw 'ann'",
    ]) {
      const ended = run(code);
      assert.is(ended.status, 1);
      assert.is(ended.stderr, 'obalka: program-fault: a fault in obalka: this process ends (other)\n');
    }
    assert.is(run("process.emitWarning('ann@example.org')").stderr, '');
    const inside = new Error('x');
    inside.stack = `Error: x\n    at f (${compiled}/net/ann.js:1:2)\n    at g (file://${compiled}/net/pace.js:3:4)\n    at ${compiled}/core/cause.js:5:6`;
    assert.equal(placesOf(inside), ['net/pace.js:3:4', 'core/cause.js:5:6']);
  });

  test('something is said that does not go through the log; or an event that nobody says is in the table', () => {
    const texts = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'cli/log/events.ts')
      .map((name) => [name, readFileSync(join(root, 'src', name), 'utf8')] as const);
    for (const [name, text] of texts)
      if (!name.startsWith('cli/')) assert.not.match(text, /\bconsole\.|process\.stderr|emitWarning/, name);
    const all = texts.map(([, text]) => text).join('\n');
    for (const code of Object.keys(events)) assert.ok(all.includes(`'${code}'`), `${code} is said by nobody`);
  });

  test('an operator finds a code in the log that the guide does not have, or says something else of', () => {
    const guide = readFileSync(join(root, 'spec/guide/troubleshooting.md'), 'utf8');
    const rows = Object.entries(events)
      .sort(([a], [b]) => a.localeCompare(b))
      .filter(([, { level }]) => level !== 'debug')
      .map(([code, { level, words, mend }]) => `| \`${code}\` | ${level} | ${words} | ${mend} |`);
    const written = guide
      .split('\n')
      .filter((line) => /^\| `[a-z-]+` \| (error|warning|notice|info) \|/.test(line));
    assert.equal(written, rows);
  });
});
