/** An older program meets what a newer one wrote: it says so in one sentence, and leaves all of it as it is. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ascii, hex } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import { Sqlite } from '../../src/sqlite/sqlite.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

/** A data directory with one mail, and whatever its reader keeps. */
async function filled(): Promise<Installation> {
  const made = await Installation.with('me@example.org');
  const server = await made.serve();
  const wire = await Wire.to(server.port);
  await wire.hello();
  const content = Buffer.from('Subject: kept\r\n\r\nx\r\n');
  wire.must(await wire.deliver({ from: '', to: ['me@example.org'], content }), '250');
  await wire.quit();
  await server.stop();
  Object.assign(made.environment, {
    OBALKA_IDENTITY: made.identity('me'),
    OBALKA_CACHE: join(made.folder, 'cache'),
    OBALKA_PINS: join(made.folder, 'pins'),
  });
  await made.must('list');
  await made.must('mark', '--export', 'marks');
  await made.must('key', 'new', 'you');
  writeFileSync(join(made.folder, 'locked'), 'age-encryption.org/v1\n-> scrypt\n', { mode: 0o600 });
  await made.must('watch', '--once', '--state', 'state', '--all');
  await made.exec('sh', ['-c', 'echo "obalka import 1" > resume; mkdir -p box/cur box/new']);
  return made;
}

/** The 1 of the first line, or of the member `version`, as 2; the check of a head made again. */
function newer(file: string): void {
  if (readFileSync(file, 'latin1').startsWith('SQLite')) {
    const database = new Sqlite(file);
    database.pragma('user_version = 3');
    // What was written goes into the file itself, whose octets are looked at.
    database.pragma('journal_mode = DELETE');
    database.close();
    return;
  }
  const text = readFileSync(file, 'latin1')
    .replace(/^(obalka [a-z]+) 1\n/, '$1 2\n')
    .replace(/^(\{\s*"version": ?|age-encryption\.org\/v)1/, '$12');
  const head = /^obalka (journal|lane|segment) 2\n/.test(text) ? text.indexOf('\ncheck ') + 1 : 0;
  const check = head > 0 ? `check ${hex(sha256(ascii(text.slice(0, head))))}\n` : '';
  writeFileSync(file, `${text.slice(0, head)}${check}${text.slice(head + check.length)}`, 'latin1');
}

/** What takes the journal up as a server does, to write a notice into it. */
const takesUp = 'register me@example.org --key you.pub';

/** What it is, its file, a command that uses it, what the command says of it, and its exit code. */
const kinds: readonly [name: string, file: RegExp, words: string, said: RegExp, code: number][] = [
  ['journal', /^data\/journal\/journal$/, 'list', /journal format version 2; this program reads/, 1],
  ['journal, served', /^data\/journal\/journal$/, 'serve', /journal format version 2; this program reads/, 1],
  ['lane, served', /\/lane$/, 'serve', /journal format version 2; this program reads/, 1],
  ['segment', /\/envelopes$/, 'list', /envelopes: journal format version 2; this program reads/, 5],
  ['segment, served', /\/channels$/, 'serve', /channels: journal format version 2; this program reads/, 1],
  ['checkpoint', /\/checkpoint$/, 'verify', /checkpoint version 2; this program reads version 1/, 5],
  ['checkpoint, served', /\/checkpoint$/, 'serve', /checkpoint version 2; this program reads version 1/, 1],
  ['list of erasures', /\/erasing$/, 'serve', /erasing: a list of version 2; this program reads/, 1],
  ['place mark', /^data\/place$/, 'serve', /place: version 2; this program reads version 1/, 1],
  ['registry', /^data\/registry\.sqlite$/, 'serve', /registry of version 3; this program knows/, 1],
  ['registry, asked', /^data\/registry\.sqlite$/, 'registered me@example.org', /registry of version 3; /, 1],
  ['cache', /^cache\/[^/]*\.sqlite$/, 'list', /without a cache: .*cache of version 3; this program knows/, 0],
  ['pins', /^pins$/, 'list', /pins of version 2; this program knows version 1/, 1],
  ['state of watch', /^state$/, 'watch --once --state state', /state of version 2; this program knows/, 1],
  ['key under a passphrase', /^locked$/, 'key list locked', /age file of version 2; this program/, 4],
  ['marks', /^marks$/, 'mark --import marks', /or one of a newer obalka/, 2],
  [
    'resume file',
    /^resume$/,
    'import box --format maildir --address me@example.org --resume-file resume',
    /or one of a newer obalka/,
    1,
  ],
];

suite('upgrade: what a newer program wrote', (test) => {
  test('is read wrongly, written over, thrown away, or refused without a word of what to do', () =>
    within(filled(), async (made) => {
      const erasing = join(made.data, 'journal/erasing');
      for (const [name, file, command, said, code] of kinds) {
        if (/erasures/.test(name)) writeFileSync(erasing, 'obalka erasing 1\n');
        const names = readdirSync(made.folder, { recursive: true, encoding: 'utf8' });
        const path = names.find((one) => file.test(one));
        assert.ok(path, `${name}: no file`);
        const at = join(made.folder, path as string);
        const own = readFileSync(at);
        newer(at);
        const before = readFileSync(at);
        const ended = await made.run(...(command === 'serve' ? takesUp : command).split(' '));
        assert.match(ended.stderr, said, `${name}: ${ended.stderr}`);
        assert.match(ended.stderr, /newer obalka/, name);
        assert.is(ended.code, code, `${name}: ${ended.stderr}`);
        assert.ok(readFileSync(at).equals(before), `${name}: was written to`);
        // In place: a directory whose files are others is a copy.
        writeFileSync(at, own);
        rmSync(erasing, { force: true });
      }
    }));
});
