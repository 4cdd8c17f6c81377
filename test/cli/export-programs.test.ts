/** Exports as other programs read them: mutt keeps on with a Maildir, Python's mailbox reads both kinds. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, undoMaildir, undoMbox } from '../support/exporting.js';
import { hostileMails } from '../support/hostile-mails.js';
import { Installation, within } from '../support/installation.js';
import { collectedContents, oddContents } from '../support/odd-contents.js';
import { assert, skip, suite } from '../support/suite.js';
import { runOnTerminal } from '../support/terminal.js';

const own = ['--identity', 'ann'];
const text = (words: string) =>
  Buffer.from(`From: b@c.example\r\nSubject: ${words}\r\nMIME-Version: 1.0\r\n\r\nFrom ${words}\r\n`);

/** Each mail as Python sees it: its recipient, and its octets in hexadecimal. */
const python = `
import mailbox, sys
box = mailbox.mbox(sys.argv[1]) if sys.argv[2] == 'mbox' else mailbox.Maildir(sys.argv[1])
for key in box.keys():
    print(box.get_message(key)['Delivered-To'], box.get_bytes(key).hex())
`;

suite('exports in other programs', (test) => {
  const mutt = 'mutt cannot open the Maildir, or its marks are lost by the next export';
  if (spawnSync('mutt', ['-v']).error) skip(test, mutt, 'no mutt');
  else
    test(mutt, () =>
      within(Installation.empty(), async (made) => {
        const folder = join(made.folder, 'Mail');
        const run = () => made.run('export', '--format', 'maildir', '--to', folder, ...own);
        await fill(made, ['one', 'two', 'three'].map(text));
        assert.is((await run()).code, 0);
        // Without its folder it would first ask whether to make ~/Mail.
        const settings = `set folder=${made.folder} wait_key=no pipe_decode=no pipe_split=no pipe_sep="" quit=yes move=no`;
        const all = '<tag-pattern>~A<enter><tag-prefix><pipe-message>cat>';
        const open = (out: string, more = '') =>
          runOnTerminal(
            made,
            `mutt -n -F /dev/null -f '${folder}' -e '${settings}; push "${all}${join(made.folder, out)}<enter>${more}<quit>"'`,
          );
        await open('out', '<untag-pattern>~A<enter><first-entry><set-flag>!<last-entry><clear-flag>N');
        const words = (out: string) =>
          [...readFileSync(join(made.folder, out), 'latin1').matchAll(/^From (\w+)$/gm)].map(
            ([, word]) => word,
          );
        assert.equal(words('out').sort(), ['one', 'three', 'two']);
        const marked = readdirSync(join(folder, 'cur')).filter((name) => name.includes(':2,F'));
        assert.is(marked.length, 1);
        await fill(made, [text('four')]);
        assert.match((await run()).stderr, /^1 mail exported to .*, 3 there before$/m);
        await open('again');
        assert.equal(words('again').sort(), ['four', 'one', 'three', 'two']);
        assert.ok(readdirSync(join(folder, 'cur')).includes(marked[0] as string));
      }),
    );

  const module = "Python's mailbox finds other mail than there is";
  if (spawnSync('python3', ['-V']).error) skip(test, module, 'no python3');
  else
    test(module, () =>
      within(Installation.empty(), async (made) => {
        const hostile = Object.values(hostileMails).flatMap((mails) => mails.slice(0, 3));
        const contents = [...oddContents, ...hostile, ...collectedContents()];
        await fill(made, contents);
        for (const format of ['mbox', 'maildir']) {
          const path = join(made.folder, format);
          assert.is((await made.run('export', '--format', format, '--to', path, ...own)).code, 0);
          const seen = await made.exec('python3', ['-c', python, path, format]);
          assert.is(seen.code, 0, seen.stderr);
          const lines = seen.stdout.toString().trim().split('\n');
          assert.is(lines.length, contents.length);
          const found = lines.map((line) => {
            const [recipient, octets = ''] = line.split(' ');
            assert.is(recipient, 'ann@example.org');
            const file = Buffer.from(octets, 'hex');
            if (format === 'maildir') return undoMaildir(file);
            const framed = Buffer.concat([Buffer.from('From x\n'), file, Buffer.from('\n')]);
            return undoMbox(framed)[0] ?? Buffer.alloc(0);
          });
          const sorted = (list: readonly Buffer[]) => list.map((one) => one.toString('latin1')).sort();
          const [these, those] = [sorted(found), sorted(contents)];
          assert.ok(
            these.every((one, at) => one === those[at]),
            format,
          );
        }
      }),
    );
});
