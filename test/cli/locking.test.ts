/** Locking: two never write one data directory, and nothing that a dead server left behind stops the next. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { envelopeFlags } from '../../src/format/envelope-flags.js';
import { type Ended, Installation, within } from '../support/installation.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, suite } from '../support/suite.js';
import { quickest } from '../support/until.js';
import { Wire } from '../support/wire.js';

const holder = resolve(import.meta.dirname, '../sqlite/hold-lock.js');
const content = Buffer.from('Subject: x\r\n\r\nx\r\n');

function refused(ended: Ended, code: number, message: RegExp): void {
  assert.is(ended.code, code, ended.stderr);
  assert.match(ended.stderr, message);
  assert.match(ended.stderr, /^obalka: [^\n]+\n$/, 'one line');
  assert.is(ended.stdout.length, 0);
}

async function send(port: number, to: string): Promise<string> {
  const wire = await Wire.to(port);
  await wire.hello();
  const reply = await wire.deliver({ from: 'a@example.net', to: [to], content });
  await wire.quit();
  return reply;
}

suite('locking', (test) => {
  test('a second server on the same data directory is let in, or one that lost breaks the first', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      refused(
        await made.run('serve', '--listen', '127.0.0.1:0'),
        1,
        /another obalka uses this data directory; stop/,
      );
      assert.match(await send(server.port, 'ann@example.org'), /^250 /);
      await made.must('registered', 'ann@example.org');
      assert.is((await server.stop()).code, 0);
    }));

  test('two servers that start at the same moment both run, or neither', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const servers = [made.start([]), made.start([]), made.start([])];
      const outcomes = await Promise.all(
        servers.map((server) =>
          server.listening().then(
            () => true,
            () => false,
          ),
        ),
      );
      assert.is(outcomes.filter(Boolean).length, 1);
      for (const [at, server] of servers.entries()) {
        if (outcomes[at]) assert.match(await send(server.port, 'ann@example.org'), /^250 /);
        else assert.is((await server.ended).code, 1);
      }
    }));

  test('kill -9 leaves something that stops the next server, or the commands', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const first = await made.serve();
      assert.match(await send(first.port, 'ann@example.org'), /^250 /);
      await first.kill();
      assert.ok(existsSync(join(made.data, 'control.sock')), 'the control socket is left behind');
      assert.match(await made.must('registered', 'ann@example.org'), /^[a-z2-7-]{19} /);
      await made.must('key', 'new', 'bob');
      await made.must('register', 'bob@example.org', '--key', 'bob.pub');
      let second = first;
      const started = await quickest(
        9000,
        async () => {
          second = await made.serve();
        },
        () => second.kill(),
      );
      assert.ok(started < 9000, `it starts at once, and not in ${started} ms`);
      assert.match(await send(second.port, 'bob@example.org'), /^250 /);
      assert.match(await made.must('registered', 'bob@example.org'), /^[a-z2-7-]{19} /);
      assert.is((await second.stop()).code, 0);
      assert.not(existsSync(join(made.data, 'control.sock')), 'SIGTERM removes the socket');
      assert.is((await readMailbox(made.data, made.identity('ann'))).mails.length, 1);
      assert.is((await readMailbox(made.data, made.identity('bob'))).mails.length, 1);
    }));

  test('a copy of a data directory, made while a server runs on it, does not start beside it', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      assert.match(await send(server.port, 'ann@example.org'), /^250 /);
      const copy = join(made.folder, 'copy');
      assert.is((await made.exec('cp', ['-a', made.data, copy])).code, 0);
      const other = await made.serve('--data', copy);
      assert.match(await send(other.port, 'ann@example.org'), /^250 /);
      assert.match(await send(server.port, 'ann@example.org'), /^250 /);
      assert.is((await readMailbox(copy, made.identity('ann'))).mails.length, 2);
      assert.is((await readMailbox(made.data, made.identity('ann'))).mails.length, 2);
      assert.is((await made.bare('registered', 'ann@example.org', '--data', copy)).code, 0);
      assert.is((await server.stop()).code, 0);
      assert.is((await other.stop()).code, 0);
    }));

  test('a running server does not learn of what is registered and revoked', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      assert.match(await send(server.port, 'bob@example.org'), /^550 5\.1\.1 /);
      await made.must('key', 'new', 'bob');
      const registered = await made.run('register', 'bob@example.org', '--key', 'bob.pub', '--label', 'new');
      assert.is(registered.code, 0, registered.stderr);
      assert.match(registered.stderr, /^bob@example\.org: key \S+ registered\n$/);
      assert.match(await send(server.port, 'bob@example.org'), /^250 /);
      assert.match(await made.must('registered', 'bob@example.org'), / {2}new\n$/);
      // A key that is registered while the content comes gets the mail too.
      const during = await Wire.to(server.port);
      await during.hello();
      during.must(await during.command('MAIL FROM:<>'), '250');
      during.must(await during.command('RCPT TO:<ann@example.org>'), '250');
      during.must(await during.command('DATA'), '354');
      await made.must('register', 'ann@example.org', '--key', 'bob.pub');
      await during.send(Buffer.concat([content, Buffer.from('.\r\n')]));
      assert.match(await during.reply(), /^250 /);
      await during.quit();
      assert.is((await readMailbox(made.data, made.identity('bob'))).mails.length, 2);
      await made.must('revoke', 'ann@example.org', '--key', 'bob.pub');
      // Accepted by RCPT, then revoked: nobody may open it, so nobody accepts it.
      const wire = await Wire.to(server.port);
      await wire.hello();
      wire.must(await wire.command('MAIL FROM:<>'), '250');
      wire.must(await wire.command('RCPT TO:<bob@example.org>'), '250');
      wire.must(await wire.command('DATA'), '354');
      await made.must('revoke', 'bob@example.org');
      await wire.send(Buffer.concat([content, Buffer.from('.\r\n')]));
      assert.match(await wire.reply(), /^451 /);
      await wire.quit();
      assert.match(await send(server.port, 'bob@example.org'), /^550 5\.1\.1 /);
      refused(await made.run('registered', 'bob@example.org'), 3, /no key is registered/);
      refused(await made.run('revoke', 'bob@example.org'), 3, /nothing was changed/);
      refused(await made.run('register', 'bob@', '--key', 'bob.pub'), 2, /is not an address/);
      assert.is((await server.stop()).code, 0);
      refused(await made.run('registered', 'bob@example.org'), 3, /no key is registered/);
      const { mails } = await readMailbox(made.data, made.identity('bob'));
      const notices = mails.filter(({ mail }) => mail.envelope.flags & envelopeFlags.notice);
      assert.equal([mails.length, notices.length], [4, 2], 'two mails, and two keys that were taken away');
    }));

  test('a command writes past another one that holds the lock', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const child = spawn(process.execPath, [holder, join(made.data, 'lock')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      try {
        assert.is(String((await once(child.stdout, 'data'))[0]), 'held\n');
        refused(await made.run('revoke', 'ann@example.org'), 75, /control\.sock: .*; try again/);
        refused(await made.run('serve', '--listen', '127.0.0.1:0'), 1, /another obalka uses/);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      await made.must('registered', 'ann@example.org');
    }));

  test('SIGTERM cuts off a mail under way, or the server does not end', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      const idle = await Wire.to(server.port);
      await idle.hello();
      const busy = await Wire.to(server.port);
      await busy.hello();
      busy.must(await busy.command('MAIL FROM:<>'), '250');
      busy.must(await busy.command('RCPT TO:<ann@example.org>'), '250');
      busy.must(await busy.command('DATA'), '354');
      await busy.send(content);
      const ended = server.stop();
      assert.match(await idle.reply(), /^421 4\.3\.2 /);
      await busy.send('.\r\n');
      assert.match(await busy.reply(), /^250 /);
      assert.match(await busy.reply(), /^421 4\.3\.2 /);
      await idle.abandon();
      await busy.abandon();
      assert.equal(await ended, { code: 0, signal: null });
      const { mails } = await readMailbox(made.data, made.identity('ann'));
      assert.is(mails.length, 1);
      assert.ok(mails[0]?.content.equals(content));
    }));

  test('others on this machine can read or ask', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      assert.match(await send(server.port, 'ann@example.org'), /^250 /);
      for (const name of ['', 'journal', 'lock', 'pepper', 'registry.sqlite', 'control.sock']) {
        const { mode } = statSync(join(made.data, name));
        assert.is(mode & 0o077, 0, `${name}: ${(mode & 0o777).toString(8)}`);
      }
      assert.is((await server.stop()).code, 0);
    }));
});
