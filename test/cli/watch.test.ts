/** obalka watch, as people run it: beside a server, over a copy, with a command, ended and started again. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { mailOf, until, Watching } from '../support/watching.js';
import { Wire } from '../support/wire.js';
import { gone } from '../support/worker-processes.js';

/** The subjects of lines of `--json`. */
const subjects = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { subject: string }).subject);

suite('watch beside a server', (test) => {
  test('a mail that was acknowledged is printed late, or not at all', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve();
      // It looks by itself once a day: what it prints, the system told it of.
      const watch = made.startShell(
        `exec "$NODE" "$OBALKA" watch --every 86400 --json --identity ann --data data`,
      );
      await until(() => watch.stderr.includes('watching'), watch);
      const wire = await Wire.to(server.port);
      await wire.hello();
      for (let at = 0; at < 3; at++) {
        assert.match(
          await wire.deliver({ from: '', to: ['ann@example.org'], content: mailOf(`mail ${at}`) }),
          /^250/,
        );
        await until(() => subjects(watch.stdout).length > at, watch);
      }
      await wire.quit();
      assert.equal(subjects(watch.stdout), ['mail 0', 'mail 1', 'mail 2']);
      const fields = JSON.parse(watch.stdout.split('\n')[0] as string) as object;
      const [listed] = (await made.must('list', '--json', '--limit', '3', '--identity', 'ann')).split('\n');
      assert.equal(fields, JSON.parse(listed as string));
      assert.equal(await watch.stop(), { code: 0, signal: null });
      assert.is(watch.stderr.replace(/^watching .*\n/, ''), '');
      await server.stop();
    }));
});

