/** Backups, through the program: a copy made in any way while mail comes has all that was acknowledged before it began. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import type { Server } from '../support/server.js';
import { assert, skip, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

const ann = () => Installation.with('ann@example.org');

async function send(server: Server, subject: string, size = 3000): Promise<void> {
  const wire = await Wire.to(server.port);
  await wire.hello();
  const content = Buffer.from(`Subject: ${subject}\r\n\r\n${`${'x'.repeat(62)}\r\n`.repeat(size / 64)}`);
  wire.must(await wire.deliver({ from: 'c@example.net', to: ['ann@example.org'], content }), '250');
  await wire.quit();
}

/** Lines of a mail of `copyUnderLoad`. */
const sizeOf = (subject: string) =>
  Math.floor((Number(subject.slice('mail '.length)) % 7 ? 3000 : 200_000) / 64);

async function subjects(made: Installation, data: string): Promise<string[]> {
  const ended = await made.bare('list', '--json', '--identity', 'ann', '--data', data, '--pins', 'none');
  return ended.stdout
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).subject);
}

async function faultsOf(made: Installation, data: string): Promise<string[]> {
  const ended = await made.bare('verify', '--json', '--identity', 'ann', '--data', data, '--pins', 'none');
  return JSON.parse(ended.stdout.toString()).faults;
}

const lanesIn = (data: string) =>
  readdirSync(join(data, 'journal')).filter((name) => name.startsWith('lane-'));

/** Copies under load, each by some commands; gives what was acknowledged before the last copy began. */
async function copyUnderLoad(
  made: Installation,
  ...copies: readonly (readonly (readonly string[])[])[]
): Promise<string[]> {
  const server = await made.serve();
  const acknowledged: string[] = [];
  let going = true;
  const load = (async () => {
    for (let n = 0; going; n++) {
      await send(server, `mail ${n}`, n % 7 ? 3000 : 200_000);
      acknowledged.push(`mail ${n}`);
    }
  })();
  await until('25 mails are acknowledged', () => acknowledged.length >= 25);
  let before: string[] = [];
  for (const commands of copies) {
    before = [...acknowledged];
    for (const [program = '', ...words] of commands) {
      const ended = await made.exec(program, words);
      // rsync says by 24 that files vanished meanwhile, cp by 1: those that a writer renames when they are whole.
      const vanished =
        ended.code === 1 &&
        ended.stderr
          .trim()
          .split('\n')
          .every((line) => /unfinished/.test(line));
      assert.ok([0, 24].includes(ended.code) || vanished, ended.stderr);
    }
  }
  going = false;
  await load;
  await server.stop();
  return before;
}

/** What a copy without an order says if mail came meanwhile: counts that are newer than the mail (spec/journal.md, Copies). */
const countedLater = /: the stream ends here, but \d+ cells were known to be on disk/;

async function checkCopy(
  made: Installation,
  acknowledged: readonly string[],
  orderly: boolean,
): Promise<void> {
  const copy = join(made.folder, 'copy');
  const restored = await made.bare('restore', copy, '--json', '--pins', 'none');
  const { faults } = JSON.parse(restored.stdout.toString());
  const excused = orderly ? [] : faults.filter((fault: string) => countedLater.test(fault));
  assert.equal(faults, excused);
  assert.is(restored.code, excused.length ? 5 : 0, restored.stderr);
  const found = await subjects(made, copy);
  const words = ['export', '--format', 'mbox', '--to', '-', '--identity', 'ann', '--pins', 'none'];
  const contents = (await made.bare(...words, '--data', copy)).stdout.toString().split(/^From /m);
  for (const subject of acknowledged) {
    assert.ok(found.includes(subject), `${subject} is not in the copy`);
    const content = contents.find((one) => one.includes(`\nSubject: ${subject}\n`)) ?? '';
    assert.is(content.match(/x{62}/g)?.length, sizeOf(subject), `${subject} is not whole in the copy`);
  }
  const server = await made.serve('--data', copy);
  assert.match(server.stderr, /this journal was restored: a new lane begins/);
  await send(server, 'after');
  await server.stop();
  assert.equal(await subjects(made, copy), [...found, 'after']);
  assert.equal(await faultsOf(made, copy), excused);
  assert.is(lanesIn(copy).length, 2);
  assert.match(
    (await made.bare('verify', '--data', copy, '--pins', 'none')).stderr,
    /went on from lane .*: a backup was put back/,
  );
}

