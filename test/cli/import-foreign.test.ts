/** Imports of what others wrote, of what is no mail, and imports that are cut off. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePrelude } from '../../src/format/prelude.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { parseIdentities } from '../../src/seal/keys.js';
import { Installation, within } from '../support/installation.js';
import { killWhen } from '../support/killing.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, suite } from '../support/suite.js';

const to = ['--address', 'ann@example.org'];
const time = (text: string) => Date.parse(text);

/** What ann finds: content, receive time, flags, prelude; in order of content. */
async function found(made: Installation) {
  const view = await openDirectory(join(made.data, 'journal'));
  try {
    const identities = parseIdentities(readFileSync(made.identity('ann'), 'utf8'), 'ann');
    const { contents, index } = await openMailbox(view, identities);
    const mails = [];
    for (const mail of contents.mails) {
      const pieces: Uint8Array[] = [];
      for await (const piece of index.content(mail)) pieces.push(Uint8Array.from(piece));
      const prelude = decodePrelude(await index.prelude(mail));
      const { receivedAt, flags } = mail;
      mails.push({ content: Buffer.concat(pieces).toString('latin1'), receivedAt, flags, prelude });
    }
    return mails.sort((a, b) => (a.content < b.content ? -1 : 1));
  } finally {
    await view.close();
  }
}

suite('import of foreign mail', (test) => {
  test('a Maildir loses dates, flags or octets, or leads to other files', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const folder = join(made.folder, 'Mail');
      for (const name of ['', 'cur', 'new', 'tmp', '.Sent']) mkdirSync(join(folder, name));
      const put = (name: string, text: string, at: string) => {
        writeFileSync(join(folder, name), text, 'latin1');
        utimesSync(join(folder, name), new Date(at), new Date(at));
      };
      put('cur/1000000000.M5P1.host:2,FS', 'Subject: a\n\nNUL \0 \xff\n', '2020-01-01T00:00:00Z');
      put('new/1600000000.x', 'Subject: b\r\n\r\nCR \r alone', '2005-01-01T00:00:00Z');
      put(
        'new/odd name',
        `Return-Path: <x@y.example>\nDate: 1 Jan 1999 00:00:00 +0000\n\n`,
        '2010-01-01T00:00:00Z',
      );
      put('tmp/1700000000.y', 'not yet', '2010-01-01T00:00:00Z');
      symlinkSync(made.identity('ann'), join(folder, 'new/1500000000.link'));
      execFileSync('mkfifo', [join(folder, 'new/1500000001.pipe')]);
      const server = await made.serve();
      const done = await made.run('import', folder, '--format', 'maildir', ...to);
      assert.is(done.code, 1);
      assert.match(done.stderr, /1500000000\.link: left out: .*\(it is a link\)$/m);
      assert.match(done.stderr, /1500000001\.pipe: left out: .*this is no file/m);
      assert.match(done.stderr, /^3 mails imported for ann@example\.org, 2 left out$/m);
      const [third, first, second] = await found(made);
      assert.is(first?.content, 'Subject: a\r\n\r\nNUL \0 \xff\r\n');
      assert.is(first?.receivedAt, 1_000_000_000_000);
      assert.is(first?.flags, 4 | 8);
      assert.equal(first?.prelude?.notes, { 'import.flags': 'FS' });
      assert.is(first?.prelude?.protocol, 'import');
      assert.is(second?.content, 'Subject: b\r\n\r\nCR \r alone');
      assert.is(second?.receivedAt, time('2005-01-01T00:00:00Z'));
      assert.is(third?.receivedAt, time('2010-01-01T00:00:00Z'));
      assert.is(third?.prelude?.from, 'x@y.example');
      await server.stop();
    }));

  test('an eml file or an mbox gets the wrong time, is refused whole for one mail, or goes where nobody reads', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const at = (name: string) => join(made.folder, name);
      const soon = new Date(Date.now() + 86_400_000).toUTCString();
      mkdirSync(at('eml'));
      writeFileSync(
        at('eml/1.EML'),
        `Received: by x; 3 Jan 1996 01:05:34 +0000\nDate: 1 Jan 1990 00:00 +0000\n\na\n`,
      );
      writeFileSync(
        at('eml/2.eml'),
        `Received: by x; ${soon}\r\nDate: 1 Jan 1990 00:00:00 +0000\r\n\r\nb\r\n`,
      );
      writeFileSync(at('eml/3.eml'), Buffer.alloc(3_000_000, 'x'));
      writeFileSync(at('eml/notes.txt'), 'no mail');
      writeFileSync(
        at('old.mbox'),
        `From a@b.example Sat Jan  3 01:05:34 1998\nStatus: RO\nSubject: c\n\nc\n\nFrom MAILER-DAEMON ${soon}\n\nd\n`,
      );
      const server = await made.serve('--max-size', '2000000');
      const eml = await made.run('import', at('eml'), '--format', 'eml', ...to);
      assert.is(eml.code, 1);
      assert.match(eml.stderr, /3\.eml: left out: larger than 2000000 octets$/m);
      assert.match(eml.stderr, /^2 mails imported for ann@example\.org, 1 left out$/m);
      await server.stop();
      const mbox = await made.run('import', at('old.mbox'), '--format', 'mbox', ...to);
      assert.is(mbox.code, 0, mbox.stderr);
      const before = Date.now();
      const mails = await found(made);
      assert.equal(
        mails.map(({ receivedAt }) => (Math.abs(before - receivedAt) < 60_000 ? 'now' : receivedAt)),
        ['now', time('1996-01-03T01:05:34Z'), time('1990-01-01T00:00:00Z'), time('1998-01-03T01:05:34Z')],
      );
      assert.equal(
        mails.map(({ prelude }) => prelude?.from),
        ['', '', '', 'a@b.example'],
      );
      assert.equal(
        mails.map(({ flags }) => flags),
        [4, 4, 4, 4 | 8],
      );
      for (const [address, code] of [
        ['nobody@example.org', 3],
        ['*@example.org', 2],
        ['ann', 2],
      ] as const)
        assert.is((await made.run('import', at('eml'), '--format', 'eml', '--address', address)).code, code);
    }));

  test('an import that is killed loses a mail, or brings many twice', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const count = 300;
      const names = Array.from({ length: count }, (_, number) => `Subject: ${number}`);
      const path = join(made.folder, 'old.mbox');
      writeFileSync(
        path,
        names.map((name) => `From a@b Sat Jan  3 01:05:34 1998\n${name}\n\n${'x\n'.repeat(500)}\n`).join(''),
      );
      const resume = join(made.folder, 'done');
      const words = ['import', path, '--format', 'mbox', ...to, '--resume-file', resume];
      const size = () => statSync(resume, { throwIfNoEntry: false })?.size ?? 0;
      assert.ok(await killWhen(made, () => size() > 100, ...words));
      const server = await made.serve();
      assert.ok(await killWhen(made, () => size() > 1000, ...words));
      const done = await made.run(...words);
      assert.is(done.code, 0, done.stderr);
      assert.match(done.stderr, /^\d+ mails imported for ann@example\.org, \d+ imported before$/m);
      assert.match(
        (await made.run(...words)).stderr,
        new RegExp(`^0 mails imported .*, ${count} imported before$`, 'm'),
      );
      await server.stop();
      const { mails } = await readMailbox(made.data, made.identity('ann'));
      const subjects = mails.map(({ content }) => content.toString('latin1').split('\r\n')[0] ?? '');
      assert.is(new Set(subjects).size, count);
      assert.ok(mails.length <= count + 2 * 16, `${mails.length} mails`);
    }));
});