suite('watch', (test) => {
  test('mail that was there, or is of somebody else, is given out; new segments are not followed', () =>
    Watching.with(async (watching) => {
      await watching.send('old');
      const watch = await watching.start('--json');
      const words = Array.from({ length: 12 }, (_, at) => `mail ${at}`);
      await watching.send(...words);
      await until(() => subjects(watch.stdout).length >= words.length, watch);
      assert.equal(subjects(watch.stdout), words);
      // Small streams: the mails fill several segments.
      const lane = readdirSync(watching.journal).find((name) => name.startsWith('lane-'));
      const folders = readdirSync(join(watching.journal, lane as string));
      assert.ok(folders.filter((name) => name.startsWith('segment-')).length > 2);
      await watch.stop();
    }, 200_000));

  test('a command gets another content than was sent, or anything of the mail besides its id', () =>
    Watching.with(async (watching) => {
      const seen = join(watching.made.folder, 'seen');
      const watch = await watching.start(
        `--run 'echo "$# $OBALKA_ID" >>seen; env >>environment; tr "\\0" " " </proc/$$/cmdline >>words; cat >>seen'`,
      );
      await watching.send('secret words');
      const content = mailOf('secret words').toString();
      await until(() => existsSync(seen) && readFileSync(seen, 'latin1').includes(content), watch);
      assert.match(
        readFileSync(seen, 'latin1'),
        /^0 [a-z2-7]{13}\nSubject: secret words\r\n\r\nsecret words\r\n$/,
      );
      for (const file of ['environment', 'words']) {
        const text = readFileSync(join(watching.made.folder, file), 'latin1');
        assert.not.match(text, /secret words|alice@|AGE-SECRET/i, file);
      }
      assert.match(watch.stdout, /^[a-z2-7]{13} .* secret words\n$/);
      await watch.stop();
    }));

  test('a command that fails for a while loses a mail; one that fails for good holds others up', () =>
    Watching.with(async (watching) => {
      const watch = await watching.start(
        `--run 'cat >mail; if grep -q later mail && [ ! -e tried ]; then touch tried; exit 75; fi;
          sed -n "s/^Subject: //p" mail | tr -d "\\r" >>got; if grep -q bad mail; then exit 3; fi'`,
      );
      const got = () => {
        const file = join(watching.made.folder, 'got');
        return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      };
      await watching.send('later', 'bad', 'good');
      await until(() => got().length === 3, watch);
      assert.equal(got(), ['bad', 'good', 'later']);
      assert.match(watch.stderr, /mail [a-z2-7]{13}: the command ended with 75; it gets the mail again\n/);
      assert.match(
        watch.stderr,
        /mail [a-z2-7]{13}: the command ended with 3; it does not get the mail again\n/,
      );
      assert.is(watch.stdout.split('\n').length, 4);
      await watch.stop();
    }));

  test('mail that came while no watch ran is lost, or given out twice', () =>
    Watching.with(async (watching) => {
      const run = ['--json', '--state', 'state', '--run', 'cat >>all'];
      await watching.send('before');
      assert.is((await watching.once(...run)).stdout.toString(), '');
      await watching.send('one', 'two');
      assert.equal(subjects((await watching.once(...run)).stdout.toString()), ['one', 'two']);
      await watching.send('three');
      const watch = await watching.start(`--json --state state --run 'cat >>all'`);
      await until(() => subjects(watch.stdout).length === 1, watch);
      await watch.stop();
      const last = await watching.once(...run);
      assert.is(last.stdout.toString(), '');
      assert.is(last.code, 0);
      const all = readFileSync(join(watching.made.folder, 'all'), 'latin1');
      assert.equal(all.match(/^Subject: \w+/gm), ['Subject: one', 'Subject: two', 'Subject: three']);
      const state = readFileSync(join(watching.made.folder, 'state'), 'utf8');
      assert.not.match(state, /alice|waiting|envelopes/);
    }));

  test('a mail whose command was killed, or told to wait, is not given again by the next watch', () =>
    Watching.with(async (watching) => {
      const state = ['--state', 'state'];
      const first = await watching.once('--json', '--all', ...state, '--run', 'cat; exit 75');
      assert.is(first.code, 0);
      await watching.send('again');
      assert.is((await watching.once('--json', ...state, '--run', 'exit 75')).code, 75);
      assert.is((await watching.once('--json', ...state, '--run', 'kill -9 $$')).code, 75);
      assert.is((await watching.once('--json', ...state, '--run', '/nowhere/no-program')).code, 75);
      const watch = await watching.start(`--json --state state --run 'touch begun; sleep 30'`);
      await until(() => existsSync(join(watching.made.folder, 'begun')), watch);
      await watch.kill();
      assert.equal(subjects((await watching.once('--json', ...state)).stdout.toString()), ['again']);
      assert.is((await watching.once('--json', ...state)).stdout.toString(), '');
    }));

  test('the end does not wait for the command, or a second signal does', () =>
    Watching.with(async (watching) => {
      const watch = await watching.start(`--run 'touch begun; cat >mail; sleep 0.5; touch over'`);
      await watching.send('one', 'two');
      const file = (name: string) => existsSync(join(watching.made.folder, name));
      await until(() => file('begun'), watch);
      watch.signal('SIGINT');
      assert.equal(await watch.ended, { code: 0, signal: null });
      assert.ok(file('over'));
      assert.match(readFileSync(join(watching.made.folder, 'mail'), 'latin1'), /one/);

      const other = await watching.start(`--run 'echo $$ >shell; sleep 60'`);
      await watching.send('three');
      await until(
        () => file('shell') && readFileSync(join(watching.made.folder, 'shell'), 'latin1') !== '',
        other,
      );
      const shell = Number(readFileSync(join(watching.made.folder, 'shell'), 'latin1'));
      other.signal('SIGTERM');
      // Two that come before it looks are one to it.
      const again = setInterval(() => other.signal('SIGTERM'), 1000);
      assert.equal(await other.ended, { code: 143, signal: null });
      clearInterval(again);
      // It has its signal; the system may take a while to end it.
      await gone(shell);
    }));

  test('a damaged mail is silently left out, or stops the others', () =>
    Watching.with(async (watching) => {
      await watching.send('old');
      const copy = join(watching.made.folder, 'copy');
      cpSync(watching.journal, copy, { recursive: true });
      const over = await watching.start('--json --every 0.2', 'copy');
      await watching.send('damaged', 'whole');
      // Then all cells are claimed: what is damaged above the claim was never acknowledged.
      await watching.office.close();
      const lane = join(copy, readdirSync(copy).find((name) => name.startsWith('lane-')) as string);
      const before = readFileSync(join(lane, 'segment-00000000', 'blocks')).length;
      cpSync(watching.journal, copy, { recursive: true });
      const blocks = join(lane, 'segment-00000000', 'blocks');
      const bytes = readFileSync(blocks);
      // Bob's block, then Alice's.
      for (let at = before + 16_384 + 100; at < before + 2 * 16_384; at += 16_384)
        bytes[at] = (bytes[at] as number) ^ 1;
      writeFileSync(blocks, bytes);
      await until(() => /block \d+: block does not match its check \(mail/.test(over.stderr), over);
      await until(() => subjects(over.stdout).includes('whole'), over);
      // The copy is mended: the mail comes.
      cpSync(watching.journal, copy, { recursive: true });
      await until(() => subjects(over.stdout).includes('damaged'), over);
      assert.equal(subjects(over.stdout), ['whole', 'damaged']);
      assert.equal(await over.stop(), { code: 5, signal: null });
    }));

  test('a journal that vanishes ends it, or one that comes back is not followed; another one is taken for it', () =>
    Watching.with(async (watching) => {
      await watching.send('old');
      const copy = join(watching.made.folder, 'copy');
      const away = join(watching.made.folder, 'away');
      cpSync(watching.journal, copy, { recursive: true });
      const watch = await watching.start('--json --every 0.2', 'copy');
      renameSync(copy, away);
      await until(() => watch.stderr.includes('waiting for it to come back'), watch);
      await watching.send('new');
      cpSync(watching.journal, copy, { recursive: true });
      await until(() => subjects(watch.stdout).length === 1, watch);
      assert.match(watch.stderr, /the journal is back/);
      rmSync(copy, { recursive: true });
      await Watching.with(async (other) => cpSync(other.journal, copy, { recursive: true }));
      const end = await watch.ended;
      assert.is(end.code, 1);
      assert.match(watch.stderr, /another journal \([0-9a-f]{8}\) stands here now/);
    }));
});
