/** Addresses through the program: aliases, sub-addresses, mailboxes by rule, dots and catch-alls, and who gets the mail. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envelopeFlags } from '../../src/format/envelope-flags.js';
import { Installation, within } from '../support/installation.js';
import { readMailbox } from '../support/read-mail.js';
import type { Server } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

/** Sends one mail to all of `to`; gives the last reply. */
async function send(server: Server, ...to: readonly string[]): Promise<string> {
  const wire = await Wire.to(server.port);
  await wire.hello();
  const reply = await wire.deliver({ from: '', to, content: Buffer.from(`Subject: ${to[0]}\r\n\r\nx\r\n`) });
  await wire.quit();
  return reply;
}

/** What somebody got, but for notices: for each mail the recipient it came for, and how that was reached. */
async function got(made: Installation, name: string): Promise<string[]> {
  const { mails } = await readMailbox(made.data, made.identity(name));
  return mails
    .filter(({ mail }) => (mail.envelope.flags & envelopeFlags.notice) === 0)
    .map(({ mail }) => `${mail.envelope.recipient} ${mail.envelope.reached}`)
    .sort();
}

suite('aliases at the command line', (test) => {
  test('mail for an alias goes to the wrong keys, or to one key twice', () =>
    within(Installation.with('ann@example.org', 'bob@example.org', 'eve@example.org'), async (made) => {
      const server = await made.serve();
      await made.must('alias', 'ann.too@example.org', 'ann@example.org');
      // Through the running server; the second by way of the first, so that ann is behind it twice.
      await made.must(
        'alias',
        'Team@Example.org',
        'ann@example.org',
        'bob@example.org',
        'ann.too@example.org',
      );
      const more = await made.run('alias', 'ann.too@example.org', 'eve@example.org');
      assert.match(more.stderr, /ann\.too@example\.org: a notice was sealed to the key it had before/);
      await made.must('alias', 'ann.too@example.org', '--remove', 'eve@example.org');
      const notices = await made.must('list', '--identity', 'ann', '--pins', 'none');
      assert.is(notices.match(/The keys of ann\.too@example\.org were changed/g)?.length, 2);
      assert.match(await send(server, 'ann.too@example.org'), /^250 /);
      assert.match(await send(server, 'team@example.org', 'bob@example.org'), /^250 /);
      assert.match(await send(server, 'eve@example.org'), /^250 /);
      assert.equal(await got(made, 'ann'), ['ann.too@example.org alias', 'team@example.org alias']);
      assert.equal(await got(made, 'bob'), ['bob@example.org itself', 'team@example.org alias']);
      assert.equal(await got(made, 'eve'), ['eve@example.org itself']);
      const shown = await made.must('registered', 'team@example.org');
      assert.match(shown, /^alias for ann@example\.org {2}registered 20\S+Z\nalias for bob@/);
      const json = await made.must('registered', 'team@example.org', '--json');
      assert.equal(
        json
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { alias: string }).alias),
        ['ann@example.org', 'bob@example.org', 'ann.too@example.org'],
      );
    }));

  test('a target that lost its key stops the others, or an alias without any takes mail', () =>
    within(Installation.with('ann@example.org', 'bob@example.org', '*@example.org'), async (made) => {
      await made.must('alias', 'team@example.org', 'ann@example.org', 'bob@example.org');
      const server = await made.serve();
      await made.must('revoke', 'bob@example.org');
      assert.match(await send(server, 'team@example.org'), /^250 /);
      await made.must('revoke', 'ann@example.org');
      assert.match(await send(server, 'team@example.org'), /^550 5\.1\.1 /);
      // What is registered itself is never passed on to a catch-all; after this it is not.
      const removed = await made.run('alias', 'team@example.org', '--remove', 'ann@example.org');
      assert.match(removed.stderr, /1 target removed\n$/, 'nobody is left to be told');
      assert.match(await send(server, 'team@example.org'), /^550 5\.1\.1 /);
      await made.must('revoke', 'team@example.org');
      assert.match(await send(server, 'team@example.org'), /^250 /);
      assert.equal(await got(made, 'ann'), ['team@example.org alias']);
      assert.equal(await got(made, '*'), ['team@example.org domain-catch-all']);
      assert.is((await made.run('registered', 'team@example.org')).code, 3);
    }));

  test('an alias is made that leads nowhere, back, or beside keys', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const refused = async (code: number, words: RegExp, ...args: string[]) => {
        const ended = await made.run(...args);
        assert.is(ended.code, code, ended.stderr);
        assert.match(ended.stderr, words);
      };
      await refused(
        3,
        /bob@example\.org: no key is registered/,
        'alias',
        'team@example.org',
        'bob@example.org',
      );
      await refused(3, /no key/, 'alias', 'team@example.org', 'ann@example.org', 'bob@example.org');
      await refused(3, /no key is registered/, 'registered', 'team@example.org');
      await made.must('alias', 'team@example.org', 'ann@example.org');
      await refused(2, /is an alias/, 'register', 'team@example.org', '--key', 'ann.pub');
      await refused(2, /has a key/, 'alias', 'ann@example.org', 'team@example.org');
      await refused(2, /circle/, 'alias', 'team@example.org', 'team@example.org');
      await refused(2, /catch-all/, 'alias', 'x@example.org', '*@example.org');
      await refused(2, /--remove/, 'alias', 'x@example.org');
      await refused(3, /no such target/, 'alias', 'team@example.org', '--remove', 'x@example.org');
      await refused(3, /is no alias/, 'alias', 'ann@example.org', '--remove');
      await made.must('alias', 'team@example.org', '--remove');
      await refused(3, /no key is registered/, 'registered', 'team@example.org');
    }));
});

