/** Mailbox: whatever stands in a journal is found, and whatever is damaged costs only itself. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat } from '../../src/core/bytes.js';
import { FormatError, Problem } from '../../src/core/errors.js';
import { sha256 } from '../../src/core/sha256.js';
import { blockTextSize, firstBlockTextSize } from '../../src/format/blocks.js';
import { cellHash, cellSizes } from '../../src/format/cell.js';
import { encodeEnvelope } from '../../src/format/envelope.js';
import { headSize } from '../../src/format/head.js';
import { addToRuns, type Run, writeRuns } from '../../src/format/runs.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { nodeAead } from '../../src/seal/aead.js';
import { type BlockIndex, MessageKeys } from '../../src/seal/block.js';
import { openChannel } from '../../src/seal/channel.js';
import { bytesFrom } from '../support/chance.js';
import { type PostOffice, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { alice, bob, flip, type Journal, toAlice, toBob, withJournal } from './make-journal.js';

const both = [alice, bob];
const text = (words: string) => Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);

async function list(journal: Journal, identities = both) {
  const { mails, contents } = await readMail(journal.path, identities);
  return { words: mails.map(({ content }) => content.toString().split('\r\n')[2]), mails, contents };
}

/** Spends steps of a channel as envelopes do that never reach the disk. */
function spend(office: PostOffice, steps: number): void {
  const place = office.lane.place;
  if (!place) throw new Error('no segment');
  for (let step = 0; step < steps; step++)
    office.channels.sealEnvelope(
      { key: alice, plaintext: new Uint8Array(1204) },
      new Uint8Array(1264),
      place,
      0,
    );
}

async function readFirst(journal: Journal): Promise<{ pieces: number; error: unknown }> {
  const view = await openDirectory(journal.path);
  let pieces = 0;
  try {
    const { contents, index } = await openMailbox(view, [alice]);
    const [mail] = contents.mails;
    if (!mail) throw new Error('no mail');
    for await (const _ of index.plaintext(mail)) pieces++;
    return { pieces, error: undefined };
  } catch (error) {
    return { pieces, error };
  } finally {
    await view.close();
  }
}

