/** Taking all mail away and bringing it back, through the program: every format gives the same octets and dates. */
import { readdirSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { envelopeFlags } from '../../src/format/envelope-flags.js';
import { fill, undoMaildir, undoMbox } from '../support/exporting.js';
import { Installation, within } from '../support/installation.js';
import { allContents, oddContents } from '../support/odd-contents.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, suite } from '../support/suite.js';

const own = ['--identity', 'ann'];
const inFolder = (folder: string) =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => readFileSync(join(folder, name)));

/** The contents of an export, by the documented way back. */
const undone: Readonly<Record<string, (path: string) => readonly Buffer[]>> = {
  eml: inFolder,
  maildir: (path) => inFolder(join(path, 'new')).map(undoMaildir),
  mbox: (path) => undoMbox(readFileSync(path)),
};

function same(found: readonly Uint8Array[], wanted: readonly Uint8Array[], words: string): void {
  const [these, those] = [found, wanted].map((list) =>
    list.map((one) => Buffer.from(one).toString('latin1')).sort(),
  );
  assert.is(these?.length, those?.length, words);
  for (const [at, one] of (these ?? []).entries())
    assert.ok(one === those?.[at], `${words}, content ${at}: ${JSON.stringify(one.slice(0, 300))}`);
}

/** A few of each kind. */
const someContents = () => [...oddContents, ...allContents().filter((_, at) => at % 8 === 0)];

/** A data directory of an installation with these contents for ann, and the times at which they came. */
async function filled(made: Installation, name: string, contents: readonly Buffer[]) {
  await fill(made, contents);
  const data = join(made.folder, name);
  renameSync(made.data, data);
  const { mails } = await readMailbox(data, made.identity('ann'));
  return { data, contents, times: mails.map(({ mail }) => mail.receivedAt) };
}

suite('export and import', (test) => {
  test('mail comes out, or back, as another content, or at another time', () =>
    within(Installation.with('bob@example.org'), async (made) =>
      within(Installation.empty(), async (other) => {
        // age files are sealed octets, whatever is in them, and take long to make.
        const [all, some] = [
          await filled(other, 'all', allContents()),
          await filled(other, 'some', someContents()),
        ];
        const server = await made.serve();
        const wanted = { contents: [] as Buffer[], times: [] as number[] };
        for (const [format, { data, contents, times }] of [
          ['eml', all],
          ['maildir', all],
          ['mbox', all],
          ['age', some],
        ] as const) {
          const path = join(other.folder, `to-${format}`);
          const out = await other.bare('export', '--format', format, '--to', path, ...own, '--data', data);
          assert.is(out.code, 0, out.stderr);
          const list = undone[format]?.(path);
          if (list) same(list, contents, format);
          // Then the time is that in the name.
          if (format === 'age') for (const name of readdirSync(path)) utimesSync(join(path, name), 1, 1);
          // The last two go in without a server.
          if (format === 'mbox') await server.stop();
          const words = format === 'age' ? ['--identity', other.identity('ann')] : [];
          const to = ['--address', 'bob@example.org', ...words];
          const done = await made.run('import', path, '--format', format, ...to);
          assert.is(done.code, 0, done.stderr);
          assert.is(done.stderr, `${contents.length} mails imported for bob@example.org\n`);
          wanted.contents.push(...contents);
          // Trace fields have seconds, and so have names, if the time of the file is another.
          wanted.times.push(
            ...times.map((time) => (format === 'eml' ? time : Math.floor(time / 1000) * 1000)),
          );
        }
        const { mails } = await readMailbox(made.data, made.identity('bob'));
        same(
          mails.map(({ content }) => content),
          wanted.contents,
          'all of it',
        );
        const received = mails.map(({ mail }) => mail.receivedAt).join();
        assert.ok(received === wanted.times.sort().join(), 'times');
        for (const { mail } of mails) assert.is(mail.envelope.flags, envelopeFlags.imported);
      }),
    ));
});
