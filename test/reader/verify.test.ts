/** Verification: it names the place of whatever was changed, and is silent when nothing was. */
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes } from '../../src/format/cell.js';
import { headSize, smallHeadSize } from '../../src/format/head.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { type Verification, verify } from '../../src/reader/verify.js';
import type { Identity } from '../../src/seal/keys.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';
import { alice, bob, flip, Journal, toAlice, toBob, withJournal } from './make-journal.js';

async function check(path: string, identities: readonly Identity[] = []): Promise<Verification> {
  const view = await openDirectory(path);
  try {
    return await verify(view, identities);
  } finally {
    await view.close();
  }
}

/** The faults, or the error of a journal that cannot be opened. */
const faults = (journal: Journal, identities: readonly Identity[] = []) =>
  check(journal.path, identities).then(
    (result) => [...result.faults],
    (error: unknown) => [error instanceof Error ? error.message : 'thrown'],
  );

async function filled(office: PostOffice): Promise<void> {
  await office.send([toAlice], Buffer.from('small'));
  await office.send([toAlice, toBob], bytesFrom('larger', 20_000));
  await office.close();
}

suite('verification', (test) => {
  test('something is said of a journal that is in order', () =>
    withJournal(
      async (office, journal) => {
        for (let mail = 0; mail < 9; mail++)
          await office.send([toAlice, toBob], bytesFrom(`${mail}`, mail * 5000));
        assert.equal(await faults(journal, [alice, bob]), [], 'while the server runs');
        await office.close();
        const result = await check(journal.path, [alice, bob]);
        assert.equal(result.faults, []);
        assert.is(result.mails, 18);
        assert.equal([result.torn, result.void, result.erased], [0, 0, 0]);
        assert.ok(result.segments > 2);
      },
      { maxStreamSize: 6 * 16_384 },
    ));

  test('a crash or a power cut is called damage', () =>
    withFolder(async (folder) => {
      const disk = new TestDisk();
      disk.root.sync();
      const book = new AddressBook();
      book.set(toAlice, alice);
      const random = withFewFillers(chance('crash'), 1);
      const office = await PostOffice.open({ folder: '/journal', book, disk, random });
      await office.send([toAlice], bytesFrom('first', 30_000));
      const delivery = await office.begin(toAlice);
      if (!('abort' in delivery)) return assert.unreachable('refused');
      await delivery.write(bytesFrom('second', 200_000));
      await new Promise((resolve) => setImmediate(resolve));
      for (let end = 0; end < 12; end++) {
        const image = disk.after(end === 0 ? 'kill' : end === 1 ? 'power cut' : chance(`end ${end}`));
        const path = join(folder, String(end));
        image.materialise(path);
        const result = await check(join(path, 'journal'), [alice]);
        assert.equal([result.faults, result.mails], [[], 1], `image ${end}`);
      }
      delivery.abort();
      await office.close();
    }));

  test('a flipped octet of a cell goes unseen, or another place is named', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      const counts = { channels: 8, envelopes: 8, 'channels.mirror': 8, blocks: 3 };
      const lane = `lane ${journal.lane.slice(-32, -24)}`;
      for (const [name, count] of Object.entries(counts)) {
        const stream = name === 'channels.mirror' ? 'channels' : (name as 'blocks');
        const size = cellSizes[stream];
        for (let number = 0; number < count; number++)
          for (const at of [0, 31, 1120, size >> 1, size - 17, size - 1]) {
            const back = flip(journal.file(name), headSize + number * size + at);
            const mirror = name === 'channels.mirror' ? ' (mirror)' : '';
            const place = `${lane}, segment 0, ${stream.slice(0, -1)} ${number}${mirror}`;
            assert.equal(
              await faults(journal),
              [`${place}: does not match its check`],
              `${name}, octet ${at}`,
            );
            back();
          }
      }
      assert.equal(await faults(journal), []);
    }));

  test('a flipped octet of a head or of the claim goes unseen', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      const lane = `lane ${journal.lane.slice(-32, -24)}`;
      const heads: [string, number, string][] = [
        [join(journal.path, 'journal'), smallHeadSize, `${join(journal.path, 'journal')}: `],
        [join(journal.lane, 'lane'), smallHeadSize, `${lane}: `],
        ...['channels', 'channels.mirror', 'envelopes', 'blocks'].map((name): [string, number, string] => [
          journal.file(name),
          headSize,
          `${lane}, segment 0, ${name}: `,
        ]),
        [journal.file('synced'), 73, `${lane}, segment 0, synced: `],
      ];
      for (const [path, size, says] of heads) {
        const words = size === 73 ? 73 : readFileSync(path).indexOf('   ');
        for (let at = 0; at < size; at++) {
          // Every 5th octet of what a head says and of its check, every 199th of its padding; test/format has them all.
          if (size > 73 && at % (at > words && at < size - 72 ? 199 : 5) > 0) continue;
          const back = flip(path, at);
          const found = await faults(journal);
          assert.ok(found.length === 1 && found[0]?.startsWith(says), `${path}, octet ${at}: ${found}`);
          back();
        }
      }
      assert.equal(await faults(journal), []);
    }));

  test('a journal is silent about a damaged head that the other three can stand for', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      flip(journal.file('envelopes'), 20);
      const result = await check(journal.path, [alice, bob]);
      assert.is(result.faults.length, 1);
      assert.is(result.mails, 3, 'mail is lost with a head');
    }));

  test('no head of a segment can be read, and nothing is said', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      for (const name of ['channels', 'channels.mirror', 'envelopes', 'blocks']) flip(journal.file(name), 20);
      assert.match(
        (await faults(journal)).join('\n'),
        /^(lane [0-9a-f]{8}, segment 0, [a-z.]+: head does not match its check\n){4}lane [0-9a-f]{8}, segment 0: no head of the segment can be read$/,
      );
    }));

  test('cells are exchanged, streams cut, files exchanged or lost, unseen', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      const copy = `${journal.path}-copy`;
      const changes: readonly [(journal: Journal) => void, RegExp][] = [
        [
          (one) => {
            const [a, b] = [one.cell('blocks', 0), one.cell('blocks', 1)];
            one.setCell('blocks', 0, b);
            one.setCell('blocks', 1, a);
          },
          /block 0: this and all up to 1 do not match their checks/,
        ],
        [
          (one) => truncateSync(one.file('envelopes'), headSize + 5 * 1280),
          /envelope 5: the stream ends here, but 8 cells/,
        ],
        [
          (one) => truncateSync(one.file('blocks'), headSize + 16_384 + 1),
          /block 1: the stream ends here, but 3 cells/,
        ],
        [(one) => rmSync(one.file('channels.mirror')), /channels\.mirror: file is missing/],
        [(one) => rmSync(one.file('synced')), /segment 0, synced: missing or damaged/],
        [(one) => rmSync(join(one.lane, 'lane')), /the file "lane" is missing/],
        [
          (one) => {
            renameSync(one.file('envelopes'), `${one.path}/spare`);
            renameSync(one.file('channels'), one.file('envelopes'));
            renameSync(`${one.path}/spare`, one.file('channels'));
          },
          /head is of another stream/,
        ],
        [
          (one) => renameSync(one.file(''), one.file('', 1)),
          /segment 1, channels: head is of another segment/,
        ],
      ];
      for (const [change, says] of changes) {
        rmSync(copy, { recursive: true, force: true });
        cpSync(journal.path, copy, { recursive: true });
        change(new Journal(copy));
        assert.match((await faults(new Journal(copy))).join('\n'), says);
      }
    }));

  test('a segment is lost or exchanged between two others, unseen', () =>
    withJournal(
      async (office, journal) => {
        for (let mail = 0; mail < 8; mail++) await office.send([toAlice], bytesFrom(`${mail}`, 20_000));
        await office.close();
        assert.ok(readdirSync(journal.lane).length > 4);
        cpSync(journal.file('', 1), `${journal.path}-kept`, { recursive: true });
        rmSync(journal.file('', 1), { recursive: true });
        assert.match(
          (await faults(journal)).join(),
          /segment 2: segment 1, which its head names as the one before it, is missing/,
        );
        // Something that calls itself segment 1, made elsewhere from the same lane.
        cpSync(`${journal.path}-kept`, journal.file('', 1), { recursive: true });
        assert.equal(await faults(journal), []);
        const zero = journal.file('', 0);
        rmSync(zero, { recursive: true });
        assert.match(
          (await faults(journal)).join(),
          /segment 1: segment 0, which its head names as the one before it, is missing/,
        );
      },
      { maxStreamSize: 4 * 16_384 },
    ));

  test('a torn end is called damage, or damage below the claim a torn end', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      const bytes = readFileSync(journal.file('blocks'));
      writeFileSync(
        journal.file('blocks'),
        Buffer.concat([bytes, Buffer.alloc(16_384, 1), Buffer.alloc(700)]),
      );
      const result = await check(journal.path);
      assert.equal([result.torn, result.faults], [1, []]);
      flip(journal.file('blocks'), headSize + 5);
      assert.is((await faults(journal)).length, 1);
    }));

  test('a claim that was set back hides damage that the next head knows of', () =>
    withJournal(
      async (office, journal) => {
        for (let mail = 0; mail < 8; mail++) await office.send([toAlice], bytesFrom(`${mail}`, 20_000));
        await office.close();
        journal.setClaim({ envelopes: 0, blocks: 0 });
        flip(journal.file('blocks'), headSize + 5);
        assert.match((await faults(journal)).join(), /segment 0, block 0: does not match its check/);
      },
      { maxStreamSize: 4 * 16_384 },
    ));

  test('mail that cannot be opened is not reported to its owner', () =>
    withJournal(async (office, journal) => {
      await filled(office);
      // A good check over another block: without a key all is well, with it the mail does not open.
      const body = journal.cell('blocks', 1);
      body[300] = (body[300] as number) ^ 1;
      journal.setBody('blocks', 1, body);
      rmSync(journal.file('checkpoint'));
      assert.equal(await faults(journal), []);
      const result = await check(journal.path, [alice, bob]);
      assert.is(result.mails, 1);
      assert.is(result.faults.length, 2);
      for (const fault of result.faults)
        assert.match(
          fault,
          /^lane [0-9a-f]{8}, segment 0, envelope \d: the blocks are not those .*\(mail [a-z2-7]{13}\)$/,
        );
    }));
});
