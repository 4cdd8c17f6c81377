/** obalka search, through the program: what is found, what is said, and what of it stands on the disk. */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdentityFile } from '../../src/cli/keys/identities.js';
import { random } from '../../src/cli/random.js';
import { decodeJournalHead } from '../../src/format/head.js';
import { openRowsFile } from '../../src/reader/cache/rows-file.js';
import { WordIndex } from '../../src/reader/search/word-index.js';
import type { Identity } from '../../src/seal/keys.js';
import { Installation, obalka, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

async function send(made: Installation, ...contents: readonly string[]): Promise<void> {
  const server = await made.serve();
  const wire = await Wire.to(server.port);
  await wire.hello();
  for (const content of contents)
    wire.must(
      await wire.deliver({ from: 'b@example.net', to: ['ann@example.org'], content: Buffer.from(content) }),
      '250',
    );
  await wire.quit();
  await server.stop();
}

const lines = (text: string | Buffer) =>
  text
    .toString()
    .split('\n')
    .filter((line) => line !== '');
const who = ['--identity', 'ann', '--cache', 'cache'];

/** All octets of the cache's files. */
function kept(made: Installation): string {
  const folder = join(made.folder, 'cache');
  return readdirSync(folder)
    .map((name) => `${name} ${readFileSync(join(folder, name), 'latin1')}`)
    .join('');
}

/** Every term that the owner of the identity can still find in the cache's file. */
async function termsKept(made: Installation): Promise<Set<string>> {
  const folder = join(made.folder, 'cache');
  const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.sqlite'));
  const [identity] = await loadIdentityFile(made.identity('ann'));
  const journal = decodeJournalHead(readFileSync(join(made.data, 'journal/journal')), '');
  const rows = openRowsFile(join(folder, name), identity as Identity, journal, random);
  try {
    const { parts, state } = new WordIndex(rows);
    const numbers = parts.map(({ size }) => size.number);
    for (let number = 1; number < state.next; number++)
      for (const of of ['mails', 'terms', 'page/0'])
        assert.is(rows.get(`search/${number}/${of}`) !== undefined, numbers.includes(number));
    return new Set(parts.flatMap((part) => [...part.entries()].map(({ term }) => term)));
  } finally {
    rows.close();
  }
}

suite('obalka search', (test) => {
  test('what is found differs from list, a fault is no fault, or words rest on the disk', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await send(
        made,
        'From: Zacharias <z@quagga.example>\r\nSubject: First wombat\r\n\r\nnumbat dingo\r\n',
        'From: Yolanda <y@quagga.example>\r\nSubject: Second \u001b[31m\r\n\r\nnumbat platypus\r\n',
        'From: Yolanda <y@quagga.example>\r\nSubject: Third\r\n\r\nbilby, platypus numbat\r\n',
      );
      const uncached = ['--json', '--identity', 'ann', '--cache', 'none'];
      assert.equal(
        lines(await made.must('search', 'numbat', ...uncached)),
        lines(await made.must('list', ...uncached)),
      );
      assert.not(readdirSync(made.folder).includes('cache'));
      const listed = lines(await made.must('list', '--json', ...who));
      const search = (...words: string[]) => made.run('search', ...words, ...who);
      const found = await search('numbat', '--json');
      assert.is(found.code, 0, found.stderr);
      assert.equal(lines(found.stdout), listed);
      assert.equal(
        lines((await search('from:yolanda', '-bilby', '--json', '--limit', '2')).stdout),
        listed.slice(1, 2),
      );
      assert.equal(lines((await search('platypus numbat', '--json')).stdout), listed.slice(2));
      assert.equal(
        lines(
          (await made.bare('search', '--data', made.data, '--json', ...who, '--', 'numbat', '-wombat'))
            .stdout,
        ),
        listed.slice(1),
      );
      assert.equal(lines((await search('numb*')).stdout), lines(await made.must('list', ...who)));
      for (const [asking, hint] of [
        [['quokka'], /^only whole words are found; what begins so: obalka search 'quokka\*'\n$/],
        [['has:attachment'], /^has: is no field, and was looked for as a word; fields are from, to, cc, /],
        [['numbat', 'OR', 'quokka'], /^all words must stand in a mail; there is no "or"/],
        [['from:quokka'], /^$/],
      ] as const) {
        const none = await search(...asking);
        assert.equal([none.code, none.stdout.length], [0, 0]);
        assert.ok(none.stderr.startsWith('no mail answers\n'), none.stderr);
        assert.match(none.stderr.slice('no mail answers\n'.length), hint);
      }
      const nothing = await made.run('list', '--from', 'nobody', ...who);
      assert.equal([nothing.code, nothing.stderr], [0, 'no mail is let through by these options\n']);
      const since = await search('numbat', 'since:2020-01-01', 'until:today', '--json');
      assert.equal(lines(since.stdout), listed);
      for (const bad of [['--jsn'], ['since:soon']]) assert.is((await search(...bad)).code, 2, `${bad}`);

      const octets = kept(made).toLowerCase();
      assert.ok(octets.length > 8000);
      for (const word of 'zacharias quagga wombat numbat dingo yolanda platypus bilby'.split(' '))
        assert.not(octets.includes(word), word);
      for (const line of listed) assert.not(octets.includes(JSON.parse(line).id));
    }));

  test('indexing that was killed loses mail, and erased mail is found', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await send(
        made,
        ...Array.from(
          { length: 60 },
          (_, at) => `Subject: number ${at}\r\n\r\nall only${at} ${'x y z '.repeat(500)}\r\n`,
        ),
      );
      const words = ['search', 'all', '--json', ...who];
      for (const milliseconds of [400]) {
        const child = spawn(process.execPath, [obalka, ...words, '--data', made.data], {
          cwd: made.folder,
          env: made.environment,
          stdio: 'ignore',
        });
        await new Promise((done) => setTimeout(done, milliseconds));
        child.kill('SIGKILL');
        await new Promise((done) => child.on('close', done));
      }
      const found = lines(await made.must(...words)).map((line) => JSON.parse(line).id as string);
      assert.is(new Set(found).size, 60);
      assert.is(found.length, 60);
      const before = kept(made);
      await made.must('erase', found[7] as string, ...who);
      assert.is.not(kept(made), before, 'the words of an erased mail stay');
      assert.equal(lines(await made.must('search', 'only7', ...who)), []);
      assert.is(lines(await made.must(...words)).length, 59);
      // Erased where this reader's cache is not: the next search finds out, whatever it asks for.
      await made.must('erase', found[8] as string, '--identity', 'ann', '--cache', 'none');
      assert.ok((await termsKept(made)).has('only8'));
      assert.equal(lines(await made.must('search', 'absent', ...who)), []);
      const terms = await termsKept(made);
      assert.ok(terms.has('only9'));
      assert.not(terms.has('only8'), 'words of a mail that was erased elsewhere stay');
    }));
});
