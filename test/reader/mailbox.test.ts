/** Mailbox: whatever stands in a journal is found, and whatever is damaged costs only itself. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { concat } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import { blockTextSize, firstBlockTextSize } from '../../src/format/blocks.js';
import { cellHash, cellSizes } from '../../src/format/cell.js';
import { encodeEnvelope } from '../../src/format/envelope.js';
import { headSize } from '../../src/format/head.js';
import { addToRuns, type Run, writeRuns } from '../../src/format/runs.js';
import { nodeAead } from '../../src/seal/aead.js';
import { type BlockIndex, MessageKeys } from '../../src/seal/block.js';
import { openChannel } from '../../src/seal/channel.js';
import { bytesFrom } from '../support/chance.js';
import type { PostOffice } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { alice, bob, flip, list, readFirst, text, toAlice, toBob, withJournal } from './make-journal.js';

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
      journal.knowOnly({ envelopes: 4, blocks: 1 });
      const { words, contents } = await list(journal);
      assert.equal(words, ['below', 'above']);
      assert.is(contents.void, 0);
    }));

  test('a mail that was never acknowledged is called damaged, or is shown', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice], text('below'));
      await office.send([toAlice], text('above'));
      await office.close();
      journal.knowOnly({ envelopes: 4, blocks: 1 });
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
      journal.knowOnly({ envelopes: 4, blocks: 1 });
      const envelopes = readFileSync(journal.file('envelopes'));
      // All cells of the second commit: tag and some of the rest, then zeros.
      for (let cell = 4; cell < 8; cell++)
        envelopes.fill(0, headSize + cell * 1280 + 512, headSize + (cell + 1) * 1280);
      writeFileSync(journal.file('envelopes'), envelopes);
      const { words, contents } = await list(journal);
      assert.equal(words, ['below']);
      assert.equal([contents.void, contents.damaged, contents.faults], [1, [], []]);
    }));

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
      assert.equal([contents.erased.length, contents.damaged, contents.faults], [1, [], []]);
      assert.equal((await list(journal, [bob])).words, ['shared'], 'erasing is not for others');
      // The secret alone makes the form. Anybody can make a check; that it does not hold is told without a key.
      flip(journal.file('envelopes'), headSize + (number + 1) * 1280 - 1);
      const rotten = (await list(journal, [alice])).contents;
      assert.equal([rotten.erased.length, rotten.damaged.length], [1, 0]);
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
