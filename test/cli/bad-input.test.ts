/** Bad input: one line that says what, where and how to mend it, the right exit code, no stack trace, nothing lost. */
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { encodeIdentity } from '../../src/seal/keys.js';
import { findProgram } from '../peers/program.js';
import { commandIn } from '../support/in-process.js';
import { type Ended, Installation, obalka, within } from '../support/installation.js';
import { codesOf } from '../support/log-lines.js';
import { AddressBook, PostOffice, person, readMail } from '../support/post-office.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const content = Buffer.from('Subject: x\r\n\r\nx\r\n');
const x25519Public = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const x25519Secret = 'AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33';

function refused(what: string, ended: Ended, code: number, ...words: readonly (string | RegExp)[]): void {
  const { stderr } = ended;
  assert.is(ended.code, code, `${what}: ${stderr}`);
  assert.match(stderr, /^obalka: [^\n]+\n$/, `${what}: one line: ${stderr}`);
  assert.not.match(stderr, /this is a fault in obalka|node:\S|\.js:/, what);
  assert.is(ended.stdout.length, 0, what);
  for (const word of words)
    assert.ok(
      typeof word === 'string' ? stderr.includes(word) : word.test(stderr),
      `${what}: ${word}: ${stderr}`,
    );
}

/** Names, sizes and octets of a data directory, without what a lock or a socket leaves. */
function snapshot(data: string): string {
  return readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/\.sock$|-journal$/.test(name))
    .sort()
    .map((name) => join(data, name))
    .map((path) => `${path} ${statSync(path).isFile() ? readFileSync(path).toString('base64') : ''}`)
    .join('\n');
}

async function sendMail(made: Installation, ...to: readonly string[]): Promise<void> {
  const server = await made.serve();
  const wire = await Wire.to(server.port);
  await wire.hello();
  for (const one of to) wire.must(await wire.deliver({ from: '', to: [one], content }), '250');
  await wire.quit();
  assert.is((await server.stop()).code, 0);
}

/** Runs commands, two at a time those that have a process of their own: arguments, exit code, words of the message. */
type Case = readonly [args: readonly string[], code: number, ...words: readonly (string | RegExp)[]];

type Run = (made: Installation, args: readonly string[]) => Promise<Ended>;
const asUsual: Run = (made, args) => made.bare(...args);
/** For `serve` with words that it refuses before it begins anything; if it did not, this file would not end. */
const inThisProcess: Run = (made, args) => commandIn(made.folder, made.environment, ...args);

async function allRefused(made: Installation, cases: readonly Case[], run = asUsual): Promise<void> {
  const failures: string[] = [];
  for (let at = 0; at < cases.length; at += 2)
    await Promise.all(
      cases.slice(at, at + 2).map(async ([args, code, ...words]) => {
        const ended = await run(made, args);
        try {
          refused(args.join(' '), ended, code, ...words);
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error));
        }
      }),
    );
  assert.equal(failures, []);
}

