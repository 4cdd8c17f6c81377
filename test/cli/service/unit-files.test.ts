import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseListen, parseMetricsListen } from '../../../src/cli/server/listen-words.js';
import { unitFiles } from '../../../src/cli/service/unit-files.js';
import { Problem } from '../../../src/core/errors.js';
import { Peer } from '../../net/peer.js';
import { withFolder } from '../../support/folder.js';
import { command } from '../../support/in-process.js';
import { Installation, obalka, within } from '../../support/installation.js';
import { assert, skip, suite } from '../../support/suite.js';
import { until } from '../../support/until.js';

const installed = { node: process.execPath, program: obalka };
const unit = unitFiles(installed).find(({ path }) => path.endsWith('.service'))?.text ?? '';
const guide = readFileSync(resolve(import.meta.dirname, '../../../../spec/guide/systemd.md'), 'utf8');

function lacks(program: string): boolean {
  return spawnSync(program, ['--version']).error !== undefined;
}

function analyze(...words: readonly string[]) {
  const ended = spawnSync('systemd-analyze', words, { encoding: 'utf8', env: { ...process.env, LANG: 'C' } });
  return { code: ended.status, said: `${ended.stdout}${ended.stderr}` };
}

suite('service: unit files', (test) => {
  test('a file that stands there is replaced, or written for others than may read it', () =>
    withFolder(async (folder) => {
      const first = await command('service', '--to', folder);
      assert.is(first.code, 0, first.stderr);
      const names = readdirSync(join(folder, 'systemd/system')).sort();
      assert.equal(
        names,
        ['-lmtp.socket', '-metrics.socket', '-smtps.socket', '.service', '.socket'].map(
          (end) => `obalka${end}`,
        ),
      );
      const path = join(folder, 'systemd/system/obalka.service');
      assert.is(statSync(path).mode & 0o777, 0o644);
      assert.not.match((await command('service', '--to', folder)).stderr, /written/);
      writeFileSync(path, 'mine');
      const again = await command('service', '--to', folder);
      assert.is(again.code, 1);
      assert.match(again.stderr, /another file stands there; replace it with --force/);
      assert.is(readFileSync(path, 'utf8'), 'mine');
      assert.is((await command('service', '--to', folder, '--force')).code, 0);
      assert.match(readFileSync(path, 'utf8'), /^\[Unit\]/);
    }));

  test('a path is not one word of its command, or means something to systemd', () => {
    const odd = unitFiles({ node: '/opt/a b/node', program: '/opt/100%/$x/"o".js' })[0]?.text;
    assert.match(odd ?? '', /^ExecStart="\/opt\/a b\/node" "\/opt\/100%%\/\$\$x\/\\"o\\"\.js" serve /m);
  });

  test('what the unit is, is not what the guide says of it', () => {
    for (const line of unit.split('\n').filter((one) => /^[A-Z]\w+=/.test(one))) {
      const name = line.slice(0, line.indexOf('='));
      assert.ok(guide.includes(`\`${name}=`), `${name}= is not in the guide`);
    }
  });

  const rated =
    'the unit may do more than it needs: systemd rates it above 1.5, or otherwise than the guide says';
  if (lacks('systemd-analyze')) skip(test, rated, 'no systemd-analyze');
  else
    test(rated, () =>
      withFolder(async (folder) => {
        for (const { path, text } of unitFiles(installed)) {
          mkdirSync(join(folder, path, '..'), { recursive: true });
          writeFileSync(join(folder, path), text);
        }
        const path = join(folder, 'systemd/system/obalka.service');
        const { said } = analyze('security', '--offline=true', '--no-pager', path);
        const rating = Number(/exposure level for obalka\.service: ([\d.]+)/.exec(said)?.[1]);
        assert.ok(rating <= 1.5, said);
        const [, version, written] = /systemd (\d+)[^.]*?rates it ([\d.]+)/.exec(guide) ?? [];
        assert.ok(version && written, 'the guide has no number');
        if (analyze('--version').said.startsWith(`systemd ${version} `))
          assert.is(rating, Number(written), said);
        const sockets = readdirSync(join(folder, 'systemd/system')).filter((name) =>
          name.endsWith('.socket'),
        );
        for (const name of sockets) {
          const verified = analyze('verify', '--man=no', join(folder, 'systemd/system', name), path);
          assert.not.match(verified.said, /obalka[^\n]*(Unknown|Invalid|Failed|ignoring)/, verified.said);
        }
      }),
    );

  const filtered =
    'a server that is started by a socket of systemd does what its unit forbids, and not what it is there for';
  if (['systemd-analyze', 'systemd-socket-activate', 'strace'].some(lacks))
    skip(test, filtered, 'no systemd-analyze, no systemd-socket-activate, or no strace');
  else
    test(filtered, () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const sets = filterSets(analyze('syscall-filter', '--no-pager').said);
        const forbidden = new Set([...closure(sets, '@privileged'), ...closure(sets, '@resources')]);
        const allowed = [...closure(sets, '@system-service')].filter((call) => !forbidden.has(call));
        const calls = join(made.folder, 'calls');
        const path = join(made.folder, 'socket');
        const others = `trace=!${allowed.filter((call) => call !== 'socket').map((call) => `?${call}`)}`;
        const traced = [
          'strace',
          '-f',
          '--seccomp-bpf',
          '-qq',
          '-o',
          calls,
          '-e',
          others,
          '-e',
          'signal=none',
        ];
        const activated = ['systemd-socket-activate', '--fdname=lmtp', '-l', path];
        // V8 asks for keys of memory, and does without.
        const before = [...traced, '-e', 'inject=pkey_alloc:error=EPERM', ...activated];
        const [prepare, ...wordsOfInit] = commandOf('ExecStartPre');
        assert.is((await made.run(prepare as string, ...wordsOfInit)).code, 0);
        const [serve, ...wordsOfServe] = commandOf('ExecStart');
        assert.is(serve, 'serve');
        const server = made.start(before, ...wordsOfServe, '--workers', '2');
        // The path is there a moment before anybody may connect.
        await until('it listens', () => server.stderr.includes('Listening on'));
        const peer = new Peer({ path });
        await server.listening();
        assert.match(server.stdout, /^listening lmtp fd:3$/m);
        peer.send('LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n');
        await peer.until(/^354 /m);
        assert.match(
          await peer.send('Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n').untilEnd(),
          /^250 2\.0\.0 Ok: /m,
        );
        assert.is((await server.stop()).code, 0, server.stderr);
        const done: readonly string[] = readFileSync(calls, 'utf8').match(/(?<=^\d+ +)\w+\(\w*/gm) ?? [];
        const wanted = /^(socket\(AF_UNIX|pkey_alloc\(0)$/;
        assert.equal(
          done.filter((call) => !wanted.test(call)),
          [],
        );
        assert.ok(done.includes('socket(AF_UNIX') && done.length < 100, done.join());
      }),
    );
});

suite('passed sockets', (test) => {
  test('a socket speaks something else than its unit is named after, or figures are taken for a mail listener', () => {
    const passed = ['smtp', 'smtps', 'lmtp', 'metrics', 'mx'].map((name, at) => ({ fd: 3 + at, name }));
    const spoken = (text: string) => parseListen(text, passed).map(({ address }) => address);
    const usual = [
      { protocol: 'smtp', fd: 3 },
      { protocol: 'smtps', fd: 4 },
      { protocol: 'lmtp', fd: 5 },
      { protocol: 'smtp', fd: 7 },
    ];
    assert.equal(spoken('systemd'), usual);
    assert.equal(spoken('lmtp://systemd:smtp'), [{ protocol: 'lmtp', fd: 3 }]);
    assert.equal(spoken('systemd:lmtp'), [{ protocol: 'lmtp', fd: 5 }]);
    const figures = (text: string) => parseMetricsListen(text, passed).address;
    assert.equal(figures('systemd'), { protocol: 'smtp', fd: 6 });
    assert.equal(figures('systemd:mx'), { protocol: 'smtp', fd: 7 });
    assert.equal(figures('unix:x'), { protocol: 'smtp', path: 'x' });
    for (const text of ['http://127.0.0.1:1', 'smtp://127.0.0.1:1', '9465', 'systemd:none', ''])
      assert.throws(
        () => figures(text),
        (error: Error) => error instanceof Problem && error.kind === 'usage',
      );
  });
});

/** What the unit has the program do: the words behind node and the program. */
function commandOf(name: string): string[] {
  const line = unit.split('\n').find((one) => one.startsWith(`${name}=`)) ?? '';
  const words = line
    .slice(name.length + 1)
    .replace(/^-/, '')
    .split(' ');
  assert.equal(words.slice(0, 2), [installed.node, installed.program]);
  return words.slice(2);
}

/** "@set" → what it names. */
function filterSets(text: string): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  let names: string[] = [];
  for (const line of text.split('\n')) {
    const name = /^(@[\w-]+)$/.exec(line)?.[1];
    if (name !== undefined) {
      names = [];
      sets.set(name, names);
    } else if (/^ +[@a-z_]/.test(line)) names.push(line.trim());
  }
  return sets;
}

function closure(sets: ReadonlyMap<string, readonly string[]>, name: string): Set<string> {
  return new Set(
    (sets.get(name) ?? []).flatMap((one) => (one.startsWith('@') ? [...closure(sets, one)] : [one])),
  );
}
