/** Passphrases at the command line: asked for without showing them, given by a descriptor, and never seen by others. */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { armor, Decrypter } from 'age-encryption';
import { dataDirectory, initialise } from '../../src/cli/data/data-directory.js';
import { createIdentity } from '../../src/cli/keys/identities.js';
import { passphraseWork } from '../../src/cli/keys/passphrase-work.js';
import { random } from '../../src/cli/random.js';
import { Problem } from '../../src/core/errors.js';
import { wordsOf } from '../../src/reader/backup-words.js';
import { protect } from '../../src/reader/protected-file.js';
import { encodeIdentity, type Identity, showFingerprint } from '../../src/seal/keys.js';
import { Installation, obalka, within } from '../support/installation.js';
import { onTerminal, quickScrypt, type Step } from '../support/on-terminal.js';
import { assert, suite } from '../support/suite.js';

const right = 'correct horse battery';
/** Few steps: it is not the strength that is tried here. */
const weak = 4;

/** Puts an identity file under a passphrase, as `key passphrase` does. */
async function protectFile(path: string, passphrase = right): Promise<void> {
  writeFileSync(path, await protect(readFileSync(path), Buffer.from(passphrase), random, weak));
}

async function protectedKeys(...names: readonly string[]): Promise<{ made: Installation; keys: Identity[] }> {
  const made = await Installation.empty();
  const keys: Identity[] = [];
  for (const name of names) {
    keys.push((await createIdentity(made.identity(name))).identity);
    await protectFile(made.identity(name), `${right} ${name}`);
  }
  return { made, keys };
}

