/** Notices at the command line: no key of an address is changed behind the backs of those who have its keys. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes } from '../../src/format/cell.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const ann = 'ann@example.org';

interface Line {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly flags: readonly string[];
}

async function list(made: Installation, name: string): Promise<Line[]> {
  const text = await made.must('list', '--json', '--identity', name, '--pins', 'none');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
    .map((line) => ({ ...line, flags: line.flags.filter((flag) => flag !== 'unread') }));
}

async function send(port: number, to: string, content: string, from = ''): Promise<void> {
  const wire = await Wire.to(port);
  await wire.hello();
  wire.must(await wire.deliver({ from, to: [to], content: Buffer.from(content) }), '250');
  await wire.quit();
}

/** Cells that each stream of the last segment has. */
function cells(made: Installation): readonly number[] {
  const journal = join(made.data, 'journal');
  const lane = join(journal, readdirSync(journal).find((name) => name.startsWith('lane-')) as string);
  const segment = join(
    lane,
    readdirSync(lane)
      .filter((name) => name.startsWith('segment-'))
      .sort()
      .at(-1) as string,
  );
  return (['channels', 'envelopes', 'blocks'] as const).map((stream) =>
    Math.floor((statSync(join(segment, stream)).size - 512) / cellSizes[stream]),
  );
}

