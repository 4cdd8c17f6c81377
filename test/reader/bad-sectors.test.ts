/** Bad sectors: where the disk gives an error for some octets of a file, all others are read, and the place is named. */
import { cellSizes } from '../../src/format/cell.js';
import { headSize } from '../../src/format/head.js';
import type { Stream } from '../../src/format/place.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { type OpenFile, openRegular } from '../../src/journal/regular-file.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { verify } from '../../src/reader/verify.js';
import { assert, suite } from '../support/suite.js';
import { alice, type Journal, text, toAlice, withJournal } from './make-journal.js';

/** A disk on which reading any octet of these cells fails. */
function badCells(stream: Stream, ...cells: readonly number[]): OpenFile {
  return async (path) => {
    const file = await openRegular(path);
    if (!path.endsWith(`/${stream}`)) return file;
    const size = cellSizes[stream];
    return {
      async read(into, offset, length, position) {
        const isBad = cells.some((cell) => {
          const from = headSize + cell * size;
          return position < from + size && position + length > from;
        });
        if (isBad) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return file.read(into, offset, length, position);
      },
      stat: () => file.stat(),
      close: () => file.close(),
    };
  };
}

async function look(journal: Journal, openFile: OpenFile) {
  const view = await openDirectory(journal.path, openFile);
  try {
    const { contents, index } = await openMailbox(view, [alice]);
    const words: string[] = [];
    for (const mail of contents.mails) {
      const pieces: Uint8Array[] = [];
      try {
        for await (const piece of index.content(mail)) pieces.push(piece);
        words.push(Buffer.concat(pieces).toString().split('\r\n')[2] ?? '');
      } catch (error) {
        words.push((error as Error).message);
      }
    }
    return { words, listing: contents.faults, checking: (await verify(view, [])).faults };
  } finally {
    await view.close();
  }
}

/** Mails in a journal that is closed, and the number of the envelope of each. */
const withMails = (
  use: (journal: Journal, numbers: readonly number[], all: readonly string[]) => Promise<void>,
) =>
  withJournal(async (office, journal) => {
    const all = Array.from({ length: 300 }, (_, at) => `mail ${at}`);
    for (const words of all) await office.send([toAlice], text(words));
    await office.close();
    const view = await openDirectory(journal.path);
    const { contents } = await openMailbox(view, [alice]);
    await view.close();
    await use(
      journal,
      contents.mails.map(({ number }) => number),
      all,
    );
  });

suite('bad sectors', (test) => {
  test('an envelope that cannot be read hides the others, or nobody is told', () =>
    withMails(async (journal, numbers, all) => {
      for (const bad of [[0], [299], [7, 8, 9], [100, 200]]) {
        const cells = bad.map((mail) => numbers[mail] as number);
        const { words, listing, checking } = await look(journal, badCells('envelopes', ...cells));
        assert.equal(
          words,
          all.filter((_, at) => !bad.includes(at)),
        );
        assert.ok(listing.length > 0);
        for (const fault of listing)
          assert.match(
            fault,
            /envelope \d+: cannot be read \(EIO\).*: mail of which the envelope is there cannot be listed$/,
          );
        for (const cell of cells)
          assert.ok(
            checking.some((fault) => fault.includes(`envelope ${cell}: `) || / all up to /.test(fault)),
            `${cell}: ${checking}`,
          );
        assert.ok(checking.length <= cells.length + 1, checking.join('\n'));
      }
    }));

  test('a block that cannot be read makes others damaged', () =>
    withMails(async (journal, _, all) => {
      const { words, listing, checking } = await look(journal, badCells('blocks', 150));
      assert.equal(listing, []);
      const lost = words.filter((one) => !all.includes(one));
      assert.is(lost.length, 1);
      assert.match(lost[0] as string, /block 150: cannot be read/);
      assert.ok(
        checking.some((fault) => / block 150: does not match its check$/.test(fault)),
        checking.join('\n'),
      );
      assert.not(checking.some((fault) => / all up to /.test(fault)));
    }));

  test('a channel that one copy cannot give is lost', () =>
    withMails(async (journal, _, all) => {
      const { words, listing } = await look(journal, badCells('channels', 0, 1, 2, 3, 4, 5, 6, 7));
      assert.equal([words, listing], [all, []]);
    }));
});
