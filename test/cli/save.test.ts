/** obalka save and read --html, through the program: files stand where they should, and nothing is written over. */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttachmentFolder } from '../../src/cli/mailbox/attachment-folder.js';
import { withFolder } from '../support/folder.js';
import { hostileMails } from '../support/hostile-mails.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { printedCommands, runOnTerminal } from '../support/terminal.js';
import { Wire } from '../support/wire.js';

const harmless = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

async function send(made: Installation, ...contents: readonly Uint8Array[]): Promise<string[]> {
  const server = await made.serve();
  const wire = await Wire.to(server.port);
  await wire.hello();
  for (const content of contents)
    wire.must(await wire.deliver({ from: 'b@example.net', to: ['ann@example.org'], content }), '250');
  await wire.quit();
  await server.stop();
  return lines(await made.must('list', '--json', '--identity', 'ann')).map((line) => JSON.parse(line).id);
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

function withParts(...parts: readonly (readonly [disposition: string, text: string])[]): Buffer {
  const body = parts.map(
    ([disposition, text]) =>
      `--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: ${disposition}\r\n\r\n${text}\r\n`,
  );
  return Buffer.from(
    `Subject: parts\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n${body.join('')}--x--\r\n`,
  );
}

suite('save', (test) => {
  test('an attachment is lost, written elsewhere, or over another file or through a link', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const [id = ''] = await send(
        made,
        withParts(
          ['attachment; filename="a.txt"', 'first'],
          ['attachment; filename="a.txt"', 'second'],
          ['attachment; filename="../../up.txt"', 'third'],
          ['attachment; filename="link"', 'fourth'],
          ['attachment', 'fifth'],
        ),
      );
      const folder = join(made.folder, 'there');
      const save = (...words: string[]) => made.run('save', id, ...words, '--identity', 'ann');
      assert.equal(lines((await save('1')).stdout.toString()), [`mail-${id}/a.txt`]);
      assert.is(statSync(join(made.folder, `mail-${id}`)).mode & 0o777, 0o700);
      assert.is(statSync(join(made.folder, `mail-${id}/a.txt`)).mode & 0o777, 0o600);
      assert.is((await save('3', '--to', folder)).code, 0);
      assert.is(
        (await save('3', '--to', 'ann')).stderr,
        'obalka: ann: this is no folder; choose another --to PATH\n',
      );
      assert.equal(lines((await save('1')).stdout.toString()), [`mail-${id}/a (2).txt`]);
      chmodSync(join(made.folder, `mail-${id}`), 0o777);
      const open = await save('1');
      assert.is(open.code, 1);
      assert.match(open.stderr, /: others may write into this folder; close it with "chmod go-w mail-/);
      assert.is((await save('1', '--to', `mail-${id}`)).code, 0);
      rmSync(join(made.folder, `mail-${id}`), { recursive: true });
      symlinkSync(made.temp, join(made.folder, `mail-${id}`));
      assert.match((await save('1')).stderr, /: this is a link; name the folder/);
      assert.match((await save('1', '--to', `mail-${id}`)).stderr, /: this is a link; name the folder/);
      assert.equal(readdirSync(made.temp), []);
      const unsaid = `obalka save ${id} --identity ann --data data`;
      const shown = await runOnTerminal(made, `${unsaid.replace('save', 'read')} --no-pager; ${unsaid}`);
      assert.equal(printedCommands(shown.stdout.toString()), [
        unsaid.replace(id, `${id} --all`),
        `${unsaid} --all`,
      ]);
      writeFileSync(join(folder, 'a.txt'), 'mine');
      symlinkSync(join(made.folder, 'ann'), join(folder, 'link'));
      const identity = readFileSync(join(made.folder, 'ann'), 'utf8');
      const saved = await save('--all', '--to', folder);
      assert.is(saved.code, 0, saved.stderr);
      const content = (name: string) => readFileSync(join(folder, name), 'latin1').trim();
      assert.equal(readdirSync(folder).sort(), [
        'a (2).txt',
        'a (3).txt',
        'a.txt',
        'attachment-5.bin',
        'link',
        'link (2)',
        'up (2).txt',
        'up.txt',
      ]);
      assert.equal(['a.txt', 'a (2).txt', 'a (3).txt', 'up.txt'].map(content), [
        'mine',
        'first',
        'second',
        'third',
      ]);
      assert.equal(['link (2)', 'attachment-5.bin'].map(content), ['fourth', 'fifth']);
      assert.is(readFileSync(join(made.folder, 'ann'), 'utf8'), identity);
      assert.not(readdirSync(made.folder).includes('up.txt'));
    }));

  test('thousands of parts of one name take a time that grows with their square, or are lost', () =>
    withFolder(async (folder) => {
      const saving = new AttachmentFolder(folder);
      const started = process.cpuUsage();
      writeFileSync(join(folder, 'a (3).txt'), 'mine');
      for (let at = 0; at < 2500; at++)
        await saving.save(at % 2 === 0 ? 'a.txt' : 'A.txt', Buffer.from([at & 0xff]));
      const { user, system } = process.cpuUsage(started);
      // Tried one after the other these are six million names.
      assert.ok((user + system) / 1e6 < 10, `${(user + system) / 1e6} s`);
      assert.is(readdirSync(folder).length, 2501);
      assert.is(readFileSync(join(folder, 'a (3).txt'), 'latin1'), 'mine');
    }));

  test('a part that is not there, or is not named, ends otherwise', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const ids = await send(
        made,
        Buffer.from('Subject: none\r\n\r\nx\r\n'),
        withParts(['attachment; filename="a"', '1'], ['attachment; filename="a"', '2']),
      );
      const [none = '', two = ''] = ids;
      for (const [words, code, said] of [
        [[none], 3, /has no attachments/],
        [[two], 2, /has 2 attachments; name one by its number, or give --all/],
        [[two, '3'], 3, /no attachment 3; there are 2/],
        [[two, 'a'], 2, /2 attachments are named a; give a number/],
        [[two, '1', '--all'], 2, /not both/],
        [['abcdefghijklm'], 3, /no mail with this id/],
      ] as const) {
        const ended = await made.run('save', ...words, '--identity', 'ann');
        assert.equal([ended.code, said.test(ended.stderr)], [code, true], ended.stderr);
        assert.is(ended.stdout.length, 0);
      }
    }));
});