suite('backup and restore', (test) => {
  test('a copy by cp -a under load lacks mail, or cannot be served', () =>
    within(ann(), async (made) => {
      await checkCopy(made, await copyUnderLoad(made, [['cp', '-a', 'data', 'copy']]), false);
    }));

  const repeated =
    'a copy by repeated rsync, as the guide says, under load lacks mail, is told as damaged, or cannot be served';
  if (spawnSync('rsync', ['--version']).status === 0)
    test(repeated, () =>
      within(ann(), async (made) => {
        const counted = ['--include', '*/', '--include', 'synced', '--include', 'checkpoint'];
        const counts = [
          'rsync',
          '-a',
          '--delete',
          '--ignore-times',
          ...counted,
          '--exclude',
          '*',
          'data/',
          'counts',
        ];
        const mail = ['rsync', '-a', '--delete', 'data/', 'copy'];
        const put = ['rsync', '-a', '--existing', '--ignore-times', 'counts/', 'copy'];
        const once = [counts, mail, put];
        await checkCopy(made, await copyUnderLoad(made, once, once), true);
      }),
    );
  else skip(test, repeated, 'no rsync');

  test('a copy that is served goes on in the lane of the original, or the original notices it', () =>
    within(ann(), async (made) => {
      const first = await made.serve();
      await send(first, 'one');
      await first.stop();
      cpSync(made.data, join(made.folder, 'copy'), { recursive: true, preserveTimestamps: true });
      const copy = await made.serve('--data', join(made.folder, 'copy'));
      const original = await made.serve();
      assert.match(copy.stderr, /this data directory is a copy: a new lane begins/);
      await send(copy, 'in the copy');
      await send(original, 'in the original');
      await copy.stop();
      await original.stop();
      assert.equal([lanesIn(join(made.folder, 'copy')).length, lanesIn(made.data).length], [2, 1]);
      const again = await made.serve('--data', join(made.folder, 'copy'));
      await send(again, 'again');
      await again.stop();
      assert.not.match(again.stderr, /a new lane begins/);
      assert.is(lanesIn(join(made.folder, 'copy')).length, 2);
      assert.equal(await subjects(made, join(made.folder, 'copy')), ['one', 'in the copy', 'again']);
      // Both in one folder: neither lane is in the way of the other.
      const [mine = ''] = lanesIn(join(made.folder, 'copy')).filter(
        (name) => !lanesIn(made.data).includes(name),
      );
      cpSync(join(made.folder, 'copy/journal', mine), join(made.data, 'journal', mine), { recursive: true });
      assert.equal((await subjects(made, made.data)).sort(), [
        'again',
        'in the copy',
        'in the original',
        'one',
      ]);
      assert.equal(await faultsOf(made, made.data), []);
    }));

  test('an older copy that was put back is not told by the pins, or not explained', () =>
    within(ann(), async (made) => {
      const pins = ['--pins', join(made.folder, 'pins')];
      const first = await made.serve();
      await send(first, 'one');
      await first.stop();
      cpSync(made.data, join(made.folder, 'old'), { recursive: true, preserveTimestamps: true });
      const second = await made.serve();
      await send(second, 'two');
      await second.stop();
      await made.must('list', '--identity', 'ann', ...pins);
      renameSync(made.data, join(made.folder, 'gone'));
      renameSync(join(made.folder, 'old'), made.data);
      const restored = await made.bare('restore', made.data, ...pins);
      assert.equal([restored.code, /deletion|rollback/.test(restored.stderr)], [5, true], restored.stderr);
      const third = await made.serve();
      await send(third, 'three');
      await third.stop();
      const listed = await made.run('list', '--identity', 'ann', ...pins);
      assert.is(listed.code, 5);
      assert.match(listed.stderr, /went on from lane .*: a backup was put back/);
      assert.match(listed.stdout.toString(), /one.*three/s);
      // What was lost is put back from where it still is.
      const back = await made.bare(
        'restore',
        made.data,
        '--from',
        join(made.folder, 'gone'),
        '--pins',
        'none',
      );
      assert.is(back.code, 0, back.stderr);
      assert.match(back.stdout.toString(), /^put back lane-[0-9a-f]{32}\/segment-00000001$/m);
      assert.equal(await subjects(made, made.data), ['one', 'two', 'three']);
      assert.equal(await faultsOf(made, made.data), []);
    }));

  test('segments that are gone, or parts that are missing, go unsaid', () =>
    within(ann(), async (made) => {
      for (const subject of ['one', 'two', 'three']) {
        const server = await made.serve();
        await send(server, subject);
        await server.stop();
      }
      const [lane = ''] = lanesIn(made.data);
      rmSync(join(made.data, 'journal', lane, 'segment-00000002'), { recursive: true });
      const server = await made.serve();
      assert.match(server.stderr, /segments that were written are gone: a new lane begins/);
      await server.stop();
      renameSync(join(made.data, 'pepper'), join(made.folder, 'pepper'));
      rmSync(join(made.data, 'signers'), { recursive: true });
      rmSync(join(made.data, 'journal', lane, 'segment-00000000/blocks'));
      const restored = await made.bare('restore', made.data, '--pins', 'none');
      assert.is(restored.code, 5);
      for (const said of [/pepper is missing/, /signers\/ is missing/, /segment 0, blocks/])
        assert.match(restored.stderr, said);
      for (const [words, code, said] of [
        [['restore', join(made.folder, 'nowhere')], 3, /not a data directory/],
        [['restore', join(made.data, 'journal')], 2, /belongs into the folder "journal"/],
      ] as const) {
        const ended = await made.bare(...words);
        assert.equal([ended.code, said.test(ended.stderr)], [code, true], ended.stderr);
      }
      mkdirSync(join(made.folder, 'other'));
      await made.bare('init', '--data', join(made.folder, 'other'));
      const other = await made.bare('restore', made.data, '--from', join(made.folder, 'other'));
      assert.equal([other.code, /a copy of another journal/.test(other.stderr)], [2, true]);
    }));

  test('the mark tells when the server began a segment, or a damaged one keeps it from starting', () =>
    within(ann(), async (made) => {
      const server = await made.serve();
      await send(server, 'one');
      await server.stop();
      const mark = join(made.data, 'place');
      assert.equal([statSync(mark).mode & 0o777, statSync(mark).mtimeMs], [0o600, 946_684_800_000]);
      assert.match(
        readFileSync(mark, 'latin1'),
        /^obalka place 1\nat [0-9a-f]{41}\nlane [0-9a-f]{32} 0000000000\n$/,
      );
      writeFileSync(mark, 'nonsense');
      const again = await made.serve();
      await send(again, 'two');
      await again.stop();
      assert.is(lanesIn(made.data).length, 1);
    }));
});