suite('passphrases at the command line', (test) => {
  test('what is typed shows, a slip ends it, or the terminal is left as it was while asking', async () => {
    const { made, keys } = await protectedKeys('me');
    await within(Promise.resolve(made), async () => {
      const question = 'Passphrase of me: ';
      const { code, shown, echoed, isRestored } = await onTerminal(
        made,
        ['key', 'list', '--identity', 'me'],
        [
          [question, 'correct horse batter\r'],
          [question, `${right}\u{1f600}\x7f x\x1b[D\x7fme\r`],
        ],
      );
      assert.is(code, 0, shown);
      assert.equal(echoed, [false, false]);
      assert.not.match(shown, /horse/);
      assert.match(shown, 'This is not the passphrase; try again.\n');
      assert.match(shown, showFingerprint((keys[0] as Identity).fingerprint));
      assert.ok(isRestored);
    });
  });

  test('it asks for ever, or ends with something else than 4', async () => {
    const { made } = await protectedKeys('me');
    await within(Promise.resolve(made), async () => {
      const words = ['key', 'public', 'me'];
      const wrong = await onTerminal(
        made,
        words,
        ['a', 'b', ''].map((typed) => ['Passphrase of me: ', `${typed}\r`] as const),
      );
      assert.is(wrong.code, 4);
      assert.match(wrong.shown, /\nobalka: me: this is not the passphrase; nothing was opened\n$/);
      assert.ok(wrong.isRestored);
      const left = await onTerminal(made, words, [['Passphrase of me: ', '\x04']]);
      assert.equal([left.code, left.isRestored], [4, true]);
      const gone = await onTerminal(made, words, [['Passphrase of me: ', 'half\x03']]);
      assert.equal([gone.code, gone.isRestored], [-2, true]);
      const none = await made.exec('setsid', ['-w', process.execPath, obalka, ...words]);
      assert.is(none.code, 4);
      assert.is(
        none.stderr,
        'obalka: me: this needs a passphrase, and there is no terminal to ask on; give it with --passphrase-fd N\n',
      );
    });
  });

  test('a file takes minutes and all memory, and nothing is said of it', async () => {
    const machine = { memory: 2 ** 31, secondsOf: async (factor: number) => 2 ** factor / 2 ** 18 };
    const work = (workFactor: number) =>
      passphraseWork({ source: 'me', stanza: { salt: random(16), workFactor, body: random(32) } }, machine);
    assert.equal([await work(10), await work(18)], [undefined, undefined]);
    assert.is(await work(20), 'me: to try the passphrase takes about 4 s and 1024 MiB of memory');
    assert.is(await work(21), 'me: to try the passphrase takes about 8 s and 2048 MiB of memory');
    const refused = await work(22).catch((error: unknown) => error);
    assert.ok(refused instanceof Problem && refused.kind === 'identity', String(refused));
    assert.match(refused.message, /^me: .* takes 4096 MiB of memory, and this computer has 2048; /);
    await within(Installation.empty(), async (made) => {
      await createIdentity(made.identity('me'));
      const sealed = armor.decode(await protect(Buffer.from('x'), Buffer.from(right), random, weak));
      const binary = Buffer.from(sealed).toString('latin1');
      const bent = binary.replace(/^(-> scrypt \S+) 4$/m, '$1 19');
      writeFileSync(made.identity('me'), bent, 'latin1');
      Object.assign(made.environment, quickScrypt);
      const ended = await made.shell(`obalka key list --identity me --passphrase-fd 3 3<<< '${right}'`);
      // Its header is not the one that was sealed, and it takes no time only because scrypt is exchanged.
      assert.match(
        ended.stderr,
        /^obalka: me: to try the passphrase takes about \d+ s and 512 MiB of memory\nobalka: me: damaged age file/,
      );
      assert.is(ended.code, 4);
    });
  });

  test('a script cannot give passphrases, or one is taken for another file', async () => {
    const { made, keys } = await protectedKeys('me', 'old');
    await within(Promise.resolve(made), async () => {
      const both = 'obalka key list --identity me --identity old --json';
      const [me, old] = [`${right} me`, `${right} old`];
      const good = await made.shell(`${both} --passphrase-fd 3 3< <(printf '%s\\r\\n%s' '${me}' '${old}')`);
      assert.is(good.code, 0, good.stderr);
      assert.equal(
        good.stdout
          .toString()
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { fingerprint: string }).fingerprint),
        keys.map(({ fingerprint }) => showFingerprint(fingerprint)),
      );
      for (const [line, code, says] of [
        [`${both} --passphrase-fd 0 <<< '${me}'`, 4, /^obalka: old: --passphrase-fd gave no passphrase/],
        [`${both} --passphrase-fd 3 3<<< '${old}'`, 4, /^obalka: me: this is not the passphrase/],
        [`${both} --passphrase-fd 9`, 2, /^obalka: --passphrase-fd 9: nothing can be read there/],
        [
          `${both} --passphrase-fd 1`,
          2,
          /^obalka: --passphrase-fd .*: it should be the number of an open descriptor/,
        ],
        [
          `OBALKA_PASSPHRASE='${me}' setsid -w bash -c "$(declare -f obalka); ${both}"`,
          4,
          /no terminal to ask on/,
        ],
      ] as const) {
        const ended = await made.shell(line);
        assert.is(ended.code, code, `${line}: ${ended.stderr}`);
        assert.match(ended.stderr, says);
        assert.is(ended.stdout.length, 0);
      }
    });
  });

  test('a secret stands in the arguments or the environment of a command, or of what it starts', async () => {
    const { made, keys } = await protectedKeys('me');
    await within(Promise.resolve(made), async () => {
      await initialise(dataDirectory(made.data));
      Object.assign(made.environment, { OBALKA_DATA: made.data, OBALKA_IDENTITY: 'me' });
      const [{ seed }] = keys as [Identity];
      const words = wordsOf(seed);
      const secrets = [
        right,
        encodeIdentity(seed).slice(18, 40),
        encodeIdentity(seed).slice(18, 40).toLowerCase(),
        Buffer.from(seed).toString('hex').slice(0, 20),
        Buffer.from(seed).toString('base64').slice(0, 16),
        words.slice(0, 2).join(' '),
      ];
      mkdirSync(join(made.folder, 'old'));
      const file = readFileSync(made.identity('me'));
      for (const command of [
        ['list'],
        ['read', 'abcd'],
        ['save', 'abcd'],
        ['search', 'word'],
        ['export', '--format', 'eml', '--to', 'taken'],
        ['watch', '--once', '--all', '--run', 'cat'],
        ['erase', 'a'.repeat(13)],
        ['import', 'old', '--format', 'age', '--address', 'me@example.org'],
        ['verify', '--identity', 'me'],
        ['key', 'public', 'me'],
        ['key', 'list'],
        ['key', 'backup', 'me'],
        ['key', 'verify-backup', 'me'],
        ['key', 'rotate', 'me@example.org'],
        ['key', 'passphrase', 'me', '--remove'],
      ]) {
        writeFileSync(made.identity('me'), file);
        const steps: Step[] = [['Passphrase of me: ', `${right} me\r`]];
        if (command[1] === 'verify-backup') steps.push(['word 1: ', `${words.join(' ')}\r`]);
        const { code, shown, processes } = await onTerminal(made, command, steps);
        assert.ok(code === 0 || code === 3, `${command.join(' ')}: ${shown}`);
        assert.match(processes, command.join(' '));
        assert.match(processes, 'OBALKA_IDENTITY=me');
        for (const secret of secrets) assert.not.ok(processes.includes(secret), command.join(' '));
      }
    });
  });

  test('a new passphrase with a slip in it locks its owner out, or age cannot open the file', () =>
    within(Installation.empty(), async (made) => {
      const [first, again] = [
        'New passphrase for me (at least 8 letters): ',
        'The same once more: ',
      ] as const;
      const fresh = await onTerminal(
        made,
        ['key', 'new', 'me', '--passphrase'],
        [
          [first, 'short\r'],
          [first, `${right}\r`],
          [again, 'correct horse cavalry\r'],
          [first, `${right}\r`],
          [again, `${right}\r`],
        ],
      );
      assert.is(fresh.code, 0, fresh.shown);
      assert.equal(fresh.echoed, [false, false, false, false, false]);
      assert.not.match(fresh.shown, /horse/);
      assert.not.match(fresh.processes, /horse/);
      const path = made.identity('me');
      const file = readFileSync(path, 'utf8');
      assert.is((await lstat(path)).mode & 0o777, 0o600);
      const binary = armor.decode(file);
      assert.match(Buffer.from(binary).toString('latin1'), /^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/);
      const peer = new Decrypter();
      peer.addPassphrase(right);
      const text = await peer.decrypt(binary, 'text');
      assert.match(
        text,
        /^# obalka identity [a-z2-7-]{19}, made \d{4}-\d\d-\d\d\n# .*\nAGE-SECRET-KEY-PQ-1[A-Z0-9]{58}\n$/,
      );
    }));

  test('the old file can still be read, a link becomes a file, or two changes at once lose one', () =>
    within(Installation.empty(), async (made) => {
      const path = made.identity('me');
      await createIdentity(path);
      const secret = readFileSync(path, 'utf8').match(/^AGE-SECRET.*$/m)?.[0] as string;
      symlinkSync('me', made.identity('link'));
      const old = openSync(path, 'r');
      const set = await made.shell(`obalka key passphrase link --passphrase-fd 3 3<<< '${right}'`);
      assert.is(set.code, 0, set.stderr);
      const bytes = Buffer.alloc(1000);
      assert.ok(readSync(old, bytes, 0, 1000, 0) > 100, 'the old file is as long as it was');
      assert.not.ok(
        bytes.includes(secret.slice(0, 24)) || bytes.includes('AGE-'),
        'the old octets stand there',
      );
      assert.ok((await lstat(made.identity('link'))).isSymbolicLink());
      assert.match(readFileSync(path, 'utf8'), /^-----BEGIN AGE ENCRYPTED FILE-----\n/);

      writeFileSync(path, await protect(Buffer.from(`${secret}\n`), Buffer.from(right), random, weak));
      linkSync(path, made.identity('other'));
      const before = readFileSync(path);
      writeFileSync(`${path}.unfinished`, '');
      const busy = await made.shell(`obalka key passphrase me --remove --passphrase-fd 3 3<<< '${right}'`);
      assert.equal([busy.code, readFileSync(path).equals(before)], [75, true]);
      assert.match(
        busy.stderr,
        /me\.unfinished: another command is changing this file, or one was cut off; /,
      );
      const removed = await made.shell(
        `rm me.unfinished; obalka key passphrase me --remove --passphrase-fd 3 3<<< '${right}'`,
      );
      assert.is(removed.code, 0, removed.stderr);
      assert.match(removed.stderr, /^obalka: me: the file had another name \(a hard link\)/m);
      assert.is(readFileSync(path, 'utf8'), `${secret}\n`);
      assert.ok(readFileSync(made.identity('other')).equals(before));
      const none = await made.bare('key', 'passphrase', 'me', '--remove');
      assert.equal([none.code, none.stderr], [0, 'me: is under no passphrase\n']);
      chmodSync(path, 0o644);
      assert.is((await made.bare('key', 'passphrase', 'me', '--remove')).code, 4);
    }));
});
