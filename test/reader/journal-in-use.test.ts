/** Journals as they are found: of another version, none at all, read-only, or being written. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergePins } from '../../src/cli/mailbox/pins-file.js';
import { FormatError, Problem } from '../../src/core/errors.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { Pin } from '../../src/reader/pins.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import { alice, list, text, toAlice, withJournal } from './make-journal.js';
import { check, look } from './signed-journal.js';

suite("a journal that is somebody else's", (test) => {
  test('a journal of a newer version is called damaged', () =>
    withJournal(async (office, journal) => {
      await office.close();
      const path = join(journal.path, 'journal');
      writeFileSync(
        path,
        readFileSync(path, 'latin1').replace('obalka journal 1\n', 'obalka journal 2\n'),
        'latin1',
      );
      try {
        await openDirectory(journal.path);
        assert.unreachable();
      } catch (error) {
        assert.instance(error, FormatError);
        assert.match(
          (error as Error).message,
          /journal: journal format version 2; this program reads version 1: use a newer obalka$/,
        );
      }
    }));

  test('a folder without a journal gives a riddle', () =>
    withJournal(async (office, journal) => {
      await office.close();
      for (const path of [journal.lane, join(journal.path, 'nowhere'), join(journal.path, 'journal')])
        try {
          await openDirectory(path);
          assert.unreachable();
        } catch (error) {
          assert.ok(error instanceof Problem && error.kind === 'missing');
          assert.match(error.message, /no journal here; make one with "obalka init/);
        }
    }));

  test('reading changes something', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.close();
      const look = () =>
        readdirSync(journal.path, { recursive: true, encoding: 'utf8' })
          .sort()
          .map((name) => {
            const { mode, mtimeMs, size } = statSync(join(journal.path, name));
            return [name, mode, mtimeMs, size];
          });
      const before = look();
      await list(journal);
      assert.equal(look(), before);
    }));

  test('reading while mail comes shows damage, or half a mail', () =>
    withJournal(
      async (office, journal) => {
        await office.send([toAlice], text('first'));
        let sent = 1;
        let looks = 0;
        const sending = (async () => {
          for (; looks < 6 && sent < 150; sent++)
            await office.send([toAlice], bytesFrom(`mail ${sent}`, 100 + (sent % 60) * 600));
        })();
        for (let before = 0; looks < 6; looks++) {
          const known = sent;
          const { mails, contents } = await list(journal, [alice]);
          assert.equal([contents.damaged, contents.faults], [[], []]);
          assert.ok(mails.length >= known && mails.length >= before, `${mails.length} of ${known}`);
          before = mails.length;
        }
        await sending;
        assert.is((await list(journal, [alice])).mails.length, sent);
      },
      { maxStreamSize: 40 * 16_384 },
    ));

  test('a reader with pins takes a writer at work for somebody who tampers', () =>
    withJournal(
      async (office, journal) => {
        await office.send([toAlice], text('first'));
        let pins: readonly Pin[] = [];
        let isOver = false;
        const sending = (async () => {
          for (let sent = 0; !isOver && sent < 1000; sent++)
            await office.send([toAlice], bytesFrom(`mail ${sent}`, 20_000));
        })();
        const segments: number[] = [];
        // As many looks as it takes to see the writer go on.
        for (let looks = 0; looks < 10 || (new Set(segments).size < 3 && looks < 200); looks++) {
          const { faults, newest } = await look(journal, pins);
          assert.equal(faults, [], `look ${looks}`);
          pins = mergePins(pins, newest, []);
          segments.push(newest[0]?.checkpoint.segment ?? -1);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        isOver = true;
        await sending;
        await office.close();
        const { faults, notChecked, newest, confirmed } = await check(journal, pins);
        assert.equal([faults, notChecked], [[], []]);
        assert.equal(
          segments,
          [...segments].sort((a, b) => a - b),
        );
        assert.ok(new Set(segments).size > 2, segments.join());
        assert.is(confirmed.length, pins.length);
        assert.is(mergePins(pins, newest, confirmed).length, 1);
      },
      { maxStreamSize: 6 * 16_384 },
    ));
});