suite('read', (test) => {
  test('HTML for a browser loads something, or is not what was sent', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const mails = (hostileMails['HTML that calls home'] ?? []).slice(0, 2);
      const ids = await send(made, ...mails, Buffer.from('Subject: plain\r\n\r\nx\r\n'));
      for (const id of ids.slice(0, 2)) {
        const html = await made.must('read', id, '--html', '--identity', 'ann');
        assert.match(
          html,
          /^<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none';/,
        );
        assert.match(html, /<iframe sandbox srcdoc="[^"]*&lt;p>words \d&lt;\/p>[^"]*"><\/iframe>\n$/);
      }
      const plain = await made.run('read', ids[2] as string, '--html', '--identity', 'ann');
      assert.equal([plain.code, /has no HTML part/.test(plain.stderr)], [3, true]);
    }));

  test('a mail that cannot be taken apart is not listed, shown, or given out', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const deep = Array.from(
        { length: 200 },
        (_, i) => `--b${i}\r\nContent-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n`,
      );
      const content = Buffer.from(
        `Subject: deep\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n${deep.join('')}x\r\n`,
      );
      const [id = ''] = await send(made, content);
      const shown = await made.must('read', id, '--identity', 'ann');
      assert.match(shown, /^Subject: +deep$/m);
      assert.match(shown, /cannot be taken apart: .*nesting depth.*; "obalka read --raw/);
      assert.match(JSON.parse(await made.must('read', id, '--json', '--identity', 'ann')).fault, /nesting/);
      assert.ok((await made.run('read', id, '--raw', '--identity', 'ann')).stdout.equals(content));
    }));

  test('one of each class steers the terminal', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const mails = Object.values(hostileMails).map((list) =>
        Buffer.concat([list[3] as Buffer, Buffer.from('\r\n')]),
      );
      const ids = await send(made, ...mails);
      assert.is(ids.length, mails.length);
      const shown = await Promise.all([
        made.run('list', '--identity', 'ann'),
        ...ids.map((id) => made.run('read', id, '--identity', 'ann')),
      ]);
      for (const { code, stdout, stderr } of shown) {
        assert.is(code, 0, stderr);
        for (const line of (stdout.toString() + stderr).split('\n')) assert.match(line, harmless);
      }
    }));
});
