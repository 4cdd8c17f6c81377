/** obalka retain and serve --retain, through the program: what is old goes, what is not stays, and nothing looks damaged. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const clock = pathToFileURL(resolve(import.meta.dirname, '../support/shifted-clock.js')).href;

/** From now on the program's clock stands so many days from the true one. */
function shift(made: Installation, days: number): void {
  made.environment.NODE_OPTIONS = `--import=${clock}`;
  made.environment.CLOCK_SHIFT_DAYS = String(days);
}

/** It stands right again. */
function setRight(made: Installation): void {
  delete made.environment.NODE_OPTIONS;
  delete made.environment.CLOCK_SHIFT_DAYS;
}

async function sendAt(made: Installation, days: number, ...options: string[]): Promise<string> {
  if (days !== 0) shift(made, days);
  const server = await made.serve(...options);
  const wire = await Wire.to(server.port);
  await wire.hello();
  const content = Buffer.from(`Subject: ${days}\r\n\r\n${'x'.repeat(20_000)}\r\n`);
  wire.must(await wire.deliver({ from: 'c@example.net', to: ['ann@example.org'], content }), '250');
  await wire.quit();
  await server.stop();
  setRight(made);
  return server.stderr;
}

async function subjects(made: Installation): Promise<string[]> {
  const text = await made.must('list', '--json', '--identity', 'ann', '--pins', join(made.folder, 'pins'));
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).subject);
}

async function faults(made: Installation): Promise<unknown> {
  const text = await made.must('verify', '--json', '--identity', 'ann', '--pins', join(made.folder, 'pins'));
  const { faults, dropped } = JSON.parse(text);
  return [faults, dropped];
}

const ann = () => Installation.with('ann@example.org');

suite('retain', (test) => {
  test('what is younger goes too, what is older stays, or the journal looks damaged', () =>
    within(ann(), async (made) => {
      for (const days of [-200, -190, -180, 0]) await sendAt(made, days);
      assert.equal(await subjects(made), ['-200', '-190', '-180', '0']);
      const dry = await made.run('retain', '--older-than', '90d', '--dry-run', '--json');
      const old = dry.stdout
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      assert.equal(
        old.map(({ segment }) => segment),
        [0, 1],
      );
      assert.ok(old.every(({ octets, week }) => octets > 30_000 && /^\d{4}-W\d\d$/.test(week)));
      assert.equal(await subjects(made), ['-200', '-190', '-180', '0']);
      const server = await made.serve();
      assert.match(
        (await made.run('retain', '--older-than', '90d')).stderr,
        /^2 segments, \S+ octets dropped for good$/m,
      );
      assert.equal(await subjects(made), ['-180', '0']);
      assert.equal(await faults(made), [[], 2]);
      await server.stop();
      const [lane = ''] = readdirSync(join(made.data, 'journal')).filter((name) => name.startsWith('lane-'));
      assert.equal(readdirSync(join(made.data, 'journal', lane, 'segment-00000000')), ['checkpoint']);
      assert.match((await made.run('retain', '--older-than', '90d')).stderr, /nothing is that old/);
      assert.match((await made.run('retain', '--older-than', '13w')).stderr, /nothing is that old/);
      await sendAt(made, 0);
      assert.equal(await faults(made), [[], 2]);
    }));

  test('the server does not do it by itself, or does it when its clock cannot be right', () =>
    within(ann(), async (made) => {
      for (const days of [-200, -190, -180]) await sendAt(made, days);
      const ahead = await sendAt(made, 0, '--retain', '90d');
      assert.match(ahead, /the clock stands far ahead of the journal: nothing was dropped/);
      assert.equal(await subjects(made), ['-200', '-190', '-180', '0']);
      assert.match(await sendAt(made, 1, '--retain', '90d'), /old segments were dropped/);
      assert.equal(await subjects(made), ['-180', '0', '1']);
      assert.equal(await faults(made), [[], 2]);
    }));

  test('an age that is none, or a clock far ahead, drops mail', () =>
    within(ann(), async (made) => {
      for (const days of [-200, -190, -180]) await sendAt(made, days);
      for (const age of ['0d', '-1d', '90', '1.5y', '90 d', '100000d', 'd']) {
        const ended = await made.run('retain', '--older-than', age);
        assert.equal([ended.code, /not an age; write 90d, 12w or 2y/.test(ended.stderr)], [2, true], age);
      }
      const refused = await made.run('retain', '--older-than', '90d');
      assert.equal(
        [refused.code, /60 days ahead .* --force/.test(refused.stderr)],
        [1, true],
        refused.stderr,
      );
      assert.is((await subjects(made)).length, 3);
      assert.is((await made.run('retain', '--older-than', '90d', '--force')).code, 0);
      assert.equal(await subjects(made), ['-180']);
    }));
});