suite('notices', (test) => {
  test('a key is added, and its owner is not told; or a thief of two images sees that there was somebody to tell', () =>
    within(Installation.with(ann, 'cleo@example.org'), async (made) => {
      for (const name of ['eve', 'dan']) await made.must('key', 'new', name);
      const server = await made.serve('--hostname', 'mx.example.org');
      await send(server.port, ann, 'Subject: first\r\n\r\nfirst\r\n');

      const grown = async (...words: readonly string[]) => {
        const before = cells(made);
        const { code, stderr } = await made.run(...words);
        assert.is(code, 0, stderr);
        return { stderr, cells: cells(made).map((count, at) => count - (before[at] as number)) };
      };
      const newcomer = await grown('register', 'dan@example.org', '--key', 'dan.pub');
      assert.equal(newcomer.cells, [8, 4, 1]);
      assert.not.match(newcomer.stderr, /notice/);
      const second = await grown('register', ann, '--key', 'eve.pub', '--label', 'tablet');
      assert.equal(second.cells, newcomer.cells);
      assert.match(second.stderr, /^ann@example\.org: a notice was sealed to the key it had before$/m);
      // What is said of a key is nobody's concern; when it is used is.
      const labelled = await grown('register', ann, '--key', 'eve.pub', '--label', 'phone');
      assert.equal(labelled.cells, [0, 4, 1]);
      const dated = await grown('register', ann, '--key', 'eve.pub', '--until', '2099-01-01');
      assert.equal(dated.cells, [0, 4, 1]);
      assert.match(dated.stderr, /sealed to the 2 keys/);
      const removed = await grown('revoke', ann, '--key', 'ann.pub');
      assert.equal(removed.cells, [0, 4, 1]);
      assert.is((await made.run('revoke', ann, '--key', 'ann.pub')).code, 3);

      const [first, added, redated, lost, ...more] = await list(made, 'ann');
      assert.equal(more, []);
      assert.equal([first?.subject, first?.flags], ['first', []]);
      assert.equal([added?.to, added?.flags], [ann, ['notice']]);
      assert.equal(redated?.flags, ['notice', 'shared-address', 'keys-changed']);
      assert.equal(lost?.flags, ['notice', 'shared-address']);
      assert.equal(
        (await list(made, 'eve')).map(({ id }) => id).length,
        2,
        'an added key is not told of what was before',
      );
      assert.equal(await list(made, 'dan'), []);
      assert.equal(await list(made, 'cleo'), []);

      const raw = await made.must('read', '--raw', added?.id as string, '--identity', 'ann');
      const [header = '', body = ''] = raw.split(/\r\n\r\n([\s\S]*)/);
      for (const field of [
        /^From: "Mail server mx\.example\.org" <postmaster@mx\.example\.org>$/m,
        /^To: <ann@example\.org>$/m,
        /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/m,
        /^Message-ID: <[0-9a-f]{32}@mx\.example\.org>$/m,
        /^Auto-Submitted: auto-generated$/m,
      ])
        assert.match(header.replaceAll('\r\n', '\n'), field);
      const fingerprint = async (name: string) =>
        /fingerprint|([a-z2-7]{4}(-[a-z2-7]{4}){3})/.exec(
          readFileSync(`${made.identity(name)}.pub`, 'utf8'),
        )?.[1];
      assert.match(body, `Added:\r\n    ${await fingerprint('eve')}  tablet\r\n`);
      assert.match(body, / {4}ann@example\.org\r\n/);
      const shown = await made.must('read', lost?.id as string, '--identity', 'ann');
      assert.match(
        shown,
        /^Sealed: +a notice of the server itself about ann@example\.org, written [-\d]+ [\d:]+ [-+]\d{4}$/m,
      );
      assert.match(shown, `Removed:\n    ${await fingerprint('ann')}\n`);
      const json = JSON.parse(await made.must('read', '--json', lost?.id as string, '--identity', 'ann'));
      assert.equal([json.envelope.from, json.envelope.protocol], ['', 'notice']);

      // Nobody else can write one.
      await send(server.port, ann, raw);
      const forged = (await list(made, 'eve')).at(-1);
      assert.equal([forged?.subject, forged?.flags], [added?.subject, ['keys-changed']]);
      assert.is((await server.stop()).code, 0);
      assert.is((await made.run('verify', '--identity', 'ann', '--identity', 'eve')).code, 0);
    }));

  test('without a server nobody is told, or a segment is begun for nothing', () =>
    within(Installation.with(ann), async (made) => {
      const journal = join(made.data, 'journal');
      await made.must('key', 'new', 'eve');
      await made.must('register', 'eve@example.org', '--key', 'eve.pub');
      assert.equal(readdirSync(journal), ['journal'], 'somebody without keys was told');
      await made.must('register', ann, '--key', 'eve.pub');
      const gone = await made.run('revoke', ann);
      assert.match(gone.stderr, /^ann@example\.org: a notice was sealed to the 2 keys it had before$/m);
      const [added, removed, ...more] = await list(made, 'ann');
      assert.equal([added?.flags, more], [['notice'], []]);
      assert.equal((await list(made, 'eve')).map(({ id }) => id).length, 1);
      const text = await made.must('read', removed?.id as string, '--identity', 'ann');
      assert.match(text, /No key is left\. Mail for this address is refused/);
      // A catch-all's owners are told of the catch-all, and not of those who leave it.
      await made.must('register', '*@example.org', '--key', 'ann.pub');
      await made.must('register', 'zoe@example.org', '--key', 'eve.pub');
      assert.is((await list(made, 'ann')).length, 2);
      await made.must('revoke', '*@example.org');
      assert.is((await list(made, 'ann')).at(-1)?.to, '*@example.org');
    }));

  test('keys are changed though nobody could be told', () =>
    within(Installation.with(ann), async (made) => {
      await made.must('key', 'new', 'eve');
      // No file may grow beyond a kilobyte: the journal takes nothing.
      const { code, stderr } = await made.shell(
        `trap '' XFSZ; ulimit -f 1; obalka register ${ann} --key eve.pub --data data`,
      );
      assert.is(code, 1, stderr);
      assert.match(
        stderr,
        /^obalka: the journal cannot be written \(EFBIG\): .* nothing was changed; [^\n]+\n$/,
      );
      assert.is((await made.must('registered', ann)).split('\n').filter(Boolean).length, 1);
      assert.ok(existsSync(join(made.data, 'registry.sqlite')));
      const done = await made.run('register', ann, '--key', 'eve.pub');
      assert.is(done.code, 0, done.stderr);
      assert.is((await list(made, 'ann')).length, 1);
    }));
});
