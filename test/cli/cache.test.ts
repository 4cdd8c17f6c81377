/** The cache, with the real program: it shows nothing, is made anew whatever becomes of it, and two use it at once. */
import {
  chmodSync,
  chownSync,
  cpSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openCache } from '../../src/cli/mailbox/cache-file.js';
import { ReadMarks } from '../../src/reader/cache/read-marks.js';
import type { RowsFile } from '../../src/reader/cache/rows-file.js';
import { cacheName } from '../../src/reader/cache/sealed-rows.js';
import { findProgram } from '../peers/program.js';
import { bytesFrom } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { Installation, obalka, within } from '../support/installation.js';
import { person } from '../support/post-office.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const words = ['Zebrafink', 'Quittenbaum', 'Wolkenkuckuck', 'Silberfischchen'];

/** Mails with telling words everywhere. */
async function send(port: number, count: number, from = 0): Promise<void> {
  const wire = await Wire.to(port);
  await wire.hello();
  for (let at = from; at < from + count; at++) {
    const word = words[at % words.length] as string;
    const content = Buffer.from(
      `From: ${word} Sender <${word}@sender.example>\r\nSubject: Concerning ${word} item${at}\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${word}.${at}@sender.example>\r\n\r\nA body with ${word}.\r\n`,
    );
    wire.must(
      await wire.deliver({ from: `${word}@sender.example`, to: ['ann@example.org'], content }),
      '250',
    );
  }
  await wire.quit();
}

const journal = bytesFrom('journal', 16);
const cacheOf = (made: Installation) => join(made.folder, 'home', '.cache', 'obalka');
const ann = (made: Installation) => ['--identity', made.identity('ann'), '--data', made.data];
const list = (made: Installation, ...more: string[]) => made.run('list', '--identity', 'ann', ...more);

