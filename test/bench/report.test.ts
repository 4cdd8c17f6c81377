import { assert, suite } from '../support/suite.js';
import { barChart } from './chart/bars.js';
import { lineChart } from './chart/lines.js';
import { escaped, roundUp, short } from './chart/svg.js';
import { goalsTable } from './goals.js';
import { readOptions } from './options.js';
import { obalka, obalkaWorkers } from './peers/obalka.js';
import { postfixDovecot } from './peers/postfix-dovecot.js';
import { smtpServer } from './peers/smtp-server.js';
import { smtpSink } from './peers/smtp-sink.js';
import { cpuSeconds, parseStat, parseStatus, residentMiB } from './proc.js';
import { between } from './report.js';
import { Results } from './results.js';
import { countSyncs } from './scenarios/syncs.js';
import { percentile, spread } from './statistics.js';

/** Whether every element that begins ends, in order. */
function isWellFormed(markup: string): boolean {
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of markup.matchAll(/<(\/?)([a-z]+)((?:\s[^<>]*)?)>/g)) {
    if (slash) {
      if (open.pop() !== name) return false;
    } else if (!rest.endsWith('/')) open.push(name);
  }
  return open.length === 0 && !/&(?!(?:amp|lt|gt|quot|apos);)/.test(markup);
}