suite('mailbox', (test) => {
  test('a mail after a gap in its channel is not found', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('first'));
      for (const [at, gap] of [1, 500, 1023, 1023].entries()) {
        spend(office, gap);
        await office.send([toAlice], text(`after ${at}`));
      }
      await office.close();
      assert.equal((await list(journal)).words, ['first', 'after 0', 'after 1', 'after 2', 'after 3']);
    }));

  test('many mails of one channel are not all found', () =>
    withJournal(async (office, journal) => {
      const count = 1500;
      await Promise.all(Array.from({ length: count }, (_, at) => office.send([toAlice], text(`mail ${at}`))));
      await office.close();
      const { words } = await list(journal, [alice]);
      assert.is(new Set(words).size, count);
    }));

  test('mail comes in another order than it was received', () =>
    withJournal(
      async (office, journal) => {
        const sent: string[] = [];
        for (let at = 0; at < 12; at++) {
          await office.send([at % 3 ? toAlice : toBob], text(`mail ${at}`));
          sent.push(`mail ${at}`);
        }
        await office.close();
        assert.equal((await list(journal)).words, sent);
        assert.equal((await list(journal, [bob, alice])).words, sent);
      },
      { maxStreamSize: 4 * 16_384 },
    ));

  test('a mail has another id tomorrow, in a copy, or for somebody with more keys', () =>
    withJournal(async (office, journal) => {
      for (const words of ['one', 'two', 'three']) await office.send([toAlice], text(words));
      const before = (await list(journal, [alice])).mails.map(({ id }) => id);
      for (const id of before) assert.match(id, /^[a-z2-7]{13}$/);
      assert.is(new Set(before).size, 3);
      await office.send([toBob, toAlice], text('four'));
      await office.close();
      const later = (await list(journal)).mails.map(({ id }) => id);
      assert.equal(later.slice(0, 3), before);
      assert.is(new Set(later).size, 5, 'two recipients share an id');
    }));

  test('a mail above the claim is lost, although all of it stands', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('below'));
      await office.send([toAlice], text('above'));
      await office.close();
      journal.setClaim({ envelopes: 4, blocks: 1 });
      const { words, contents } = await list(journal);
      assert.equal(words, ['below', 'above']);
      assert.is(contents.void, 0);
    }));

  test('a mail that was never acknowledged is called damaged, or is shown', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('below'));
      await office.send([toAlice], text('above'));
      await office.close();
      journal.setClaim({ envelopes: 4, blocks: 1 });
      // Its block never reached the disk.
      truncateSync(journal.file('blocks'), headSize + cellSizes.blocks + 5000);
      const { words, contents } = await list(journal);
      assert.equal(words, ['below']);
      assert.equal([contents.void, contents.damaged, contents.faults], [1, [], []]);
    }));

  test('a torn envelope above the claim is called damaged', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('below'));
      await office.send([toAlice], text('above'));
      await office.close();
      journal.setClaim({ envelopes: 4, blocks: 1 });
      const envelopes = readFileSync(journal.file('envelopes'));
      // All cells of the second commit: tag and some of the rest, then zeros.
      for (let cell = 4; cell < 8; cell++)
        envelopes.fill(0, headSize + cell * 1280 + 512, headSize + (cell + 1) * 1280);
      writeFileSync(journal.file('envelopes'), envelopes);
      const { words, contents } = await list(journal);
      assert.equal(words, ['below']);
      assert.equal([contents.void, contents.damaged, contents.faults], [1, [], []]);
    }));

  test('a damaged envelope takes others with it, or nobody is told', () =>
    withJournal(async (office, journal) => {
      for (const words of ['one', 'two', 'three']) await office.send([toAlice], text(words));
      await office.close();
      const [, second] = (await list(journal, [alice])).contents.mails;
      const number = Number(/envelope (\d+)$/.exec(second?.place ?? '')?.[1]);
      flip(journal.file('envelopes'), headSize + number * 1280 + 700);
      const { words, contents } = await list(journal, [alice]);
      assert.equal(words, ['one', 'three']);
      assert.equal(contents.damaged, [
        { id: second?.id, place: second?.place, fault: 'envelope does not match its check: it is damaged' },
      ]);
    }));

  test('an envelope that was changed on purpose passes for damage by chance', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.close();
      const [mail] = (await list(journal, [alice])).contents.mails;
      const number = Number(/envelope (\d+)$/.exec(mail?.place ?? '')?.[1]);
      const cell = journal.cell('envelopes', number);
      cell[700] = (cell[700] as number) ^ 1;
      journal.setBody('envelopes', number, cell);
      const { contents } = await list(journal, [alice]);
      assert.match(contents.damaged[0]?.fault ?? '', /it was changed/);
    }));

  test('an envelope that is played again counts twice', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.send([toBob], text('two'));
      await office.close();
      const [mail] = (await list(journal, [alice])).contents.mails;
      const number = Number(/envelope (\d+)$/.exec(mail?.place ?? '')?.[1]);
      const other = number === 7 ? 6 : 7;
      journal.setBody('envelopes', other, journal.cell('envelopes', number));
      const { words, contents } = await list(journal, [alice]);
      assert.equal(words, ['one']);
      assert.match(contents.damaged[0]?.place ?? '', new RegExp(`envelope ${other}$`));
    }));

  test('a damaged channel loses the mail of a segment, although there is a mirror', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.close();
      for (let cell = 0; cell < 8; cell++)
        flip(journal.file(cell % 2 ? 'channels' : 'channels.mirror'), headSize + cell * 1280 + 64);
      const { words, contents } = await list(journal);
      assert.equal([words, contents.faults], [['one'], []]);
      rmSync(journal.file('channels'));
      const one = await list(journal, [alice]);
      assert.equal(
        one.words.length +
          one.contents.faults.filter((fault) => /channel \d+: both copies/.test(fault)).length >
          0,
        true,
      );
    }));

  test('a channel of which both copies are lost goes unmentioned', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.send([toBob], text('two'));
      await office.close();
      const head = journal.head();
      const number = Array.from({ length: 8 }, (_, at) => at).find((at) =>
        openChannel(journal.cell('channels', at), alice, head, at),
      ) as number;
      for (const name of ['channels', 'channels.mirror'])
        flip(journal.file(name), headSize + number * 1280 + 64);
      const { words, contents } = await list(journal);
      assert.equal(words, ['two']);
      assert.is(contents.faults.length, 1);
      assert.match(
        contents.faults[0] ?? '',
        new RegExp(`^lane [0-9a-f]{8}, segment 0, channel ${number}: both copies are damaged`),
      );
    }));

  test('channels that were cut off go unmentioned', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('one'));
      await office.close();
      for (const name of ['channels', 'channels.mirror'])
        truncateSync(journal.file(name), headSize + 3 * 1280);
      const { contents } = await list(journal);
      assert.match(
        contents.faults.join(),
        /segment 0, channel 3: the stream ends here, but 8 cells were written/,
      );
    }));

  test('a damaged block is read, or its place is not said', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], bytesFrom('large', 60_000));
      await office.close();
      for (const [at, says] of [
        [
          headSize + 2 * 16_384 + 99,
          /^lane [0-9a-f]{8}, segment 0, block 2: block does not match its check$/,
        ],
        [headSize + 16_383, /segment 0, block 0: block does not match/],
      ] as const) {
        const back = flip(journal.file('blocks'), at);
        const { pieces, error } = await readFirst(journal);
        assert.instance(error, FormatError);
        assert.match((error as Error).message, says);
        assert.is(pieces, 0, 'something was given out before the damage was found');
        back();
      }
      truncateSync(journal.file('blocks'), headSize + 3 * 16_384);
      const { error } = await readFirst(journal);
      assert.match(String(error), /block 3: block is missing: the file ends before it/);
    }));

  test('a fellow recipient changes what others read', () =>
    withJournal(async (office, journal) => {
      const content = bytesFrom('shared', 40_000);
      await office.send([toAlice, toBob], content);
      await office.close();
      const [mail] = (await list(journal, [bob])).contents.mails;
      assert.ok(mail);
      // Bob has the message key: he can seal another block in the same place, with a good check.
      const keys = new MessageKeys(mail.envelope.messageKey);
      const first = mail.envelope.runs[0]?.first ?? 0;
      for (const index of [0, 1, 2]) {
        const block: BlockIndex = { level: 0, index, final: index === 2 };
        const before = journal.cell('blocks', first + index);
        const place = journal.head();
        const opened = keys.open(before, block, place, first + index, nodeAead)?.slice();
        assert.ok(opened);
        opened[200] = (opened[200] as number) ^ 1;
        const body = new Uint8Array(cellSizes.blocks - 16);
        keys.seal(body, opened, block, place, first + index, nodeAead);
        journal.setBody('blocks', first + index, body);
        const { pieces, error } = await readFirst(journal);
        assert.match(String(error), /the blocks are not those that were sealed: they were exchanged/);
        assert.is(pieces, 0);
        journal.setCell('blocks', first + index, before);
      }
      assert.is((await readFirst(journal)).error, undefined);
    }));

  test('a lost segment takes more with it than it held, or is not named', () =>
    withJournal(
      async (office, journal) => {
        await office.send([toAlice], text('one'));
        await office.send([toAlice], bytesFrom('over three segments', 100_000));
        await office.send([toAlice], text('last'));
        await office.close();
        const segments = readdirSync(journal.lane).filter((name) => name.startsWith('segment-')).length;
        assert.ok(segments >= 3);
        rmSync(join(journal.lane, 'segment-00000001'), { recursive: true });
        const view = await openDirectory(journal.path);
        const { contents, index } = await openMailbox(view, [alice]);
        const results: string[] = [];
        for (const mail of contents.mails)
          try {
            for await (const _ of index.content(mail));
            results.push('whole');
          } catch (error) {
            results.push(String(error).replace(/^.*: /, ''));
          }
        await view.close();
        assert.equal(results, ['whole', 'blocks of this mail are in segment 1, which is missing', 'whole']);
      },
      { maxStreamSize: 4 * 16_384 },
    ));

  test('an erased envelope is called damaged, or still opens', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice, toBob], text('shared'));
      await office.send([toAlice], text('kept'));
      await office.close();
      const [mail] = (await list(journal, [alice])).contents.mails;
      const number = Number(/envelope (\d+)$/.exec(mail?.place ?? '')?.[1]);
      const head = journal.head();
      const cell = journal.cell('envelopes', number);
      const channel = Array.from({ length: 8 }, (_, at) =>
        openChannel(journal.cell('channels', at), alice, head, at),
      ).find(Boolean);
      const step = channel?.next();
      assert.ok(step);
      assert.equal(sha256(step.secret), cell.subarray(0, 32));
      const hash = cellHash(cell, head, 'envelopes', number);
      journal.setBody('envelopes', number, concat(step.tag, step.secret, hash, new Uint8Array(1280)));
      const { words, contents } = await list(journal, [alice]);
      assert.equal(words, ['kept']);
      assert.equal([contents.erased, contents.damaged, contents.faults], [1, [], []]);
      assert.equal((await list(journal, [bob])).words, ['shared'], 'erasing is not for others');
    }));

  test('index blocks that name index blocks cannot be read', () =>
    withJournal(async (office, journal) => {
      // By hand, with few runs in each: 24 runs of data, in three index blocks, in one above them.
      await office.lane.begin();
      const keys = new MessageKeys(bytesFrom('message key', 32));
      const content = bytesFrom('deep', firstBlockTextSize + 23 * blockTextSize);
      const leaves: Uint8Array[] = [];
      const append = (block: BlockIndex, plaintext: Uint8Array) => {
        office.lane.appendBlock(() => {});
        const { segment, number, hash } = office.lane.appendBlock((body, at, number) =>
          keys.seal(body, plaintext, block, at, number, nodeAead),
        );
        if (block.level === 0) leaves.push(hash);
        return { segment, number };
      };
      const level = (below: readonly Run[], name: number, perBlock: number): Run[] => {
        const runs: Run[] = [];
        const count = Math.ceil(below.length / perBlock);
        for (let index = 0; index < count; index++) {
          const plaintext = new Uint8Array(blockTextSize);
          writeRuns(plaintext, 0, below.slice(index * perBlock, (index + 1) * perBlock));
          const { segment, number } = append({ level: name, index, final: index === count - 1 }, plaintext);
          addToRuns(runs, segment, number);
        }
        return runs;
      };
      const data: Run[] = [];
      for (let index = 0; index < 24; index++) {
        const from = index === 0 ? 0 : firstBlockTextSize + (index - 1) * blockTextSize;
        const to = firstBlockTextSize + index * blockTextSize;
        const { segment, number } = append(
          { level: 0, index, final: index === 23 },
          content.subarray(from, to),
        );
        addToRuns(data, segment, number);
      }
      const runs = level(level(data, 1, 9), 2, 1362);
      const none = new Uint8Array(0);
      const plaintext = encodeEnvelope({
        reached: 'itself',
        flags: 0,
        depth: 2,
        receivedAt: 1,
        preludeLength: 0,
        contentLength: content.length,
        trailerLength: 0,
        messageKey: keys.messageKey,
        leaves: sha256(concat(...leaves)),
        keySet: new Uint8Array(32),
        runs,
        recipient: toAlice,
        summary: { from: none, subject: none, date: none, messageId: none },
      });
      await office.lane.commit(runs, [{ key: alice, plaintext }]);
      await office.close();
      const { mails } = await list(journal);
      assert.ok(mails[0]?.content.equals(content));
      flip(journal.file('blocks'), headSize + (runs[0]?.first ?? 0) * 16_384 + 40);
      assert.match(String((await readFirst(journal)).error), /block does not match its check/);
    }));
});

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
});
