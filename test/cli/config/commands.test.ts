/** Configuration at the command line: which file holds, what is said of it, and that every command refuses a bad one. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { keys } from '../../../src/cli/config/settings.js';
import { selfSigned } from '../../../src/net/certificate.js';
import { setEnvironment } from '../../support/environment.js';
import { command } from '../../support/in-process.js';
import { assert, suite } from '../../support/suite.js';

/** With a folder that is the home of whoever runs commands, and of its variables. */
async function atHome(
  use: (home: string, write: (name: string, ...lines: string[]) => string) => Promise<void>,
) {
  const home = mkdtempSync(join(tmpdir(), 'obalka-config-'));
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (/^(OBALKA_|XDG_)/.test(name)) delete process.env[name];
  Object.assign(process.env, { HOME: home, XDG_CONFIG_HOME: join(home, 'config') });
  mkdirSync(join(home, 'config', 'obalka'), { recursive: true });
  try {
    await use(home, (name, ...lines) => {
      writeFileSync(join(home, name), `${lines.join('\n')}\n`);
      return join(home, name);
    });
  } finally {
    setEnvironment(before);
    rmSync(home, { recursive: true });
  }
}

/** What "config show" says: key → value and source. */
async function shown(
  ...words: readonly string[]
): Promise<Map<string, { value: unknown; source: string; line?: number }>> {
  const { code, stdout, stderr } = await command('config', 'show', '--json', ...words);
  assert.is(code, 0, stderr);
  const lines = stdout.toString().trimEnd().split('\n');
  return new Map(lines.map((line) => JSON.parse(line)).map(({ key, ...one }) => [key, one]));
}

