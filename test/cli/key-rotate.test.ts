/** Key rotation at the command line: new mail goes to the new key, old mail stays open, and a cut at any point loses nothing. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { administer, type Question, type ShownEntry } from '../../src/cli/data/administer.js';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { createIdentity, loadIdentityFile } from '../../src/cli/keys/identities.js';
import { type Identity, showFingerprint } from '../../src/seal/keys.js';
import { findProgram } from '../peers/program.js';
import { Installation, obalka, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

async function send(port: number, to: string, subject: string): Promise<void> {
  const wire = await Wire.to(port);
  await wire.hello();
  const content = Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`);
  wire.must(await wire.deliver({ from: 'a@example.net', to: [to], content }), '250');
  await wire.quit();
}

interface Listed {
  readonly id: string;
  readonly subject: string;
  readonly key: string;
  readonly flags: readonly string[];
}

/** What is asked of the registry, without starting a program for it; through the server, if one runs. */
function ask(made: Installation, question: Question): Promise<unknown> {
  return administer(dataDirectory(made.data), question);
}

async function register(made: Installation, address: string, identity: Identity, label?: string) {
  const key = Buffer.from(identity.publicKey).toString('hex');
  await ask(made, { command: 'register', address, key, details: { label } });
}

async function registeredFor(made: Installation, address: string): Promise<string[]> {
  const entries = (await ask(made, { command: 'registered', address })) as ShownEntry[];
  return entries.map(({ fingerprint = '', label }) =>
    [showFingerprint(Buffer.from(fingerprint, 'hex')), label].filter(Boolean).join(' '),
  );
}

async function keysOf(made: Installation, name: string): Promise<[Identity, Identity]> {
  return (await loadIdentityFile(made.identity(name))) as [Identity, Identity];
}

const shown = ({ fingerprint }: Identity) => showFingerprint(fingerprint);

