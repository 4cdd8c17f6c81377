/** obalka import, through the program: what was taken away comes back the same, and what others wrote becomes mail. */
import { join } from 'node:path';
import { envelopeFlags } from '../../src/format/envelope.js';
import { fill } from '../support/exporting.js';
import { Installation, within } from '../support/installation.js';
import { allContents } from '../support/odd-contents.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, suite } from '../support/suite.js';

const own = ['--identity', 'ann'];

function same(found: readonly Uint8Array[], wanted: readonly Uint8Array[], words: string): void {
  const [these, those] = [found, wanted].map((list) =>
    list.map((one) => Buffer.from(one).toString('latin1')).sort(),
  );
  assert.is(these?.length, those?.length, words);
  for (const [at, one] of (these ?? []).entries())
    assert.ok(one === those?.[at], `${words}, content ${at}: ${JSON.stringify(one.slice(0, 300))}`);
}

suite('import', (test) => {
  test('what was exported comes back as another content, or at another time', () =>
    within(Installation.with('bob@example.org'), (made) =>
      within(Installation.empty(), async (other) => {
        const contents = allContents();
        await fill(other, contents);
        const before = await readMailbox(other.data, other.identity('ann'));
        const times = before.mails.map(({ mail }) => mail.receivedAt);
        const seconds = times.map((time) => Math.floor(time / 1000) * 1000);
        const server = await made.serve();
        const known = new Set<string>();
        for (const format of ['eml', 'maildir', 'mbox', 'age']) {
          const path = join(other.folder, `to-${format}`);
          assert.is((await other.run('export', '--format', format, '--to', path, ...own)).code, 0);
          // The last two go in without a server.
          if (format === 'mbox') await server.stop();
          const words = format === 'age' ? ['--identity', other.identity('ann')] : [];
          const to = ['--address', 'bob@example.org', ...words];
          const done = await made.run('import', path, '--format', format, ...to);
          assert.is(done.code, 0, done.stderr);
          assert.is(done.stderr, `${contents.length} mails imported for bob@example.org\n`);
          const { mails } = await readMailbox(made.data, made.identity('bob'));
          const fresh = mails.filter(({ mail }) => !known.has(mail.id));
          for (const { mail } of fresh) known.add(mail.id);
          same(
            fresh.map(({ content }) => content),
            contents,
            format,
          );
          const wanted = format === 'maildir' || format === 'mbox' ? seconds : times;
          const found = fresh.map(({ mail }) => mail.receivedAt).sort();
          assert.is(found.join(), wanted.sort().join(), format);
          for (const { mail } of fresh) assert.is(mail.envelope.flags, envelopeFlags.imported);
        }
      }),
    ));
});
