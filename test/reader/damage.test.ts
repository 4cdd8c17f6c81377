/** Damage: whatever was changed or lost costs only itself, is named, and is found before anything is given out. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOfFiles } from '../../src/cli/export/files-target.js';
import { FormatError } from '../../src/core/errors.js';
import { cellSizes } from '../../src/format/cell.js';
import { headSize } from '../../src/format/head.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMessage } from '../../src/reader/export/open-message.js';
import type { Mail } from '../../src/reader/mail.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { nodeAead } from '../../src/seal/aead.js';
import { type BlockIndex, MessageKeys } from '../../src/seal/block.js';
import { openChannel } from '../../src/seal/channel.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import {
  alice,
  bob,
  flip,
  type Journal,
  list,
  readFirst,
  text,
  toAlice,
  toBob,
  withJournal,
} from './make-journal.js';

/** An export opens blocks before it knows all of them: nothing of such a mail may be left. */
async function exportNothing(journal: Journal): Promise<void> {
  const view = await openDirectory(journal.path);
  const folder = join(journal.path, '..', 'exported');
  try {
    const { contents, index } = await openMailbox(view, [alice]);
    const target = await folderOfFiles(folder, 'eml', async function* (of, mail) {
      yield* (await openMessage(of, mail)).content;
    });
    await target.add(contents.mails[0] as Mail, index).then(
      () => assert.unreachable(),
      (error) => assert.match(String(error), /they were exchanged/),
    );
    await target.end();
    assert.equal(readdirSync(folder), []);
  } finally {
    await view.close();
  }
}

suite('damage', (test) => {
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
      const mirror = readFileSync(journal.file('channels.mirror'));
      for (let cell = 0; cell < 8; cell++)
        flip(journal.file(cell % 2 ? 'channels' : 'channels.mirror'), headSize + cell * 1280 + 64);
      const halves = await list(journal);
      assert.equal([halves.words, halves.contents.faults], [['one'], []]);
      writeFileSync(journal.file('channels.mirror'), mirror);
      rmSync(journal.file('channels'));
      const one = await list(journal);
      assert.equal(one.words, ['one']);
      assert.match(
        one.contents.faults.join(),
        /^lane [0-9a-f]{8}, segment 0, channels: file is missing or cannot be read$/,
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
        /segment 0, channel 3: the stream ends here, but 8 cells were known to be on disk/,
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
        await exportNothing(journal);
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
});
