/** Hostile mail, through the commands: one of each class is listed, read in each form, and its attachments are saved. */
import { lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { encodeIdentity } from '../../src/seal/keys.js';
import { withFolder } from '../support/folder.js';
import { hostileMails } from '../support/hostile-mails.js';
import { commandIn } from '../support/in-process.js';
import { AddressBook, PostOffice, person } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const command = (...words: readonly string[]) =>
  commandIn(process.cwd(), { ...process.env, OBALKA_CACHE: 'none' }, ...words);
const alice = person('alice');
/** What may stand on a line of a terminal, and between two lines of a file. */
const harmless = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;
/** Which mail of each class: others than test/cli/save.test.ts takes. */
const chosen = 8;

suite('hostile mail, through the commands', (test) => {
  test('a mail is not listed, not given back, steers the terminal or a script, or is saved elsewhere', () =>
    withFolder(async (folder) => {
      const book = new AddressBook();
      book.set('alice@example.org', alice);
      const office = await PostOffice.open({ folder: join(folder, 'journal'), book });
      const contents = new Map<string, Buffer>();
      for (const [name, mails] of Object.entries(hostileMails)) {
        const content = Buffer.concat([mails[chosen] as Buffer, Buffer.from('\r\n')]);
        contents.set(name, content);
        assert.equal(await office.send(['alice@example.org'], content), [250]);
      }
      await office.close();
      const identity = join(folder, 'identity');
      writeFileSync(identity, `${encodeIdentity(alice.seed)}\n`, { mode: 0o600 });
      const where = ['--data', join(folder, 'journal'), '--identity', identity, '--pins', 'none'];
      const tame = (text: string, name: string) => {
        for (const line of text.split('\n')) assert.match(line, harmless, name);
      };

      const list = await command('list', '--json', ...where);
      tame(list.stdout.toString() + list.stderr, 'list --json');
      const listed = list.stdout.toString().trim().split('\n');
      assert.is(listed.length, contents.size);
      for (const [at, [name, content]] of [...contents].entries()) {
        const { id } = JSON.parse(listed[at] as string) as { id: string };
        const read = (...words: string[]) => command('read', id, ...words, ...where);
        assert.ok((await read('--raw')).stdout.equals(content), name);
        for (const form of [[], ['--json'], ['--headers']]) {
          const { code, stdout, stderr } = await read(...form);
          assert.is(code, 0, `${name}: ${stderr}`);
          tame(stdout.toString() + stderr, `${name} ${form}`);
          if (form[0] === '--json') assert.is((JSON.parse(stdout.toString()) as { id: string }).id, id);
        }
        const target = join(folder, 'saved', String(at));
        const saved = await command('save', id, '--all', '--to', target, ...where);
        assert.ok([0, 3].includes(saved.code), `${name}: ${saved.stderr}`);
        tame(saved.stdout.toString() + saved.stderr, `${name} save`);
        for (const line of saved.stdout
          .toString()
          .split('\n')
          .filter((one) => one !== '')) {
          assert.not.match(relative(target, resolve(line)), /^\.|\//, `${name}: ${line}`);
          assert.ok(lstatSync(line).isFile());
        }
      }
      // Nothing stands anywhere else.
      assert.equal(readdirSync(folder).sort(), ['identity', 'journal', 'saved']);
      assert.ok(readdirSync(join(folder, 'saved')).length > 0);
    }));
});
