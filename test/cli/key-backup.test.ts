/** Backup words at the command line: from the screen to paper, checked, and back to a key on another computer. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeIdentity } from '../../src/cli/keys/identities.js';
import { wordsOf } from '../../src/reader/backup-words.js';
import { type Identity, identityOf, showFingerprint } from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import { Installation, within } from '../support/installation.js';
import { onTerminal, quickScrypt } from '../support/on-terminal.js';
import { assert, suite } from '../support/suite.js';

function withKey(use: (made: Installation, identity: Identity, words: readonly string[]) => Promise<void>) {
  return within(Installation.empty(), async (made) => {
    // Always the same: exchanged words of one key in 256 have a right checksum.
    const identity = identityOf(bytesFrom('a key with words', 32));
    await writeIdentity(made.identity('me'), identity, 'made');
    await use(made, identity, wordsOf(identity.seed));
  });
}

suite('backup words at the command line', (test) => {
  test('words end in a log or a pipe by mistake, or cannot be written down from the screen', () =>
    withKey(async (made, identity, words) => {
      const piped = await made.bare('key', 'backup', 'me');
      assert.equal([piped.code, piped.stdout.length], [2, 0]);
      assert.match(piped.stderr, /^obalka: the words are the key, and are shown on a terminal only; /);

      const { code, shown, processes } = await onTerminal(made, ['key', 'backup', 'me'], []);
      assert.is(code, 0, shown);
      assert.match(
        shown,
        new RegExp(
          `^# obalka key ${showFingerprint(identity.fingerprint)}\n# made \\S+, words written down \\S+\n`,
        ),
      );
      const rows = shown.split('\n').filter((line) => /^ +\d/.test(line));
      assert.is(rows.length, 6);
      assert.equal(
        rows.flatMap((row) =>
          [...row.matchAll(/(\d+) ([a-z]+)/g)].map(([, number, word]) => `${number} ${word}`),
        ),
        words.map((word, at) => `${at + 1} ${word}`),
      );
      assert.ok(rows.every((row) => row.length <= 64));
      assert.match(shown, /^When they are written down, check them: obalka key verify-backup me$/m);
      assert.not.match(processes, new RegExp(words.slice(0, 3).join('.*')));

      const file = await made.bare('key', 'backup', 'me', '--to', 'paper.txt');
      assert.equal([file.code, file.stdout.length], [0, 0]);
      assert.is(statSync(made.identity('paper.txt')).mode & 0o777, 0o600);
      assert.is((await made.bare('key', 'backup', 'me', '--to', 'paper.txt')).code, 1);
      assert.is((await made.bare('key', 'backup', 'me', '--key', 'zzzz', '--force')).code, 3);
      // The file as it is goes back in.
      const back = await made.shell('obalka key restore again < paper.txt && cmp me.pub again.pub');
      assert.is(back.code, 0, back.stderr);
    }));

  test('a paper with a slip in it passes, or a good one does not', () =>
    withKey(async (made, identity, words) => {
      const fingerprint = showFingerprint(identity.fingerprint);
      const other = words[6] === 'able' ? 'zoo' : 'able';
      const { code, shown, isRestored } = await onTerminal(
        made,
        ['key', 'verify-backup', 'me'],
        [
          ['word 1: ', `${words.slice(0, 6).join(' ')}\r`],
          ['word 7: ', `${other} ${words.slice(7, 16).join('   ').toUpperCase()}\r`],
          ['word 17: ', `${words.slice(16, 20).join(' ')} zzzz\r`],
          ['word 21, zzzz: is not in the list of words; the nearest are ', ''],
          [
            'word 21: ',
            `${words
              .slice(20)
              .map((word) => word.slice(0, 4))
              .join(' ')}\r`,
          ],
          ['word 7 is not what this key has; look at the paper again.\n'.replace('\n', '\r\n'), ''],
          ['number and word: ', `7 ${words[6]}\r`],
        ],
      );
      assert.is(code, 0, shown);
      assert.ok(isRestored);
      assert.ok(shown.endsWith(`\nthe words open key ${fingerprint}\n`), shown);

      const numbered = words.map((_, at) => `${24 - at} ${words[23 - at]}`).join('\n');
      const lines = {
        good: numbered,
        exchanged: [words[1], words[0], ...words.slice(2)].join(' '),
        short: words.slice(0, 20).join(' '),
        another: wordsOf(new Uint8Array(32)).join(' '),
      };
      for (const [which, says] of [
        ['good', /^$/],
        ['exchanged', /^obalka: word 1 and 1 more are not what this key has; /],
        ['short', /^obalka: 4 of the 24 words are missing, the first is word 21; /],
        ['another', /^obalka: these are the words of another key: word 1 and \d+ more differ/],
      ] as const) {
        const ended = await made.shell(`obalka key verify-backup me <<< '${lines[which]}'`);
        assert.is(ended.code, which === 'good' ? 0 : 4, which);
        assert.match(ended.stderr, says);
        assert.is(ended.stdout.toString(), which === 'good' ? `the words open key ${fingerprint}\n` : '');
      }
    }));

  test('a lost key does not come back from its words, or something else does', () =>
    withKey(async (made, identity, words) => {
      Object.assign(made.environment, quickScrypt);
      const right = 'correct horse battery';
      const fresh = await onTerminal(
        made,
        ['key', 'restore', '--passphrase'],
        [
          ['word 1: ', `${[...words.slice(0, 22), words[23], words[22]].join(' ')}\r`],
          ['the words are all in the list, but do not belong together', ''],
          ['number and word: ', `23 ${words[22]} 24 ${words[23]}\r`],
          ['New passphrase for ', `${right}\r`],
          ['The same once more: ', `${right}\r`],
        ],
      );
      assert.is(fresh.code, 0, fresh.shown);
      assert.ok(fresh.isRestored);
      assert.not.match(fresh.processes, /horse/);
      assert.match(fresh.shown, `fingerprint ${showFingerprint(identity.fingerprint)}\n`);
      const file = `${made.folder}/home/.config/obalka/identity`;
      assert.is(statSync(file).mode & 0o777, 0o600);
      assert.match(readFileSync(file, 'utf8'), /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
      assert.is(readFileSync(`${file}.pub`, 'utf8'), readFileSync(made.identity('me.pub'), 'utf8'));
      const public_ = await made.shell(`obalka key public --passphrase-fd 3 3<<< '${right}'`);
      assert.ok(readFileSync(`${file}.pub`, 'utf8').endsWith(public_.stdout.toString()));

      const named = await made.shell(`obalka key restore 'my key' <<< '${words.join(' ')}'`);
      assert.match(named.stderr, /Your mail: obalka list --identity 'my key'\n$/);
      const over = await made.shell(`obalka key restore me <<< '${words.join(' ')}'`);
      assert.is(over.code, 1);
      assert.match(over.stderr, /a key is never overwritten/);
      for (const line of [words.slice(1).join(' '), `${words.slice(1).join(' ')} ${words[0]}`, 'a', '']) {
        const ended = await made.shell(`obalka key restore other <<< '${line}'`);
        assert.is(ended.code, 4, ended.stderr);
        assert.not.ok(existsSync(made.identity('other')) || existsSync(made.identity('other.pub')));
      }
      const gone = await onTerminal(made, ['key', 'restore', 'other'], [['word 1: ', '\x03']]);
      assert.equal([gone.code, gone.isRestored], [-2, true]);
    }));
});