suite('ways to an address at the command line', (test) => {
  test('a mail takes another way than the first that is registered', () =>
    within(Installation.with('ann@example.org', 'bob@example.org', '*@example.org'), async (made) => {
      writeFileSync(
        join(made.data, 'address-rules'),
        [
          '# our domains',
          'separator -  dash.example',
          'dots ignored example.org',
          `map ^(?<user>[a-z]+)-[a-z0-9]+@example\\.org$ -> $\{user}@example.org`,
          'map (.*)@old\\.example -> $1@example.org',
          '',
        ].join('\n'),
      );
      const server = await made.serve();
      await made.must('register', 'carol@dash.example', '--key', 'bob.pub');
      await made.must('register', 'bob+lists@example.org', '--key', 'ann.pub');
      for (const to of [
        'a.n.n@example.org',
        'Ann+shop@example.org',
        'a.nn+b.c+d@example.org',
        'bob+lists@example.org',
        'bob+other@example.org',
        'bob-shop7@example.org',
        'ann@old.example',
        'ann+tag@old.example',
        'carol-tag@dash.example',
        'nobody-at-all@example.org',
      ])
        assert.match(await send(server, to), /^250 /, to);
      for (const to of ['carol+tag@dash.example', 'eve@old.example', 'ann-@old.example'])
        assert.match(await send(server, to), /^550 5\.1\.1 /, to);
      assert.equal(await got(made, 'ann'), [
        'Ann+shop@example.org sub-address',
        'a.n.n@example.org itself',
        'a.nn+b.c+d@example.org sub-address',
        'ann+tag@old.example mapper',
        'ann@old.example mapper',
        'bob+lists@example.org itself',
      ]);
      assert.equal(await got(made, 'bob'), [
        'bob+other@example.org sub-address',
        'bob-shop7@example.org mapper',
        'carol-tag@dash.example sub-address',
      ]);
      assert.equal(await got(made, '*'), ['nobody-at-all@example.org domain-catch-all']);
      // Two spellings of one address are one recipient, and get one mail.
      assert.match(await send(server, 'ann@example.org', 'an.n@example.org'), /^250 /);
      assert.is((await got(made, 'ann')).length, 7);
    }));

  test('rules that changed hold on as they were, or bad ones are taken', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const file = join(made.data, 'address-rules');
      const server = await made.serve();
      const again = async (text: string, words: string) => {
        const seen = server.stderr.length;
        writeFileSync(file, text);
        server.signal('SIGHUP');
        await until(
          () => `${words}: not in ${server.stderr}`,
          () => server.stderr.slice(seen).includes(words),
        );
      };
      assert.match(await send(server, 'ann+x@example.org'), /^250 /);
      await again('separator none\n', 'address rules read again');
      assert.match(await send(server, 'ann+x@example.org'), /^550 5\.1\.1 /);
      await again('separator +\nseparator -\n', 'address rules not read again');
      assert.match(server.stderr, /rules-kept: .* \(mistake, line 2\)$/m);
      assert.match(await send(server, 'ann+x@example.org'), /^550 5\.1\.1 /);
      await again('map (?=a)b@c -> ann@example.org', 'address rules not read again');
      await again('map ann%.*@example.org -> ann@example.org', 'address rules read again');
      assert.match(await send(server, 'ann%x@example.org'), /^250 /);
      assert.equal(await got(made, 'ann'), ['ann%x@example.org mapper', 'ann+x@example.org sub-address']);
      assert.is((await server.stop()).code, 0);
      writeFileSync(file, 'dots\n');
      for (const args of [
        ['serve', '--listen', '127.0.0.1:0'],
        ['registered', 'ann@example.org'],
      ]) {
        const { code, stderr } = await made.run(...args);
        assert.is(code, 2);
        assert.match(stderr, /address-rules, line 1: dots are ignored or kept/);
      }
    }));

  test('limits of an address are got round by its sub-addresses, or hold for its aliases', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      writeFileSync(
        join(made.data, 'address-rules'),
        'dots ignored\nmap (.*)@old.example -> $1@example.org\n',
      );
      await made.must('alias', 'team@example.org', 'ann@example.org');
      const server = await made.serve('--set', 'addressMailsPerHour=2');
      assert.match(await send(server, 'a.nn@example.org'), /^250 /);
      assert.match(await send(server, 'ann+x@example.org'), /^250 /);
      for (const to of ['ann@example.org', 'an.n+y@example.org', 'ann@old.example'])
        assert.match(await send(server, to), /^450 4\.2\.1 /, to);
      assert.match(await send(server, 'team@example.org'), /^250 /);
    }));

  test('an alias for a whole domain or for all does not hold', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await made.must('alias', '*@old.example', 'ann+old@example.org');
      await made.must('alias', '*', 'ann@example.org');
      const server = await made.serve();
      assert.match(await send(server, 'x@old.example'), /^250 /);
      assert.match(await send(server, 'x@any.example'), /^250 /);
      assert.equal(await got(made, 'ann'), [
        'x@any.example system-catch-all',
        'x@old.example domain-catch-all',
      ]);
    }));
});