suite('key rotation at the command line', (test) => {
  test('old mail is shut, new mail goes to the old key, or a reader has to be told of the new one', () =>
    within(Installation.with('ann@example.org', 'bob@example.org'), async (made) => {
      const [old] = await keysOf(made, 'ann');
      const [bob] = await keysOf(made, 'bob');
      await register(made, 'ann@example.org', old, 'laptop');
      await register(made, 'team@example.org', old);
      await register(made, 'team@example.org', bob);
      const server = await made.serve();
      await send(server.port, 'ann@example.org', 'before');
      await made.must('mark', '--all', '--read', '--identity', 'ann');
      const oldPublic = readFileSync(made.identity('ann.pub'), 'utf8');
      const rotated = await made.bare(
        ...['key', 'rotate', 'ann@example.org', 'team@example.org', '--identity', 'ann', '--data', made.data],
      );
      assert.is(rotated.code, 0, rotated.stderr);
      const [fresh, kept, ...none] = await keysOf(made, 'ann');
      assert.equal([shown(kept), none.length], [shown(old), 0]);
      assert.is(
        rotated.stdout.toString(),
        `identity ann\npublic-key ann.pub\nfingerprint ${shown(fresh)}\nbefore ${shown(old)}\n`,
      );
      assert.equal(await registeredFor(made, 'ann@example.org'), [`${shown(fresh)} laptop`]);
      assert.equal((await registeredFor(made, 'team@example.org')).sort(), [shown(fresh), shown(bob)].sort());
      assert.is(readFileSync(made.identity(`ann.${shown(old)}.pub`), 'utf8'), oldPublic);
      const newPublic = await made.bare('key', 'public', 'ann');
      assert.ok(readFileSync(made.identity('ann.pub'), 'utf8').endsWith(newPublic.stdout.toString()));

      await send(server.port, 'ann@example.org', 'after');
      const told = await made.run('list', '--identity', 'ann');
      assert.not.match(
        told.stderr,
        /ann@example\.org: other keys/,
        'the owner is warned of a key of his own',
      );
      const list = (await made.must('list', '--identity', 'ann', '--json'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Listed);
      const of = (subject: string) => list.find((mail) => mail.subject === subject) as Listed;
      assert.equal([of('before').key, of('after').key], [shown(old), shown(fresh)]);
      assert.equal([of('before').flags, of('after').flags], [[], ['unread']], 'a mark was lost');
      const read = (id: string) => made.must('read', id, '--identity', 'ann', '--pins', 'none');
      assert.match(await read(of('before').id), `; opened with another of your keys (${shown(old)})\n`);
      assert.not.match(await read(of('after').id), /opened with/);

      const keys = (
        await made.bare(
          'key',
          'list',
          '--identity',
          'ann',
          '--identity',
          'bob',
          '--data',
          made.data,
          '--json',
        )
      ).stdout
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const made_ = new Date().toISOString().slice(0, 4);
      assert.equal(
        keys.map(({ fingerprint, file, isNewest, isProtected }) => [
          fingerprint,
          file,
          isNewest,
          isProtected,
        ]),
        [
          [shown(fresh), 'ann', true, false],
          [shown(old), 'ann', false, false],
          [shown(bob), 'bob', true, false],
        ],
      );
      assert.ok(keys.every((key) => String(key.made).startsWith(made_)));
      // Mails, and notices to those who were there before each change.
      assert.is(
        keys.reduce((sum, { mails }) => sum + Number(mails), 0),
        list.length + Number(keys[2]?.mails),
      );
      assert.is((await server.stop()).code, 0);
    }));

  test('a rotation that is cut off begins again with a third key, or loses the second', () =>
    within(Installation.with('ann@example.org', 'two@example.org'), async (made) => {
      const [old] = await keysOf(made, 'ann');
      await ask(made, { command: 'revoke', address: 'two@example.org' });
      await register(made, 'two@example.org', old);
      // Without a registry at hand it ends where a cut would: the key is on disk, and registered nowhere.
      // For root, the default might be a server's own.
      made.environment.OBALKA_DATA = join(made.folder, 'nowhere');
      const alone = () =>
        made.bare('key', 'rotate', 'ann@example.org', 'two@example.org', '--identity', 'ann');
      const first = await alone();
      assert.is(first.code, 0, first.stderr);
      const printed = first.stderr.split('\n').filter((line) => line.startsWith('  obalka '));
      assert.equal(printed, [
        '  obalka register ann@example.org --key ann.pub',
        `  obalka revoke ann@example.org --key ann.${shown(old)}.pub`,
        '  obalka register two@example.org --key ann.pub',
        `  obalka revoke two@example.org --key ann.${shown(old)}.pub`,
      ]);
      const again = await alone();
      assert.equal([again.code, again.stdout.toString()], [0, first.stdout.toString()]);
      assert.ok(again.stderr.startsWith('ann: has a new key already, '));
      const [fresh] = await keysOf(made, 'ann');
      // One address has both keys, the other the old one: as after a cut in the middle.
      await register(made, 'ann@example.org', fresh);
      writeFileSync(made.identity('ann.pub'), readFileSync(made.identity(`ann.${shown(old)}.pub`)));
      const finished = await made.bare(
        ...['key', 'rotate', 'ann@example.org', 'two@example.org', '--identity', 'ann', '--data', made.data],
      );
      assert.is(finished.code, 0, finished.stderr);
      assert.equal((await keysOf(made, 'ann')).map(shown), [shown(fresh), shown(old)]);
      for (const address of ['ann@example.org', 'two@example.org'])
        assert.equal(await registeredFor(made, address), [shown(fresh)]);
      assert.match(readFileSync(made.identity('ann.pub'), 'utf8'), shown(fresh));
    }));

  const strace = findProgram('strace');
  const killed = 'a key is registered that is in no file, after a kill';
  if (!strace) skip(test, killed, 'strace is not installed');
  else
    test(killed, () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const words = ['key', 'rotate', 'ann@example.org', '--identity', 'ann', '--data', made.data];
        const oneThread = { UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' };
        // Before FILE is there, before its public keys are, and while the registry is written.
        for (const [call, when] of [
          ['rename', 1],
          ['rename', 2],
          ['fdatasync', 4],
        ] as const) {
          const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${when}`];
          const quiet = ['-f', '-qq', '-o', '/dev/null', ...inject];
          const cut = await made.exec(strace, [...quiet, process.execPath, obalka, ...words], oneThread);
          assert.is(cut.code, -1, `${call} ${when}: ${cut.stderr}`);
          const keys = (await keysOf(made, 'ann')).map(shown);
          for (const key of await registeredFor(made, 'ann@example.org')) assert.ok(keys.includes(key));
          rmSync(made.identity('ann.unfinished'), { force: true });
        }
        const done = await made.bare(...words);
        assert.is(done.code, 0, done.stderr);
        const [fresh] = await keysOf(made, 'ann');
        assert.equal(await registeredFor(made, 'ann@example.org'), [shown(fresh)]);
        assert.match(readFileSync(made.identity('ann.pub'), 'utf8'), shown(fresh));
      }),
    );

  test('something is made or changed, though it cannot be finished', () =>
    within(Installation.with('ann@example.org', 'bob@example.org'), async (made) => {
      await ask(made, { command: 'alias', address: 'team@example.org', targets: ['ann@example.org'] });
      const before = readFileSync(made.identity('ann'), 'utf8');
      const rotate = (...words: readonly string[]) => made.bare('key', 'rotate', ...words);
      await createIdentity(made.identity('odd'));
      writeFileSync(made.identity('odd.pub'), readFileSync(made.identity('bob.pub')));
      const at = ['--identity', 'ann', '--data', made.data];
      for (const [words, code, says] of [
        [['bob@example.org', ...at], 3, /^obalka: bob@example\.org: no key of ann is registered for it; /],
        [['ann@example.org', 'none@example.org', ...at], 3, /^obalka: none@example\.org: no key of ann /],
        [['team@example.org', ...at], 2, /is an alias; renew the keys of the addresses behind it/],
        [['ann@example.org', '--identity', 'ann', '--data', 'none'], 3, /no obalka data here/],
        [['ann@example.org', '--identity', 'ann', '--identity', 'bob'], 2, /^obalka: 2 identity files; /],
        [['ann@example.org', '--identity', 'odd'], 1, /^obalka: odd\.pub: is not the public key of odd; /],
      ] as const) {
        const ended = await rotate(...words);
        assert.is(ended.code, code, ended.stderr);
        assert.match(ended.stderr, says);
      }
      assert.is(readFileSync(made.identity('ann'), 'utf8'), before);
      assert.not.ok(existsSync(made.identity('ann.unfinished')));
    }));
});
