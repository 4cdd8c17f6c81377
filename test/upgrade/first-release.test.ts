/** What the first release wrote, kept in test/fixtures: this program lists, reads, checks, serves and goes on with it. */
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { placeOf, readMark, writeMark } from '../../src/cli/data/place-mark.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const fixture = resolve(import.meta.dirname, '../../../test/fixtures/journal-0.1');

interface Expected {
  readonly read: string;
  readonly mails: readonly {
    readonly subject: string;
    readonly to: readonly string[];
    readonly sha256: string;
  }[];
}
const { read, mails } = JSON.parse(readFileSync(join(fixture, 'expected'), 'utf8')) as Expected;

interface Listed {
  readonly id: string;
  readonly subject: string;
  readonly flags: readonly string[];
}

/** A copy of the fixture, of which nothing is open to others; what ann's reader kept is used. */
async function kept(): Promise<Installation> {
  const made = await Installation.empty();
  cpSync(fixture, made.folder, { recursive: true });
  await made.exec('chmod', ['-R', 'u=rwX,go=', made.folder]);
  Object.assign(made.environment, {
    OBALKA_IDENTITY: made.identity('ann'),
    OBALKA_CACHE: join(made.folder, 'reader/cache'),
    OBALKA_PINS: join(made.folder, 'reader/pins'),
  });
  return made;
}

async function list(made: Installation, ...words: string[]): Promise<Listed[]> {
  const { code, stdout, stderr } = await made.run('list', '--json', ...words);
  assert.is(`${code} ${stderr}`, '0 ');
  const lines = stdout.toString().trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Listed);
}

const subjectsFor = (who: string) =>
  mails
    .filter(({ to }) => to.some((one) => one.startsWith(who) || one.startsWith('team')))
    .map(({ subject }) => subject);

suite('upgrade: what the first release wrote', (test) => {
  test('a mail of it is not listed, is read as another, or is taken for damaged', () =>
    within(kept(), async (made) => {
      const own = (found: readonly Listed[]) => found.filter(({ flags }) => !flags.includes('notice'));
      const found = own(await list(made));
      assert.equal(
        found.map(({ subject }) => subject),
        subjectsFor('ann'),
      );
      // What was kept beside the journal is still good: marks, pins, and the place where a watch was.
      assert.equal(
        found.filter(({ flags }) => !flags.includes('unread')).map(({ id }) => id),
        [read],
      );
      for (const cache of [[], ['--cache', 'none', '--pins', 'none']])
        for (const { id, subject } of found) {
          const { code, stdout } = await made.run('read', id, '--raw', ...cache);
          assert.is(code, 0, subject);
          const sha256 = createHash('sha256').update(stdout).digest('hex');
          assert.is(sha256, mails.find((mail) => mail.subject === subject)?.sha256, subject);
        }
      const bob = await list(made, '--identity', 'bob', '--cache', 'none');
      assert.equal(
        own(bob).map(({ subject }) => subject),
        subjectsFor('bob'),
      );
      const { code, stdout, stderr } = await made.run('verify', '--identity', 'ann', '--json');
      const said = JSON.parse(stdout.toString()) as Record<string, unknown>;
      assert.is(code, 0, stderr);
      assert.equal([said.mails, said.erased, said.faults], [found.length + 1, 1, []]);
      await made.must('mark', '--unread', read);
      assert.match((await made.run('mark', '--import', 'reader/marks')).stderr, /^1 mark added$/m);
      const since = await made.must('watch', '--once', '--state', 'reader/watch');
      // The notice of the rotation, and what came to the new key, of which the state has nothing yet.
      assert.match(since, /^\w{13} +#/m);
      assert.match(since, /after the rotation$/m);
      assert.is(since.split('\n').length, 3, since);
      assert.match(await made.must('search', 'subject:team'), /to the team\n$/);
    }));

  test('a server does not go on with it, or forgets who has mail there', () =>
    within(kept(), async (made) => {
      // Where it was made: a checkout is a copy, and would be noticed as one.
      const data = dataDirectory(made.data);
      const mark = await readMark(data);
      assert.ok(mark);
      await writeMark(data, { at: await placeOf(data), lanes: mark?.lanes ?? [] });
      assert.match(await made.must('registered', 'ann@example.org'), /laptop/);
      assert.match(await made.must('registered', 'team@example.org'), /alias for ann@example\.org/);
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const content = Buffer.from('Subject: from today\r\n\r\nx\r\n');
      wire.must(await wire.deliver({ from: '', to: ['team@example.org'], content }), '250');
      assert.match(await wire.command('RCPT TO:<nobody@example.org>').catch(String), /^5/);
      await wire.quit();
      assert.match((await made.run('erase', '--order', 'reader/order')).stderr, /^1 envelope erased$/m);
      await made.must('register', 'new@example.org', '--key', 'bob.pub');
      assert.is((await server.stop()).code, 0, server.stderr);
      assert.is(server.stderr, '');
      const lanes = readdirSync(join(made.data, 'journal')).filter((name) => name.startsWith('lane-'));
      assert.is(lanes.length, 1);
      const subjects = (await list(made)).map(({ subject }) => subject);
      assert.ok(subjects.includes('from today') && !subjects.includes('to be erased'), subjects.join());
      assert.is((await made.run('verify', '--identity', 'ann')).code, 0);
    }));

  test('a copy of it is not noticed as one, or stays shut', () =>
    within(kept(), async (made) => {
      const { code, stderr } = await made.exec('sh', [
        '-c',
        '"$NODE" "$OBALKA" serve --data data --stdio lmtp < /dev/null',
      ]);
      assert.is(code, 0, stderr);
      assert.match(stderr, /^obalka: lane-copied: /m);
      assert.is((await list(made)).length > 0, true);
    }));
});