suite('bench report', (test) => {
  test('a percentile is one of the numbers, by rank', () => {
    const numbers = Array.from({ length: 200 }, (_, at) => 200 - at);
    assert.is(percentile(numbers, 50), 100);
    assert.is(percentile(numbers, 99), 198);
    assert.is(percentile(numbers, 100), 200);
    assert.is(percentile([7], 1), 7);
    assert.is(percentile([], 50), undefined);
  });

  test('a spread has the middle and both ends', () => {
    assert.equal(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
    assert.is(spread([]), undefined);
  });

  test('a ratio is taken within rounds, and of those that both have', () => {
    const results = new Results();
    for (const pace of [1, 10, 100]) results.add('a', { pace });
    for (const pace of [2, 30]) results.add('b', { pace });
    assert.equal(results.ratios('b', 'a', 'pace'), [2, 3]);
    assert.is(results.ratio('b', 'a', 'pace'), 2.5);
    assert.is(results.median('c', 'pace'), undefined);
  });

  test('a program may have any name in /proc/PID/stat', () => {
    const after = Array.from({ length: 40 }, (_, at) => `${at}`);
    const { parent, cpuSeconds: seconds } = parseStat(`12 (a) b (c) S ${after.slice(1).join(' ')}`);
    assert.is(parent, 1);
    assert.is(seconds, (11 + 12 + 13 + 14) / 100);
  });

  test('memory is read in MiB, and is 0 for a process that is ending', () => {
    const text = 'Name:\tx\nVmPeak:\t  999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n';
    assert.equal(parseStatus(text), { now: 1, peak: 2 });
    assert.equal(parseStatus('Name:\tx\nState:\tZ (zombie)\n'), { now: 0, peak: 0 });
  });

  test('this process uses the processor and memory', () => {
    assert.ok(cpuSeconds(process.pid) > 0);
    assert.ok(residentMiB(process.pid).now > 10);
    assert.is(cpuSeconds(2 ** 30), 0, 'and one that is not there does not');
  });

  test('a sync that another thread interrupted counts once', () => {
    const trace = [
      '12  fdatasync(18)                         = 0',
      '13  fsync(7 <unfinished ...>',
      '12  fdatasync(18)                         = 0',
      '13  <... fsync resumed>)                  = 0',
      '12  +++ exited with 0 +++',
      '12  openat(AT_FDCWD, "fsync(", O_RDONLY) = 3',
    ];
    assert.is(countSyncs(trace.join('\n')), 3);
  });

  test('markup in a name stays text', () => {
    assert.is(escaped(`<a b="c">&'\u0007`), '&lt;a b=&quot;c&quot;&gt;&amp;&apos;');
    const bars = [{ name: 'a <b> & "c"', value: 3 }];
    const drawing = barChart('x & <y>', [{ title: '<z>', better: 'more', bars }]);
    assert.ok(isWellFormed(drawing), drawing);
    assert.match(drawing, 'a &lt;b&gt; &amp; &quot;c&quot;');
  });

  test('the longest bar is the greatest number, and one that is missing has none', () => {
    const bars = [
      { name: 'a', value: 50 },
      { name: 'b', value: undefined },
      { name: 'c', value: 200 },
    ];
    const drawing = barChart('t', [{ title: 'p', better: 'less', bars }]);
    const widths = [...drawing.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
    assert.is(widths.length, 2);
    assert.is((widths[0] as number) * 4, widths[1]);
    assert.match(drawing, '>–<');
  });

  test('curves stay within the picture, whatever the numbers', () => {
    for (const ys of [[0], [0, 0], [1e9, 3], [0.001, 0.0004]]) {
      const points = ys.map((y, at): [number, number] => [at + 1, y]);
      const drawing = lineChart({ title: 't', across: 'x', up: 'y', curves: [{ name: 'n', points }] });
      assert.ok(isWellFormed(drawing), drawing);
      assert.not.match(drawing, /NaN|Infinity/);
      const height = Number(/ height="(\d+)"/.exec(drawing)?.[1]);
      for (const [, y] of drawing.matchAll(/cy="([-\d.]+)"/g))
        assert.ok(Number(y) >= 40 && Number(y) <= height, drawing);
    }
  });

  test('axes end at round numbers', () => {
    assert.equal([0, 1, 1.1, 7300, 0.3, 20, 5].map(roundUp), [1, 1, 2, 10_000, 0.5, 20, 5]);
    assert.equal([7301.4, 12.345, 0.1234, 3].map(short), ['7301', '12.3', '0.12', '3']);
  });

  test('a goal is met by what is printed, missed by less, and open without a measurement', () => {
    const results = new Results();
    results.add(obalkaWorkers.name, { 'new msg/s': 50, 'kept msg/s': 119 });
    results.add(obalka.name, { 'kept msg/s': 90, 'CPU s per 1000': 0.3 });
    results.add(smtpSink.name, { 'new msg/s': 100 });
    results.add(smtpServer.name, { 'kept msg/s': 100 });
    results.add(postfixDovecot.name, { 'new msg/s': 2 });
    const started = [1, 100].map((gibibytes) => ({ gibibytes, seconds: 1.004, mebibytes: 80 }));
    const reader = [['first `list --limit 50`', '5.10 s', '≤ 5 s', '', '']];
    const rows = goalsTable({ results, started, reader }).split('\n').slice(2);
    const verdicts = rows.map((row) => row.split(' | ').at(-1)?.replace(' |', ''));
    const open = 'not measured';
    assert.equal(verdicts, ['yes', 'no', open, open, open, 'no', open, 'yes', open]);
  });

  test("the README's section is put between its marks, and nowhere else", () => {
    const marked = (part: string) => `a\n<!-- bench: begin -->\n${part}\n<!-- bench: end -->\nb`;
    assert.is(between(marked('old\nold'), 'new'), marked('new'));
    assert.throws(() => between('a', 'new'), /once each/);
    assert.throws(() => between('<!-- bench: end --><!-- bench: begin -->', 'new'), /once each/);
    assert.throws(() => between(marked(marked('')), 'new'), /once each/);
  });

  test('the command line is refused in words', () => {
    assert.throws(() => readOptions(['--only', 'nothing']), /not nothing/);
    assert.throws(() => readOptions(['--rounds', '0']), /--rounds wants/);
    assert.throws(() => readOptions(['--generator', 'none']), /no generator none/);
    assert.throws(() => readOptions(['--write', '--only', 'kept']), /--write wants all/);
    const options = readOptions(['--only', 'kept,growth', '--seconds', '0.5', '--generator', 'own']);
    assert.equal([options.growth, options.chosen.length, options.scale.seconds], [true, 1, 0.5]);
  });
});