suite('configuration at the command line', (test) => {
  test('another file holds than the nearest, or one that was switched off', () =>
    atHome(async (home, write) => {
      const data = async (...words: readonly string[]) => (await shown(...words)).get('data')?.value;
      const none = await data();
      assert.is(
        (await command('config', 'show')).stderr,
        `no configuration file (${home}/config/obalka/obalka.toml, /etc/obalka/obalka.toml)\n`,
      );
      write('config/obalka/obalka.toml', 'data = "own"');
      assert.is(await data(), join(home, 'config/obalka/own'));
      const other = write('other.toml', 'data = "~/other"');
      process.env.OBALKA_CONFIG = other;
      assert.is(await data(), join(home, 'other'));
      const third = write('third.toml', '');
      assert.is(await data('--config', third), none);
      process.env.OBALKA_CONFIG = 'none';
      assert.is(await data(), none);
      assert.is(await data('--config', other), join(home, 'other'));
      process.env.OBALKA_CONFIG = join(home, 'gone.toml');
      const { code, stderr } = await command('list');
      assert.is(code, 1);
      assert.match(stderr, /gone\.toml: the configuration cannot be read \(ENOENT\); name one that is there/);
      writeFileSync(join(home, 'gone.toml'), Buffer.from([0x64, 0xff]));
      assert.match((await command('list')).stderr, /gone\.toml: not text in UTF-8/);
    }));

  test('a command goes on with a bad file, or says something else of it', () =>
    atHome(async (home, write) => {
      const file = write('bad.toml', 'dta = "x"', '[serve]', 'workers = 0', 'retain = 5');
      const [first = '', ...more] = (await command('config', 'check', file)).stdout.toString().split('\n');
      assert.equal(more.slice(0, 2), ['  dta = "x"', '  ^']);
      process.env.OBALKA_CONFIG = file;
      const others = `; and 2 more, see: obalka config check ${file}`;
      for (const words of [
        ['list'],
        ['serve', '--listen', '127.0.0.1:0'],
        ['init'],
        ['register', 'a@example.org', '--key', 'x'],
        ['key', 'list'],
        ['config', 'show'],
        ['verify', '--data', home],
      ]) {
        const { code, stdout, stderr } = await command(...words);
        assert.equal([code, stdout.toString()], [2, ''], words.join(' '));
        assert.ok(stderr.endsWith(`obalka: ${first}${others}\n`), `${words.join(' ')}: ${stderr}`);
      }
      // What takes nothing from it is not in its way.
      assert.is((await command('key', 'new', join(home, 'key'))).code, 0);
      assert.is((await command('config', 'example')).code, 0);
    }));

  test('a reader looks elsewhere than the file says', () =>
    atHome(async (home, write) => {
      assert.is((await command('key', 'new', join(home, 'key'))).code, 0);
      process.env.OBALKA_CONFIG = write(
        'o.toml',
        'data = "box"',
        'identity = ["key"]',
        'cache = "cached"',
        'pins = "seen.json"',
      );
      assert.match((await command('init')).stderr, new RegExp(`${home}/box: ready`));
      assert.is((await command('register', 'a@example.org', '--key', join(home, 'key.pub'))).code, 0);
      const listed = await command('list');
      assert.equal([listed.code, listed.stdout.toString()], [0, ''], listed.stderr);
      write('seen.json', 'no pins');
      assert.match((await command('list')).stderr, new RegExp(`${home}/seen.json`));
      const counted = await command('count', '--pins', 'none');
      assert.equal([counted.code, existsSync(join(home, 'cached'))], [0, true], counted.stderr);
      const keyed = await command('key', 'list', '--json');
      assert.equal(JSON.parse(keyed.stdout.toString()), {
        ...JSON.parse(keyed.stdout.toString()),
        file: join(home, 'key'),
      });
      assert.not.match(keyed.stdout.toString(), /mails/);
      assert.match((await command('list', '--data', join(home, 'nothing'))).stderr, /nothing/);
      assert.match((await command('list', '--identity', join(home, 'nobody'))).stderr, /nobody/);
    }));

  test('what is shown is not TOML, lacks a key, or names another source', () =>
    atHome(async (home, write) => {
      const file = write('o.toml', '', '[serve]', 'workers = 4', 'hostname = "a.example"', 'limits.hops = 6');
      process.env.OBALKA_DATA = '/somewhere';
      const words = ['--config', file, '--hostname', 'b.example', '--set', 'mails=3', '--no-tls'];
      const all = await shown(...words);
      assert.equal([...all.keys()], keys);
      assert.equal(all.get('data'), { value: '/somewhere', source: 'environment', name: 'OBALKA_DATA' });
      assert.equal(all.get('serve.workers'), { value: 4, source: 'file', name: file, line: 3 });
      assert.equal(all.get('serve.limits.hops'), { value: 6, source: 'file', name: file, line: 5 });
      assert.equal(all.get('serve.hostname'), { value: 'b.example', source: 'option', name: '--hostname' });
      assert.equal(all.get('serve.limits.mails'), { value: 3, source: 'option', name: '--set' });
      assert.equal(all.get('serve.tls'), { value: 'none', source: 'option', name: '--no-tls' });
      assert.equal(all.get('serve.deny'), { value: null, source: 'default' });
      const text = (await command('config', 'show', ...words)).stdout.toString();
      const tree = parse(text) as { serve: Record<string, unknown> };
      assert.equal([tree.serve.workers, tree.serve.hostname, tree.serve.tls], [4, 'b.example', 'none']);
      assert.match(text, /^serve\.workers = 4 +# \/.*o\.toml, line 3$/m);
      assert.match(text, /^serve\.limits\.mails = 3 +# --set$/m);
      assert.is((await command('config', 'show', '--workers', '0')).code, 2);
      // What is shown can be kept, and is then the same.
      const kept = await shown('--config', write('kept.toml', text));
      assert.equal(
        [...kept].map(([key, { value }]) => [key, value]),
        [...all].map(([key, { value }]) => [key, value]),
      );
      assert.is(home, process.env.HOME);
    }));

  test('what a file names is not looked at, or is said to be good when it is not', () =>
    atHome(async (home, write) => {
      const { certificate, key } = selfSigned('a.example');
      write('c.pem', certificate);
      write('k.pem', key);
      write('deny.txt', '192.0.2.7/24');
      write('limits.txt', 'a@example.org addressMailsPerHour=x');
      const lines = [
        'identity = ["c.pem", "gone"]',
        '[serve]',
        'deny = "deny.txt"',
        'allow = "gone.txt"',
        'address-limits = "limits.txt"',
        'user = "no-such-user-here"',
        'certificates = [{ certificate = "c.pem", key = "k.pem" }, { certificate = "k.pem", key = "c.pem" }]',
      ];
      const { code, stdout } = await command('config', 'check', '--json', write('o.toml', ...lines));
      const faults = stdout
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.is(code, 1);
      assert.equal(
        faults.map(({ line, column, key: one }) => `${line}:${column} ${one}`),
        [
          '1:22 identity',
          '3:8 serve.deny',
          '4:9 serve.allow',
          '5:18 serve.address-limits',
          '6:8 serve.user',
          '7:59 serve.certificates',
        ],
      );
      assert.match(faults[1].what, /deny\.txt, line 1: .*bits set/);
      assert.match(faults[5].what, /k\.pem: not a certificate.*swapped/);
      const good = write('good.toml', '[serve]', String(lines[6]).replace(/, \{ certificate = "k.*\}/, ''));
      const checked = await command('config', 'check', good);
      assert.equal([checked.code, checked.stdout.toString()], [0, '']);
      assert.match(checked.stderr, /nothing is wrong/);
      const clash = write(
        'clash.toml',
        '[serve]',
        'tls = "none"',
        'listen = "smtps://[::1]:465"',
        String(lines[6]),
      );
      assert.match(
        (await command('config', 'check', clash)).stdout.toString(),
        /line 3, column 10: serve\.listen: serve\.tls = "none" leaves no way[\s\S]*line 4, column 16: serve\.cert/,
      );
      assert.match((await command('serve', '--config', clash)).stderr, /serve\.tls = "none" leaves no/);
      assert.is((await command('config', 'check', good, '--config', good)).code, 2);
      assert.is(home, process.env.HOME);
    }));

  test('a file that somebody else can change is obeyed', () =>
    atHome(async (home, write) => {
      const file = write('config/obalka/obalka.toml', 'data = "x"');
      const folder = join(home, 'config/obalka');
      const refused = async (words: RegExp) => {
        const { code, stderr } = await command('config', 'show');
        assert.is(code, 1, stderr);
        assert.match(stderr, words);
        assert.is((await command('config', 'check')).code, 1);
      };
      for (const [path, open, shut] of [
        [file, 0o620, 0o600],
        [file, 0o602, 0o644],
        [folder, 0o770, 0o755],
        [folder, 0o707, 0o1777],
      ] as const) {
        chmodSync(path, open);
        await refused(new RegExp(`${path}: others can write to it; mend it with: chmod go-w ${path}\n`));
        chmodSync(path, shut);
        assert.is((await command('config', 'show')).code, 0);
      }
      if (process.getuid?.() !== 0) return;
      chownSync(file, 12_345, 0);
      await refused(
        /obalka\.toml: it belongs to another user \(12345\), who could change what it says; make/,
      );
    }));

  test('the example that is printed is another than the one that was read', async () => {
    const { stdout } = await command('config', 'example');
    const file = new URL('../../../../spec/guide/obalka.toml', import.meta.url);
    assert.is(stdout.toString(), readFileSync(file, 'utf8'));
  });
});
