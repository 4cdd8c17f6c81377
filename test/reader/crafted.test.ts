/** Crafted journals: what costs a reader far more than it cost its maker is refused before anything is read. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../../src/format/envelope.js';
import type { Run } from '../../src/format/runs.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { JournalView, SegmentView } from '../../src/journal/journal-view.js';
import { SegmentIndex } from '../../src/reader/blocks.js';
import { Mail } from '../../src/reader/mail.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import { alice, type Journal, list, text, toAlice, withJournal } from './make-journal.js';
import { check } from './signed-journal.js';

/** Counts the cells that are read of a segment. */
function counting(view: SegmentView): { view: SegmentView; read: () => number } {
  let cells = 0;
  const counted: SegmentView = Object.create(view, {
    read: {
      value: (stream: 'blocks', first: number, count: number, into?: Uint8Array) => {
        cells += count;
        return view.read(stream, first, count, into);
      },
    },
  });
  return { view: counted, read: () => cells };
}

async function withMail(
  use: (make: (change: Partial<Envelope>) => Mail, index: SegmentIndex, read: () => number) => Promise<void>,
): Promise<void> {
  await withJournal(async (office, journal) => {
    await office.send([toAlice], bytesFrom('three blocks', 40_000));
    await office.close();
    await withView(journal, async (view) => {
      const { contents } = await openMailbox(view, [alice]);
      const [real] = contents.mails;
      const [segment] = (await view.segments()).filter((one) => 'place' in one);
      if (!real || !segment) throw new Error('no mail');
      const { view: counted, read } = counting(segment);
      const make = (change: Partial<Envelope>) => {
        const envelope = encodeEnvelope({ ...real.envelope, ...change });
        decodeEnvelope(envelope, 'a crafted envelope');
        return new Mail('crafted', alice, segment.place, 0, envelope);
      };
      await use(make, new SegmentIndex([counted]), read);
    });
  });
}

async function withView(journal: Journal, use: (view: JournalView) => Promise<void>): Promise<void> {
  const view = await openDirectory(journal.path);
  await use(view).finally(() => view.close());
}

const fault = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
  try {
    for await (const _ of pieces);
    return 'opened';
  } catch (error) {
    return String(error);
  }
};

suite('crafted journals', (test) => {
  test('an envelope that names millions of blocks is read before it is refused', () =>
    withMail(async (make, index, read) => {
      assert.is(await fault(index.plaintext(make({}))), 'opened');
      const whole = read();
      assert.ok(whole > 0);
      const run: Run = { segment: 0, first: 0, count: 3 };
      const millions = (count: number) => ({
        runs: Array.from({ length: 16 }, () => run),
        contentLength: count * 16_352 - 1000,
      });
      const beyond = { ...run, count: 2 ** 31 };
      const cases: readonly (readonly [Partial<Envelope>, RegExp, unclaimed: string])[] = [
        [{ runs: [beyond] }, /names 2147483648 blocks/, 'names 2147483648 blocks'],
        [{ runs: [beyond], contentLength: 2 ** 31 * 16_352 - 1000 }, /block 3: block is missing/, 'void'],
        [millions(48), /block 0 of segment 0 is named twice/, 'named twice'],
        [{ depth: 1, runs: [beyond] }, /index of 2147483648 blocks/, 'void'],
        [{ depth: 4, ...millions(48) }, /index of 48 blocks/, 'void'],
        [
          {
            depth: 1,
            runs: [
              { ...run, count: 2 },
              { ...run, first: 1, count: 1 },
            ],
          },
          /block 1 of segment 0 is named twice/,
          'void',
        ],
      ];
      for (const [change, says, unclaimed] of cases) {
        assert.match(await fault(index.plaintext(make(change))), says);
        const stands = await index.allStand(make(change)).then(
          (all) => (all ? 'counts' : 'void'),
          (error: unknown) => String(error),
        );
        assert.ok(stands.includes(unclaimed), `${unclaimed}: ${stands}`);
      }
      assert.is(read(), whole, 'blocks were read');
    }));

  test('an unclaimed envelope of another number of blocks than its lengths need counts', () =>
    withMail(async (make, index) => {
      assert.is(await index.allStand(make({})), true);
      const fewer = make({ runs: [{ segment: 0, first: 0, count: 2 }] });
      const result = await index.allStand(fewer).catch((error: unknown) => String(error));
      assert.match(String(result), /envelope names 2 blocks for 4\d+ octets/);
    }));

  test('a pipe in the place of a file makes the reader wait for ever', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.close();
      const replace = (path: string) => {
        rmSync(path, { force: true });
        execFileSync('mkfifo', [path]);
      };
      for (const [path, says] of [
        [journal.file('synced'), /segment 0, synced: missing or damaged/],
        [journal.file('checkpoint'), /segment 0, checkpoint: cannot be read \(not a file\)/],
        [journal.file('channels'), /segment 0, channels: file is missing or cannot be read/],
        [join(journal.lane, 'lane'), /the file "lane" is missing or cannot be read/],
        [join(journal.path, 'journal'), /the journal's head cannot be read \(not a file\)/],
      ] as const) {
        replace(path);
        const { words, contents } = await list(journal, [alice]);
        assert.equal(words, ['one'], path);
        assert.match(contents.faults.join('\n'), says);
      }
      replace(journal.file('blocks'));
      const { faults } = await check(journal);
      assert.match(faults.join('\n'), /segment 0, blocks: file is missing or cannot be read/);
    }));
});