suite('cache of the program', (test) => {
  test('a word of a mail stands in the cache, or what it is a cache of', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      await send(server.port, 8);
      const listed = (await list(made, '--json')).stdout.toString().trim().split('\n');
      await made.must('search', 'zebrafink', '--identity', 'ann');
      const [first] = listed.map((line) => JSON.parse(line) as { id: string; keySet: string });
      await made.must('read', first?.id as string, '--identity', 'ann');
      await server.stop();
      const folder = cacheOf(made);
      const names = readdirSync(folder);
      assert.is(names.length, 1, names.join(' '));
      assert.is(statSync(folder).mode & 0o777, 0o700);
      const told = ['sender.example', 'example.org', 'Concerning', 'item', 'A body', 'Nov 2026', ...words];
      for (const line of listed) told.push(...Object.values(JSON.parse(line) as object).map(String));
      const secret = readFileSync(made.identity('ann'), 'latin1').split('\n').at(-2) as string;
      for (const name of names) {
        const octets = readFileSync(join(folder, name));
        assert.is(statSync(join(folder, name)).mode & 0o777, 0o600);
        const text = octets.toString('latin1').toLowerCase();
        for (const word of [...told, secret].filter((one) => one.length > 3))
          for (const form of [
            word,
            Buffer.from(word).toString('base64').slice(0, -4),
            word.split('').join('\0'),
          ])
            assert.not.ok(`${text} ${name}`.includes(form.toLowerCase()), `${name}: ${word}`);
      }
    }));

  test('a cache that is damaged, cut, older, random or gone gives another list, or more than a line', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      await send(server.port, 3);
      const folder = cacheOf(made);
      await list(made, '--json');
      const [name = ''] = readdirSync(folder);
      const path = join(folder, name);
      const old = readFileSync(path);
      await send(server.port, 3, 3);
      const whole = await list(made, '--json');
      assert.is(whole.stdout.toString().trim().split('\n').length, 6);
      const now = readFileSync(path);
      const [newest] = whole.stdout.toString().trim().split('\n').slice(-1);
      const { id } = JSON.parse(newest as string) as { id: string };
      const middle = Buffer.from(now);
      for (let at = 9000; at < now.length; at += 300) middle[at] = (middle[at] as number) ^ 1;
      for (const [what, octets, says] of [
        ['older', old, false],
        ['random', Buffer.alloc(50_000, 'random octets'), true],
        ['cut', now.subarray(0, 10_000), true],
        ['empty', Buffer.alloc(0), false],
        ['flipped', middle, true],
        ['gone', undefined, false],
      ] as const) {
        for (const one of readdirSync(folder)) rmSync(join(folder, one));
        if (octets) writeFileSync(path, octets, { mode: 0o600 });
        const again = await list(made, '--json');
        assert.is(again.code, 0, `${what}: ${again.stderr}`);
        assert.is(again.stdout.toString(), whole.stdout.toString(), what);
        assert.is(again.stderr.split('\n').length > 1, says, `${what}: ${again.stderr}`);
        assert.ok(again.stderr.split('\n').length <= 2, `${what}: ${again.stderr}`);
        assert.is((await list(made, '--json')).stderr, '', `${what}: not mended`);
      }
      const without = await list(made, '--json', '--cache', 'none');
      const unmarked = whole.stdout.toString().replaceAll('"unread"', '');
      assert.is(without.stdout.toString(), unmarked);
      // Where nothing can be kept, all is read all the same.
      const nowhere = await list(made, '--json', '--cache', '/proc/nowhere');
      assert.is(nowhere.stdout.toString(), unmarked);
      assert.match(nowhere.stderr, /^obalka: going on without a cache: /);
      assert.match(
        (await made.must('read', id.slice(0, 6), '--identity', 'ann')).toString(),
        /^A body with/m,
      );
      await server.stop();
    }));

  test('a cache that others can change, or that leads elsewhere, is used', () =>
    withFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      const ann = person('ann');
      const name = cacheName(ann.seed, journal);
      const elsewhere = at('elsewhere');
      mkdirSync(at('good'), { mode: 0o700 });
      writeFileSync(elsewhere, '');
      const told: string[] = [];
      const write = process.stderr.write;
      const open = (path: string) => {
        process.stderr.write = (text: Uint8Array | string) => told.push(text.toString()) > 0;
        try {
          const rows = openCache(path, ann, journal);
          rows?.close();
          return rows !== undefined;
        } finally {
          process.stderr.write = write;
        }
      };
      const refused = (path: string, why: RegExp) => {
        assert.not.ok(open(path), path);
        assert.match(
          told.pop() ?? '',
          new RegExp(`^obalka: going on without a cache: ${path}.*: ${why.source}`),
        );
      };

      assert.ok(open(at('good')));
      symlinkSync(at('good'), at('link'));
      assert.ok(open(at('link')), 'a link of my own to a folder of my own');
      mkdirSync(at('shared'));
      for (const mode of [0o777, 0o1777, 0o770]) {
        chmodSync(at('shared'), mode);
        refused(at('shared'), /others can write to it; mend it with: chmod go-w /);
      }
      assert.equal(readdirSync(at('shared')), []);
      chmodSync(join(at('good'), `${name}.sqlite`), 0o620);
      refused(at('good'), /others can write to it; /);
      for (const end of ['', '-wal', '-shm', '-journal']) {
        mkdirSync(at(`linked${end}`), { mode: 0o700 });
        symlinkSync(elsewhere, join(at(`linked${end}`), `${name}.sqlite${end}`));
        refused(at(`linked${end}`), /it is a symbolic link, which is not followed; remove it/);
        assert.is(readdirSync(at(`linked${end}`)).length, 1);
      }
      assert.is(statSync(elsewhere).size, 0);
      assert.equal(told, []);
      // Only root can give files away.
      if (process.geteuid?.() !== 0) return;
      mkdirSync(at('theirs'), { mode: 0o755 });
      symlinkSync(at('good'), at('their-link'));
      lchownSync(at('their-link'), 12_345, 12_345);
      chownSync(at('theirs'), 12_345, 12_345);
      refused(at('theirs'), /it belongs to another user; name another folder/);
      refused(at('their-link'), /it is a symbolic link of another user; name another folder/);
      chmodSync(join(at('good'), `${name}.sqlite`), 0o600);
      chownSync(join(at('good'), `${name}.sqlite`), 12_345, 12_345);
      refused(at('good'), /it belongs to another user; /);
    }));

  const killed =
    'a reader that is killed while it writes leaves another list behind, or something in the way';
  const strace = findProgram('strace');
  if (!strace) skip(test, killed, 'strace is not installed');
  else
    test(killed, () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const server = await made.serve();
        await send(server.port, 5);
        await list(made, '--json');
        const [name = ''] = readdirSync(cacheOf(made));
        const path = join(cacheOf(made), name);
        const old = readFileSync(path);
        await send(server.port, 20, 5);
        await server.stop();
        const whole = await list(made, '--json', '--cache', 'none');
        assert.is(whole.stdout.toString().trim().split('\n').length, 25);
        const listed = whole.stdout.toString().replaceAll('"unread"', '');
        const kill = async (at: number) => {
          const inject = `inject=pwrite64,ftruncate:signal=KILL:when=${at}`;
          const options = ['-qq', '-o', '/dev/null', '-P', path, '-P', `${path}-wal`, '-e', inject];
          return made.exec(strace, [
            ...options,
            ...[process.execPath, obalka, 'list', '--json'],
            ...ann(made),
          ]);
        };
        let kills = 0;
        for (const [before, at] of [
          [undefined, 2],
          [undefined, 6],
          [old, 1],
          [old, 4],
        ] as const) {
          for (const one of readdirSync(cacheOf(made))) rmSync(join(cacheOf(made), one));
          if (before) writeFileSync(path, before, { mode: 0o600 });
          if ((await kill(at)).code !== 0) kills++;
          const again = await list(made, '--json');
          assert.equal([again.code, again.stderr], [0, ''], `write ${at}`);
          assert.is(again.stdout.toString().replaceAll('"unread"', ''), listed, `write ${at}`);
        }
        assert.is(kills, 4);
      }),
    );

  test('a mark is lost, as another reader has marked something since it was looked at', () =>
    withFolder(async (folder) => {
      const ann = person('ann');
      const rows = [1, 2].map(() => openCache(folder, ann, journal) as RowsFile);
      const mails = ['aaaa', 'abbb', 'bccc'].map((id) => ({ id: id.padEnd(13, 'a'), flags: 0 }));
      const [one, other] = rows.map((file) => new ReadMarks(file)) as [ReadMarks, ReadMarks];
      for (const marks of [one, other]) for (const mail of mails) assert.not.ok(marks.isRead(mail));
      assert.is(one.mark(mails.slice(0, 1), true), 1);
      assert.is(other.mark(mails.slice(1), true), 2);
      const later = new ReadMarks(rows[0] as RowsFile);
      assert.equal(later.all(), mails.map(({ id }) => id).sort());
      for (const file of rows) file.close();
    }));

  test('two that read at once disturb each other, or a mark is lost', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      await send(server.port, 6);
      /** In processes of their own: those of `run` go one after another. */
      const atOnce = (...all: readonly (readonly string[])[]) =>
        Promise.all(all.map((words) => made.exec(process.execPath, [obalka, ...words, ...ann(made)])));
      const lists = await atOnce(['list', '--json'], ['list', '--json'], ['list', '--json']);
      for (const one of lists) assert.equal([one.code, one.stderr, one.stdout], [0, '', lists[0]?.stdout]);
      const ids = (lists[0]?.stdout.toString() ?? '')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id);
      const marks = await atOnce(...ids.slice(0, 3).map((id) => ['mark', id, '--read']));
      for (const one of marks) assert.is(one.code, 0, one.stderr);
      const count = async (...more: string[]) =>
        JSON.parse(await made.must('count', '--json', '--identity', 'ann', ...more)) as object;
      assert.equal(await count(), { mails: 6, unread: 3 });
      assert.equal(await count('--unread'), { mails: 3, unread: 3 });
      assert.equal(await count('--from', 'ZEBRA', '--cache', 'none'), { mails: 2 });
      await made.must('read', ids[4] as string, '--peek', '--identity', 'ann');
      await made.must('read', ids[4] as string, '--raw', '--identity', 'ann');
      assert.equal(await count(), { mails: 6, unread: 3 });
      await made.must('read', ids[4] as string, '--identity', 'ann');
      assert.equal(await count(), { mails: 6, unread: 2 });
      // Marks are carried to another computer, and to nobody else.
      await made.must('mark', '--export', 'marks', '--identity', 'ann');
      for (const id of ids) assert.not.ok(readFileSync(join(made.folder, 'marks'), 'latin1').includes(id));
      await made.must('mark', '--all', '--unread', '--identity', 'ann');
      assert.equal(await count(), { mails: 6, unread: 6 });
      const other = ['--cache', join(made.folder, 'other')];
      await made.must('mark', '--import', 'marks', '--identity', 'ann', ...other);
      assert.equal(await count(...other), { mails: 6, unread: 2 });
      await made.must('key', 'new', 'eve');
      const foreign = await made.run('mark', '--import', 'marks', '--identity', 'eve');
      assert.is(foreign.code, 1, foreign.stderr);
      for (const wrong of [
        ['mark', '--read'],
        ['mark', 'aaaa', '--read', '--unread'],
        ['mark', '--all', '--read', '--cache', 'none'],
        ['list', '--unread', '--cache', 'none'],
        ['list', '--since', 'soon'],
      ])
        assert.is((await made.run(...wrong, '--identity', 'ann')).code, 2, wrong.join(' '));
      // An erased mail is in no cache any more, and one that was read before is what the journal has now.
      await made.must('erase', ids[0] as string, '--identity', 'ann');
      assert.is((await list(made, ...other)).stdout.toString().trim().split('\n').length, 5);
      const copy = join(made.folder, 'copy');
      await server.stop();
      cpSync(made.data, copy, { recursive: true });
      const copied = await made.bare('list', '--identity', 'ann', '--data', join(copy, 'journal'));
      assert.is(copied.stdout.toString().trim().split('\n').length, 5);
    }));
});
