/** Rotation and revocation through the program: keys with their times, and mail that comes meanwhile. */
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { envelopeFlags } from '../../src/format/envelope-flags.js';
import { Installation, within } from '../support/installation.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

const clock = pathToFileURL(resolve(import.meta.dirname, '../support/set-clock.js')).href;
const wait = (milliseconds: number) => new Promise((go) => setTimeout(go, milliseconds));
const date = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** From now on programs of an installation have a clock that stands still; it is set by what this gives, in seconds. */
function clockOf(made: Installation): (seconds: number) => void {
  const file = join(made.folder, 'clock');
  Object.assign(made.environment, { NODE_OPTIONS: `--import=${clock}`, CLOCK_FILE: file });
  return (seconds) => {
    // Whole at any moment.
    writeFileSync(`${file}.new`, String(seconds * 1000));
    renameSync(`${file}.new`, file);
  };
}

/** The subjects that somebody can open, but for notices, in order. */
async function subjects(made: Installation, name: string): Promise<string[]> {
  const { mails } = await readMailbox(made.data, made.identity(name));
  return mails
    .filter(({ mail }) => (mail.envelope.flags & envelopeFlags.notice) === 0)
    .map(({ mail }) => Buffer.from(mail.envelope.summary.subject).toString())
    .sort();
}

suite('rotation at the command line', (test) => {
  test('a mail is sealed to a key before its time or after it, or not to both while they overlap', () =>
    within(Installation.with('old@example.org', 'new@example.net'), async (made) => {
      const start = Math.floor(Date.now() / 1000) + 1000;
      const set = clockOf(made);
      set(start - 1000);
      const server = await made.serve();
      delete made.environment.NODE_OPTIONS;
      const wire = await Wire.to(server.port);
      await wire.hello();
      const send = async (subject: string) => {
        const content = Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`);
        return wire.deliver({ from: '', to: ['old@example.org'], content });
      };
      const [old, next] = ['old.pub', 'new.pub'].map((key) => ['register', 'old@example.org', '--key', key]);
      await made.must(...(old as string[]), '--until', date(start + 1000));
      await made.must(...(next as string[]), '--from', date(start), '--label', 'next');
      set(start - 1);
      assert.match(await send('1 before'), /^250 /);
      set(start);
      assert.match(await send('2 overlap'), /^250 /);
      set(start + 999);
      assert.match(await send('3 overlap'), /^250 /);
      set(start + 1000);
      assert.match(await send('4 after'), /^250 /);
      assert.equal(await subjects(made, 'old'), ['1 before', '2 overlap', '3 overlap']);
      assert.equal(await subjects(made, 'new'), ['2 overlap', '3 overlap', '4 after']);
      // The only key runs out: nobody could open the mail.
      await made.must(...(next as string[]), '--until', date(start + 2000));
      assert.match(await made.must('registered', 'old@example.org'), /until \S+ {2}next$/m);
      set(start + 1999);
      assert.match(await send('5 last'), /^250 /);
      set(start + 2000);
      assert.match(await send('6 over'), /^550 5\.1\.1 /);
      await wire.quit();
      assert.is((await server.stop()).code, 0);
    }));

  test('mail that comes while a key is revoked is sealed to it afterwards, or lost', () =>
    within(
      Installation.with('ann@example.org', 'bob@example.org', 'keep@example.net', 'ben@example.net'),
      async (made) => {
        // keep.pub is a second key of ann's; ben.pub takes over from bob.pub.
        await made.must('register', 'ann@example.org', '--key', 'keep.pub');
        await made.must('alias', 'team@example.org', 'ann@example.org', 'bob@example.org');
        const server = await made.serve();
        const accepted: { to: string; number: number; begun: number; ended: number }[] = [];
        let number = 0;
        let isOver = false;
        const session = async (to: string) => {
          const wire = await Wire.to(server.port);
          await wire.hello();
          while (!isOver) {
            number += 1;
            const mine = number;
            const begun = performance.now();
            const content = Buffer.from(`Subject: ${mine}\r\n\r\n${'x'.repeat(20_000)}\r\n`);
            const reply = await wire.deliver({ from: '', to: [to], content });
            if (reply.startsWith('250')) accepted.push({ to, number: mine, begun, ended: performance.now() });
            else {
              assert.match(reply, /^(550 5\.1\.1|451 4\.2\.1) /);
              wire.must(await wire.command('RSET'), '250');
              await wait(20);
            }
          }
          await wire.quit();
        };
        const sessions = ['ann', 'ann', 'bob', 'team'].map((name) => session(`${name}@example.org`));
        const some = (since: number) =>
          until('twelve mails more', () => accepted.filter(({ begun }) => begun > since).length >= 12);
        await some(0);
        const revokedFrom = performance.now();
        await made.must('revoke', 'ann@example.org', '--key', 'ann.pub');
        await made.must('revoke', 'bob@example.org');
        const revokedAt = performance.now();
        await some(revokedAt);
        const replacedFrom = performance.now();
        await made.must('register', 'bob@example.org', '--key', 'ben.pub');
        const replacedAt = performance.now();
        await some(replacedAt);
        isOver = true;
        await Promise.all(sessions);
        assert.is((await server.stop()).code, 0);
        const opened = Object.fromEntries(
          await Promise.all(
            ['ann', 'keep', 'bob', 'ben'].map(async (name) => [name, new Set(await subjects(made, name))]),
          ),
        ) as Record<string, Set<string>>;
        const has = (name: string, one: { number: number }) => opened[name]?.has(String(one.number)) === true;
        for (const one of accepted) {
          const what = JSON.stringify({ ...one, revokedFrom, revokedAt, replacedAt });
          if (one.to !== 'bob@example.org') assert.ok(has('keep', one), `lost: ${what}`);
          else assert.ok(has('bob', one) || has('ben', one), `lost: ${what}`);
          if (one.begun > revokedAt) assert.not.ok(has('ann', one) || has('bob', one), `revoked: ${what}`);
          if (one.begun > replacedAt && one.to !== 'ann@example.org') assert.ok(has('ben', one), what);
          if (one.ended < revokedFrom) {
            if (one.to !== 'bob@example.org') assert.ok(has('ann', one), what);
            if (one.to !== 'ann@example.org') assert.ok(has('bob', one), what);
          }
        }
        const between = accepted.filter(({ begun, ended }) => begun > revokedAt && ended < replacedFrom);
        assert.not.ok(
          between.some(({ to }) => to === 'bob@example.org'),
          'taken without a key',
        );
      },
    ));
});
