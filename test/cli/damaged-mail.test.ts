/** Damaged mail, as list, read and verify show it: with the reason, and never shortened. The journals are the vectors. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../../tools/vectors/content.js';
import { decodeVector, type Vector } from '../../tools/vectors/vector-file.js';
import { withFolder } from '../support/folder.js';
import { commandIn } from '../support/in-process.js';
import { assert, suite } from '../support/suite.js';
import { layOut } from '../vectors/read-vector.js';

const command = (...words: readonly string[]) =>
  commandIn(process.cwd(), { ...process.env, OBALKA_CACHE: 'none' }, ...words);
const vectors = join(import.meta.dirname, '../../../spec/vectors');

/** What is broken, and how the names of vectors that break it begin. */
const broken: Readonly<Record<string, readonly string[]>> = {
  'a channel': ['channel-auth', 'check-mismatch-channel', 'moved-channel'],
  'a commitment': ['commit-mismatch'],
  'a length': ['cap-exceeded'],
  'an envelope': ['envelope-auth', 'check-mismatch-envelope', 'moved-envelope', 'bad-cbor'],
  'a block': ['block-auth', 'leaves-mismatch', 'check-mismatch-block', 'moved-block'],
  nothing: ['ok-'],
};

/** Vectors of a row that are read, at most. */
const most = 14;
/** The ways of `read`, without and with an option. */
const forms = ['--raw', '--headers', '--json', '--html', ''];

/** A journal and its identities in a folder; the words that name them. */
function layOutIn(folder: string, vector: Vector): string[] {
  const journal = join(folder, 'journal');
  mkdirSync(journal);
  layOut(journal, vector);
  const identity = join(folder, 'identity');
  writeFileSync(identity, `${vector.identities.join('\n')}\n`, { mode: 0o600 });
  return ['--data', journal, '--identity', identity, '--pins', 'none'];
}

suite('damaged mail', (test) => {
  const all = readdirSync(vectors).map((file) => file.replace('.vector', ''));
  for (const [what, beginnings] of Object.entries(broken))
    test(`${what} is broken: a mail is shortened, or its damage is not told`, async () => {
      const names = all.filter((name) => beginnings.some((one) => name.startsWith(one)));
      assert.ok(names.length >= 4);
      for (const [at, name] of names.slice(0, most).entries())
        await withFolder(async (folder) => {
          const bytes = readFileSync(join(vectors, `${name}.vector`));
          const vector = decodeVector(bytes);
          // A few are large, and the small ones break the same.
          if (vector.identities.length === 0 || bytes.length > 100_000) return;
          const where = layOutIn(folder, vector);
          const list = await command('list', '--json', ...where);
          const ids = list.stdout
            .toString()
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => (JSON.parse(line) as { id: string }).id);
          let damaged = 0;
          for (const { id, state, subject, size } of vector.mails) {
            const truth = contentOf(subject, size);
            const raw = await command('read', id, '--raw', ...where);
            if (state === 'whole') {
              assert.equal([raw.code, raw.stdout.equals(truth)], [0, true], `${name}: ${raw.stderr}`);
              assert.ok(ids.includes(id), name);
            }
            if (state !== 'damaged') continue;
            damaged++;
            // It is listed, or the list says what is the matter with it.
            assert.ok(ids.includes(id) || (list.code === 5 && list.stderr.includes(id)), `${name}: ${id}`);
            for (const form of at < 2 ? forms : ['--raw']) {
              const shown =
                form === '--raw' ? raw : await command('read', id, ...(form === '' ? [] : [form]), ...where);
              assert.is(shown.code, 5, `${name} ${form}: ${shown.stderr}`);
              assert.match(
                shown.stderr,
                /^obalka: lane [0-9a-f]{8}, segment \d+, (block|envelope) \d+: .{10}/m,
                name,
              );
              if (form !== '--raw') assert.is(shown.stdout.length, 0, `${name} ${form}`);
              else assert.ok(shown.stdout.equals(truth.subarray(0, shown.stdout.length)), name);
            }
          }
          const verify = await command('verify', ...where);
          assert.is(verify.code, vector.faults.length > 0 ? 5 : 0, `${name}: ${verify.stderr}`);
          for (const place of vector.faults) assert.ok(verify.stderr.includes(place), `${name}: ${place}`);
          if (what === 'nothing') assert.equal([list.code, damaged], [0, 0], `${name}: ${list.stderr}`);
        });
    });
});