suite('bad input', (test) => {
  test('a wrong option, address, id or number is taken, or answered by a stack trace', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await sendMail(made, 'ann@example.org');
      const before = snapshot(made.data);
      const at = ['--data', 'data'];
      const me = ['--identity', 'ann', ...at];
      const listen = (address: string) => ['serve', '--listen', address, ...at];
      await allRefused(
        made,
        [
          [['list', '--foo', ...me], 2, '--foo', '--help'],
          [['list', '--limti', '3', ...me], 2, '--limti', '--limit'],
          [['frobnicate'], 2, 'frobnicate', '--help'],
          [['list', 'surplus', ...me], 2, 'takes no words', /: obalka search surplus; see /],
          [['list', '--limit', '1', '--limit', '2', ...me], 2, '--limit', 'twice'],
          [['list', ...me, '--data=elsewhere'], 2, '--data', 'twice'],
          [['list', '--limit', '0', ...me], 2, /^obalka: --limit 0: it should be a number above 0; see /],
          [['list', '--limit', '1e3', ...me], 2, '--limit'],
          [['list', '--identity', ...at, ...at], 2],
          [['read', ...me], 2, 'ID'],
          [['read', 'aaaaaaaaaaaaa', ...me], 3, 'aaaaaaaaaaaaa', 'obalka list'],
          [['read', 'aaa', ...me], 2, 'aaa', 'first 4 letters'],
          [['read', 'aaaa', '--raw', '--json', ...me], 2, '--raw'],
          [['register', 'no address', '--key', 'ann.pub', ...at], 2, 'no address', /is not an address/],
          [['register', 'ann@', '--key', 'ann.pub', ...at], 2, 'ann@'],
          [['register', 'two@@example.org', '--key', 'ann.pub', ...at], 2, 'two@@example.org'],
          [['register', 'ann@example.org', ...at], 2, '--key'],
          [
            ['register', 'ann@example.org', '--key', 'ann.pub', '--from', 'soon', ...at],
            2,
            '--from',
            '2026-12-24',
          ],
          [['register', 'ann@example.org', '--key', 'absent', ...at], 3, 'absent'],
          [['revoke', 'ann', ...at], 2, 'no @'],
          [['revoke', 'bob@example.org', ...at], 3, 'nothing was changed'],
          [listen('25'), 2, '--listen 25', 'HOST:PORT'],
          [listen('127.0.0.1:65536'), 2, '65536'],
          [listen('pop3://127.0.0.1:0'), 2, 'pop3'],
          [listen(`unix:${made.folder}/${'x'.repeat(120)}`), 2, 'xxx', 'too long'],
          [[...listen('127.0.0.1:0'), '--max-size', '10M'], 2, '--max-size'],
          [[...listen('127.0.0.1:0'), '--max-size', '0'], 2, '--max-size'],
          [[...listen('127.0.0.1:0'), '--hostname', 'a b'], 2, '--hostname'],
          [['serve', '--listen'], 2, '--listen'],
        ],
        inThisProcess,
      );
      const noCommand = await made.exec(process.execPath, [obalka], { OBALKA_DATA: 'absent' });
      assert.is(noCommand.code, 2);
      assert.match(noCommand.stderr, /^ {2}obalka serve .* --data data$/m);
      assert.match(noCommand.stderr, /^ {2}obalka --help$/m);
      assert.is(snapshot(made.data), before, 'something was changed');
    }));

  test('a key that is damaged, secret, open to others, or too weak is used', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const write = (name: string, text: string, mode = 0o600) =>
        writeFileSync(join(made.folder, name), text, { mode });
      const secret = readFileSync(made.identity('ann'), 'latin1');
      const publicKey = readFileSync(made.identity('ann.pub'), 'latin1');
      write('weak.pub', `${x25519Public}\n`);
      write('weak', `${x25519Secret}\n`);
      write(
        'bent.pub',
        publicKey
          .replace(/(age1pq1.{40})./, (_, start) => `${start}b`)
          .replace(/.$/m, (last) => (last === 'q' ? 'p' : 'q')),
      );
      write('short.pub', publicKey.slice(0, -100));
      write('two.pub', `${publicKey}${publicKey}`);
      write('empty', '');
      write(
        'bent',
        secret.replace(/(.)\n$/, (_, last) => (last === 'Q' ? 'P\n' : 'Q\n')),
      );
      write(
        'binary',
        Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7) & 255)).toString('latin1'),
      );
      write('open', secret);
      chmodSync(join(made.folder, 'open'), 0o640);
      const before = snapshot(made.data);
      const register = (key: string) => ['register', 'bob@example.org', '--key', key, '--data', 'data'];
      const list = (identity: string) => ['list', '--identity', identity, '--data', 'data'];
      await allRefused(made, [
        [register('ann'), 2, 'ann', 'secret key', '.pub'],
        [register('weak.pub'), 2, 'weak.pub', 'X25519', 'obalka key new'],
        [register('weak'), 2, 'weak', 'secret key'],
        [register('bent.pub'), 2, 'bent.pub', 'damaged'],
        [register('short.pub'), 2, 'short.pub', 'damaged'],
        [register('two.pub'), 2, 'two.pub', 'more than one'],
        [register('empty'), 2, 'empty', 'no public key'],
        [register('binary'), 2, 'binary'],
        [register('data'), 3, 'data'],
        [list('ann.pub'), 4, 'ann.pub'],
        [list('weak'), 4, 'weak', 'X25519'],
        [list('bent'), 4, 'bent', 'damaged'],
        [list('empty'), 4, 'empty', 'no identity'],
        [list('binary'), 4, 'binary'],
        [list('open'), 4, 'open', 'others can read', 'chmod 600'],
        [list('absent'), 4, 'absent'],
        [['list', '--data', 'data'], 4, 'no identity', '--identity', 'obalka key new'],
        [['key', 'public', 'absent'], 4, 'absent'],
        [['key', 'public', 'open'], 4, 'chmod 600'],
        [['key', 'new', 'ann'], 1, 'ann', 'never overwritten'],
        [['key', 'new', 'nowhere/me'], 1, 'nowhere/me'],
      ]);
      assert.is(readFileSync(made.identity('ann'), 'latin1'), secret);
      assert.is(readFileSync(made.identity('ann.pub'), 'latin1'), publicKey);
      assert.is(snapshot(made.data), before, 'something was changed');
    }));

  test('a data directory that is missing, foreign, damaged, or lacks its pepper is used', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await sendMail(made, 'ann@example.org');
      const variant = (name: string, change: (data: string) => void) => {
        const data = join(made.folder, name);
        cpSync(made.data, data, { recursive: true });
        change(data);
      };
      const rewrite = (path: string, change: (text: string) => string) =>
        writeFileSync(path, change(readFileSync(path, 'latin1')), 'latin1');
      variant('foreign', (data) =>
        rewrite(join(data, 'journal/journal'), (text) => text.replace('journal 1', 'journal 2')),
      );
      variant('torn', (data) =>
        rewrite(join(data, 'journal/journal'), (text) => text.replace('obalka', 'XXXXXX')),
      );
      variant('bent', (data) =>
        rewrite(join(data, 'journal/journal'), (text) => text.replace('journal 1', 'journal 1 ')),
      );
      variant('no-pepper', (data) => renameSync(join(data, 'pepper'), join(made.folder, 'aside')));
      variant('other-pepper', (data) => rewrite(join(data, 'pepper'), () => `${'0f'.repeat(32)}\n`));
      variant('bad-pepper', (data) => rewrite(join(data, 'pepper'), () => 'hunter2\n'));
      variant('open-pepper', (data) => chmodSync(join(data, 'pepper'), 0o644));
      variant('bad-registry', (data) =>
        rewrite(join(data, 'registry.sqlite'), (text) => `x${text.slice(1)}`),
      );
      variant('no-registry', (data) =>
        renameSync(join(data, 'registry.sqlite'), join(made.folder, 'aside2')),
      );
      variant('not-a-lock', (data) => writeFileSync(join(data, 'lock'), 'x'.repeat(200)));
      const serve = (data: string) => ['serve', '--listen', '127.0.0.1:0', '--data', data];
      const list = (data: string) => ['list', '--identity', 'ann', '--data', data];
      const asked = (data: string) => ['registered', 'ann@example.org', '--data', data];
      await allRefused(made, [
        [list('absent'), 3, 'absent', 'obalka init'],
        [serve('absent'), 3, 'absent', 'obalka init'],
        [asked('absent'), 3, 'absent', 'obalka init'],
        [['verify', '--data', 'absent'], 3, 'absent'],
        [list('foreign'), 1, 'version 2', 'newer obalka'],
        [serve('foreign'), 1, 'version 2', 'newer obalka'],
        [serve('torn'), 5, 'torn'],
        [serve('no-pepper'), 1, 'no-pepper/pepper'],
        [['init', '--data', 'no-pepper'], 1, 'pepper', 'put back'],
        [serve('other-pepper'), 1, 'other-pepper', 'pepper'],
        [asked('other-pepper'), 1, 'pepper'],
        [serve('bad-pepper'), 1, 'bad-pepper/pepper', 'damaged'],
        [serve('open-pepper'), 1, 'open-pepper/pepper', 'chmod 600'],
        [serve('bad-registry'), 1, 'bad-registry/registry.sqlite'],
        [serve('no-registry'), 3, 'no-registry/registry.sqlite'],
        // An empty one would refuse all mail for good.
        [['init', '--data', 'no-registry'], 3, 'no-registry/registry.sqlite', '--new-registry'],
        [serve('not-a-lock'), 1, 'not-a-lock/lock'],
        [['init', '--data', 'ann'], 1, 'ann', '--data'],
        [['init', '--data', 'ann/below'], 1, 'ann/below', '--data'],
      ]);
      // A lane stands for the journal's head that is damaged.
      for (const name of ['torn', 'bent']) {
        const { code, stdout, stderr } = await made.bare(...list(name));
        assert.equal([code, stdout.toString().split('\n').length], [5, 2], stderr);
        assert.match(stderr, new RegExp(`${name}/journal/journal: `));
      }
      // Whatever was wrong, the mail is still there.
      for (const name of readdirSync(made.folder).filter((one) => /-pepper$|-registry$|-lock$/.test(one)))
        assert.is((await readMailbox(join(made.folder, name), made.identity('ann'))).mails.length, 1, name);
    }));

  test('damage is passed over in silence, or takes more than itself', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await sendMail(made, 'ann@example.org', 'ann@example.org', 'ann@example.org');
      const journal = join(made.data, 'journal');
      const lane = join(journal, readdirSync(journal).find((name) => name.startsWith('lane-')) as string);
      const path = join(lane, 'segment-00000000/blocks');
      const bytes = readFileSync(path);
      // The last three blocks are the three mails: with the last one damaged the other two can be read.
      bytes[bytes.length - 10_000] = (bytes[bytes.length - 10_000] as number) ^ 1;
      writeFileSync(path, bytes);
      const verified = await made.run('verify', '--identity', 'ann');
      assert.is(verified.code, 5);
      assert.match(verified.stderr, /lane [0-9a-f]{8}, segment 0, block \d+: does not match its check\n/);
      const list = (await made.must('list', '--json', '--identity', 'ann')).trim().split('\n');
      const codes = await Promise.all(
        list.map(async (line) => {
          const ended = await made.run(
            'read',
            (JSON.parse(line) as { id: string }).id,
            '--raw',
            '--identity',
            'ann',
          );
          if (ended.code !== 0) refused('read', ended, 5, /block \d+/);
          else assert.ok(ended.stdout.equals(content));
          return ended.code;
        }),
      );
      assert.equal(codes, [0, 0, 5]);
    }));

  test('a port or a path that is in use, or a control socket path too long, is not said', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const other = createServer().listen(0, '127.0.0.1');
      await new Promise((done) => other.once('listening', done));
      const address = other.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const long = 'd'.repeat(120);
      cpSync(made.data, join(made.folder, 'copy'), { recursive: true });
      cpSync(made.data, join(made.folder, long), { recursive: true });
      try {
        await allRefused(made, [
          [
            ['serve', '--listen', `127.0.0.1:${port}`, '--data', 'data'],
            1,
            String(port),
            'in use',
            'another port',
          ],
          [['serve', '--listen', 'unix:ann', '--data', 'copy'], 1, 'ann', 'exists'],
          [['serve', '--listen', 'unix:/nowhere/at/all', '--data', 'data'], 1, '/nowhere/at/all', 'folder'],
          [['serve', '--listen', '192.0.2.1:2525', '--data', 'copy'], 1, '192.0.2.1', 'no such address'],
          [['serve', '--listen', '127.0.0.1:0', '--data', long], 2, long, 'shorter'],
        ]);
      } finally {
        other.close();
      }
      assert.match(
        readFileSync(made.identity('ann'), 'latin1'),
        /AGE-SECRET-KEY-PQ-1/,
        'a file is not taken for a socket',
      );
      // Nothing of the failed starts is in the way.
      await sendMail(made, 'ann@example.org');
    }));

  test('an ambiguous beginning of an id picks one', () =>
    within(Installation.empty(), async (made) => {
      const ann = person('ann');
      writeFileSync(made.identity('ann'), `${encodeIdentity(ann.seed)}\n`, { mode: 0o600 });
      const book = new AddressBook();
      book.set('ann@example.org', ann);
      const office = await PostOffice.open({ folder: made.data, book });
      const mail = Buffer.from('Subject: one of many\r\n\r\n');
      // Four letters have 20 bits: among 1500 some begin with the same four, most likely.
      let prefix: string | undefined;
      for (let count = 1500; prefix === undefined; count = 500) {
        const codes = await Promise.all(
          Array.from({ length: count }, () => office.send(['ann@example.org'], mail)),
        );
        assert.ok(codes.every(([code]) => code === 250));
        const starts = (await readMail(made.data, [ann])).mails.map(({ id }) => id.slice(0, 4));
        prefix = starts.find((start, at) => starts.indexOf(start) !== at);
      }
      await office.close();
      refused(
        'prefix',
        await made.run('read', prefix, '--raw', '--identity', 'ann'),
        2,
        prefix,
        'all 13 letters',
      );
      // Much output into a pipe that nobody reads to its end.
      for (const words of ['list', 'list --json', 'read --help', '--help']) {
        const named = words.includes('help') ? '' : '--identity ann --data data';
        const line = `obalka ${words} ${named} | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
        const { stdout, stderr } = await made.shell(line);
        assert.is(stderr, '', words);
        assert.is(stdout.toString(), '0\n', words);
      }
    }));

  const name = 'a full disk loses what was acknowledged, or stops the server for good';
  const mount = findProgram('mount');
  const umount = findProgram('umount');
  if (process.getuid?.() !== 0 || !mount || !umount)
    return skip(test, name, 'only root can mount a small disk');
  test(name, () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const disk = join(made.folder, 'disk');
      const resize = (octets: string, ...more: readonly string[]) =>
        made.exec(mount, ['-t', 'tmpfs', '-o', `${more.join('')}size=${octets}`, 'tmpfs', disk]);
      assert.is((await made.exec('mkdir', [disk])).code, 0);
      assert.is((await resize('1m')).code, 0);
      try {
        assert.is((await made.exec('cp', ['-a', `${made.data}/.`, disk])).code, 0);
        const server = await made.serve('--data', disk, '--disk-reserve', '0');
        const wire = await Wire.to(server.port);
        await wire.hello();
        const sent: { content: Buffer; acknowledged: boolean }[] = [];
        const send = async (octets: number) => {
          const lines = `${'y'.repeat(76)}\r\n`.repeat(octets / 78);
          const mail = Buffer.from(`Subject: mail ${sent.length}\r\n\r\n${lines}`);
          const reply = await wire.deliver({ from: '', to: ['ann@example.org'], content: mail });
          sent.push({ content: mail, acknowledged: reply.startsWith('250') });
          if (!reply.startsWith('250')) wire.must(await wire.command('RSET'), '250');
          return reply.slice(0, 9);
        };
        // A segment whose making failed just before there was space refuses one mail more.
        const mustBeTaken = async (octets: number, when: string) => {
          for (let times = 0; (await send(octets)) !== '250 2.0.0'; times++) {
            assert.ok(times < 50, when);
            await new Promise((done) => setTimeout(done, 20));
          }
        };
        const replies: string[] = [];
        while (replies.at(-1) !== '452 4.3.1' && replies.length < 100) replies.push(await send(30_000));
        assert.is(replies.at(-1), '452 4.3.1', replies.join(', '));
        // A new segment is of any size, and may still fit: in the end there is no room for one.
        do {
          await made.shell('head -c 2000000 /dev/zero >>disk/ballast');
          replies.push(await send(100));
        } while (replies.at(-1) !== '452 4.3.1' && replies.length < 200);
        assert.is(replies.at(-1), '452 4.3.1', 'no room for a small mail');
        assert.is((await resize('12m', 'remount,')).code, 0);
        await mustBeTaken(30_000, 'once there is space');
        replies.length = 0;
        while (replies.at(-1) !== '452 4.3.1' && replies.length < 100) replies.push(await send(700_000));
        assert.ok(replies.includes('250 2.0.0') && replies.at(-1) === '452 4.3.1', replies.join(', '));
        const said = new Set(codesOf(server.stderr));
        assert.ok(said.has('disk-full'));
        for (const code of said) assert.match(code, /^(disk-full|blocks-lost|lane-copied|place-unwritten)$/);
        const full = await made.bare('register', 'bob@example.org', '--key', 'ann.pub', '--data', disk);
        if (full.code !== 0) refused('register', full, full.code);
        assert.is((await resize('40m', 'remount,')).code, 0);
        await mustBeTaken(700_000, 'once there is space again');
        await wire.quit();
        assert.is((await server.stop()).code, 0);
        const { mails, contents } = await readMailbox(disk, made.identity('ann'));
        // One that was refused may be there after all, if all of it was written; then it is whole.
        for (const { content } of mails) assert.ok(sent.some((one) => one.content.equals(content)));
        for (const one of sent)
          if (one.acknowledged)
            assert.is(mails.filter(({ content }) => content.equals(one.content)).length, 1);
        assert.equal([contents.faults, contents.damaged], [[], []]);
        assert.is((await made.bare('verify', '--identity', 'ann', '--data', disk)).code, 0);
      } finally {
        await made.exec(umount, ['-l', disk]);
      }
    }),
  );
});
