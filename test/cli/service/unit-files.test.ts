import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseListen, parseMetricsListen } from '../../../src/cli/listen-words.js';
import { unitFiles } from '../../../src/cli/service/unit-files.js';
import { Problem } from '../../../src/core/errors.js';
import { withFolder } from '../../support/folder.js';
import { command } from '../../support/in-process.js';
import { Installation, obalka, within } from '../../support/installation.js';
import { assert, skip, suite } from '../../support/suite.js';

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

  const filtered = 'the server makes a system call that its filter forbids, and does not do without';
  if (lacks('systemd-analyze') || lacks('strace')) skip(test, filtered, 'no systemd-analyze, or no strace');
  else
    test(filtered, () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const sets = filterSets(analyze('syscall-filter', '--no-pager').said);
        const forbidden = new Set([...closure(sets, '@privileged'), ...closure(sets, '@resources')]);
        const allowed = [...closure(sets, '@system-service')].filter((call) => !forbidden.has(call));
        const calls = join(made.folder, 'calls');
        const words = ['strace', '-f', '-qq', '-c', '-U', 'name', '-o', calls];
        const server = await made.serveUnder(
          [...words, '-e', 'inject=pkey_alloc:error=EPERM'],
          '--workers',
          '2',
        );
        assert.is((await server.stop()).code, 0, server.stderr);
        const made_ = readFileSync(calls, 'utf8').match(/^ *[a-z]\w+$/gm) ?? [];
        const others = made_.map((call) => call.trim()).filter((call) => !allowed.includes(call));
        assert.equal(
          others.filter((call) => !['syscall', 'total', 'pkey_alloc'].includes(call)),
          [],
        );
        assert.ok(made_.length > 30, 'calls were traced');
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
