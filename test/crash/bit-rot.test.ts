/**
 * Bit rot: each octet of a small journal flipped, each file cut, cells doubled and swapped. All of it is named with its
 * place, and costs no more than itself. OBALKA_EVERY_OCTET=1 takes every octet in place of one in two hundred.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes } from '../../src/format/cell.js';
import { headSize } from '../../src/format/head.js';
import type { Stream } from '../../src/format/place.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { OpenFile } from '../../src/journal/regular-file.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { verify } from '../../src/reader/verify.js';
import { alice, bob, text, toAlice, toBob, withJournal } from '../reader/make-journal.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

type Files = ReadonlyMap<string, Buffer>;

/** Opens files of a journal from memory, one of them replaced. */
function withFile(files: Files, changed: string, bytes: Buffer): OpenFile {
  return async (path) => {
    const whole = path === changed ? bytes : files.get(path);
    if (!whole) throw Object.assign(new Error(`${path}: ENOENT`), { code: 'ENOENT' });
    return {
      read: async (into, offset, length, position) => ({
        bytesRead: whole.copy(into, offset, position, position + length),
      }),
      stat: async () => ({ size: whole.length }),
      close: async () => {},
    };
  };
}

interface Found {
  readonly faults: readonly string[];
  readonly words: readonly string[];
}

async function look(folder: string, openFile: OpenFile): Promise<Found> {
  const view = await openDirectory(folder, openFile);
  try {
    const { faults } = await verify(view, []);
    const { contents, index } = await openMailbox(view, [alice, bob]);
    const words: string[] = [];
    for (const mail of contents.mails) {
      const pieces: Uint8Array[] = [];
      try {
        for await (const piece of index.content(mail)) pieces.push(piece);
        words.push(Buffer.concat(pieces).subarray(0, 30).toString('latin1'));
      } catch {
        // It is named by the check of all cells.
      }
    }
    return { faults, words };
  } finally {
    await view.close();
  }
}

const streamOf: Record<string, Stream> = {
  channels: 'channels',
  'channels.mirror': 'channels',
  envelopes: 'envelopes',
  blocks: 'blocks',
};

/** Which cell of which stream an octet of a file is in; undefined for heads and other files. */
function cellAt(name: string, octet: number): { stream: Stream; number: number } | undefined {
  const stream = streamOf[name];
  if (stream === undefined || octet < headSize) return undefined;
  return { stream, number: Math.floor((octet - headSize) / cellSizes[stream]) };
}

/** The small journal: its folder, its files by path, and how many mails it has. */
const small = (use: (folder: string, files: Files, mails: number) => Promise<void>) =>
  withJournal(async (office, journal) => {
    await office.send([toAlice], text('one'));
    await office.send([toAlice, toBob], bytesFrom('two', 20_000));
    await office.send([toBob], text('three'));
    await office.close();
    const names = readdirSync(journal.path, { recursive: true, encoding: 'utf8' });
    const paths = names.map((name) => join(journal.path, name)).filter((path) => statSync(path).isFile());
    await use(journal.path, new Map(paths.map((path) => [path, readFileSync(path)])), 4);
  });

suite('bit rot', (test) => {
  test('a flipped octet goes unnamed, is named elsewhere, or costs more than its mail', () =>
    small(async (folder, files, mails) => {
      const step = process.env.OBALKA_EVERY_OCTET ? 1 : 211;
      let tried = 0;
      for (const [path, bytes] of files) {
        const name = path.split('/').at(-1) as string;
        for (let octet = tried % step; octet < bytes.length; octet += step) {
          tried++;
          const changed = Buffer.from(bytes);
          changed[octet] = (changed[octet] as number) ^ (1 << (octet % 8));
          const where = `${name}, octet ${octet}`;
          const { faults, words } = await look(folder, withFile(files, path, changed));
          assert.ok(faults.length > 0, `${where}: not named`);
          const cell = cellAt(name, octet);
          const named = faults.filter((fault) => / (channel|envelope|block) \d+/.test(fault));
          if (cell) {
            const place = new RegExp(`, ${cell.stream.slice(0, -1)} ${cell.number}\\b`);
            assert.ok(
              named.some((fault) => place.test(fault)) && named.every((fault) => place.test(fault)),
              `${where}: ${faults.join('; ')}`,
            );
          } else assert.equal(named, [], `${where}: ${faults.join('; ')}`);
          const most = cell && cell.stream !== 'channels' ? 2 : 0;
          assert.ok(words.length >= mails - most, `${where}: ${words.length} mails`);
        }
      }
      console.log(`bit rot: ${tried} octets flipped one by one, each named`);
    }));

  test('a file that is cut or gone, or cells that are doubled or swapped, go unnamed', () =>
    small(async (folder, files, mails) => {
      for (const [path, bytes] of files) {
        const name = path.split('/').at(-1) as string;
        const size = cellSizes[streamOf[name] ?? 'blocks'];
        const at = (number: number) => headSize + number * size;
        const changes: Record<string, Buffer> = {
          'cut by one octet': bytes.subarray(0, -1),
          'cut in the middle': bytes.subarray(0, bytes.length >> 1),
          'cut to nothing': bytes.subarray(0, 0),
        };
        if (name in streamOf) {
          changes['cut by a cell'] = bytes.subarray(0, bytes.length - size);
          changes['first cell doubled'] = Buffer.concat([
            bytes.subarray(0, at(1)),
            bytes.subarray(at(0), at(1)),
            bytes.subarray(at(2)),
          ]);
          changes['first cells swapped'] = Buffer.concat([
            bytes.subarray(0, at(0)),
            bytes.subarray(at(1), at(2)),
            bytes.subarray(at(0), at(1)),
            bytes.subarray(at(2)),
          ]);
        }
        for (const [what, changed] of Object.entries(changes)) {
          const { faults, words } = await look(folder, withFile(files, path, changed));
          assert.ok(faults.length > 0, `${name}, ${what}: not named`);
          if (!/^(blocks|envelopes)$/.test(name)) assert.is(words.length, mails, `${name}, ${what}`);
        }
      }
    }));
});
