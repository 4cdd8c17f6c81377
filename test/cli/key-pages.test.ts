/** The pages about keys: their examples are right, and every command of the guide does what the guide says, as it stands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedOf, wordsOf } from '../../src/reader/backup-words.js';
import { openProtected, readProtected } from '../../src/reader/protected-file.js';
import { encodeIdentity, identityOf, parseIdentities, showFingerprint } from '../../src/seal/keys.js';
import { Guide } from '../guides/guide.js';
import { Installation, within } from '../support/installation.js';
import { onTerminal, quickScrypt, type Step } from '../support/on-terminal.js';
import { assert, suite } from '../support/suite.js';

const spec = join(import.meta.dirname, '../../../spec');
const page = readFileSync(join(spec, 'keys.md'), 'utf8');

suite('pages about keys', (test) => {
  test('an example of the page is wrong', async () => {
    const seed = Uint8Array.from({ length: 32 }, (_, at) => at);
    const identity = identityOf(seed);
    const rows = page.match(/^ {4} {0,1}\d.*(?:\n {4} {0,1}\d.*){5}$/m)?.[0] as string;
    const words = rows.match(/[a-z]+/g) as string[];
    assert.equal(wordsOf(seed), words);
    assert.equal(seedOf(words), seed);
    assert.ok(
      page.includes(
        `\`${encodeIdentity(seed)}\`. Its fingerprint is \`${showFingerprint(identity.fingerprint)}\``,
      ),
    );
    assert.ok(
      page.includes(`\n    # obalka identity ${showFingerprint(identity.fingerprint)}, made 2026-11-21\n`),
    );

    const armored = /^ {4}-----BEGIN[\s\S]*?END AGE ENCRYPTED FILE-----$/m.exec(page)?.[0] as string;
    const file = await readProtected(Buffer.from(armored.replaceAll('\n    ', '\n')), 'the page');
    assert.is(file.stanza.workFactor, 10);
    const header = /^ {4}age-encryption\.org[\s\S]*?\n {4}--- \S+$/m.exec(page)?.[0] as string;
    assert.ok(
      Buffer.from(file.binary)
        .toString('latin1')
        .startsWith(`${header.replace(/^ {4}/gm, '')}\n`),
    );
    const text = await openProtected(file, Buffer.from('only an example'));
    const [inside] = parseIdentities(Buffer.from(text as Uint8Array).toString(), 'the page');
    assert.equal(inside?.seed, seed);
  });

  test('a command of the guide does not work as it stands there', () =>
    within(Installation.with(), async (made) => {
      const first = 'four words of mine';
      const second = 'five other words of mine';
      let words: string[] = [];
      let before: string[] = [];
      let passphrase = first;
      const ask = (word: string): Step => ['Passphrase of ', `${word}\r`];
      const fresh = (word: string): Step[] => [
        ['New passphrase for ', `${word}\r`],
        ['The same once more: ', `${word}\r`],
      ];
      const paper = (): Step => ['word 1: ', `${words.map((word) => word.slice(0, 4)).join(' ')}\r`];
      /** What the owner types for each command; undefined: it is typed in a shell, and asks nothing. */
      const answers: Record<string, () => Step[]> = {
        'obalka key new --passphrase': () => fresh(first),
        'obalka key backup': () => [ask(passphrase)],
        'obalka key verify-backup': () => [ask(passphrase), paper()],
        'obalka list': () => [ask(passphrase)],
        'obalka key restore --passphrase': () => [paper(), ...fresh(first)],
        'obalka key rotate me@example.org': () => [ask(passphrase)],
        'obalka key list': () => [ask(passphrase)],
        'obalka key passphrase': () => [ask(first), ...fresh(second)],
      };
      Object.assign(made.environment, quickScrypt, { OBALKA_DATA: made.data });
      const done = new Set<string>();
      const seen: Record<string, string> = {};
      const type = async (line: string) => {
        if (line.startsWith('mv ')) {
          const moved = await made.shell(line);
          assert.is(moved.code, 0, moved.stderr);
          return;
        }
        const steps = answers[line];
        assert.ok(steps, `the guide has a command that this test does not know: ${line}`);
        const { code, shown, isRestored } = await onTerminal(made, line.split(' ').slice(1), steps?.() ?? []);
        assert.is(code, 0, `${line}: ${shown}`);
        assert.ok(isRestored);
        assert.not.match(shown, / words of mine/);
        done.add(line);
        seen[line] = shown;
        if (line === 'obalka key backup') {
          before = words;
          words = [...shown.matchAll(/(\d+) ([a-z]+)/g)].slice(0, 24).map(([, , word]) => word as string);
        }
        if (line === 'obalka key passphrase') passphrase = second;
      };
      const guide = new Guide('keys.md');
      while (!guide.isDone) {
        const block = guide.next('sh', '').trim().split('\n');
        // On a new computer there is no key yet; here the old one is moved away, as the guide says elsewhere.
        if (block.join() === 'obalka key restore --passphrase')
          await made.shell('mkdir old && mv ~/.config/obalka/* old/');
        // Whoever runs the server registers the key that was sent.
        if (block.join() === 'obalka key rotate me@example.org')
          await made.must(
            'register',
            'me@example.org',
            '--key',
            join(made.folder, 'home/.config/obalka/identity.pub'),
          );
        for (const line of block) await type(line);
      }
      assert.equal([...done].sort(), Object.keys(answers).sort(), 'the guide has lost a command');
      const name = /^fingerprint (\S+)$/m;
      const [madeKey, restored, rotated] = [
        'new --passphrase',
        'restore --passphrase',
        'rotate me@example.org',
      ].map((what) => name.exec(seen[`obalka key ${what}`] as string)?.[1]);
      assert.is(madeKey, restored);
      assert.match(seen['obalka key verify-backup'] as string, `the words open key ${rotated}\n`);
      assert.not.equal(words, before);
      assert.match(
        seen['obalka key list'] as string,
        new RegExp(
          `${rotated}  \\S+  newest  passphrase .*\n${madeKey} {14}older `.replace(' {14}', '  \\S+  '),
        ),
      );
    }));
});
