/** Journals to damage: made by the server's inside, kept in a real folder, changed octet by octet. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes, closeFrame, makeFrame } from '../../src/format/cell.js';
import { type Counts, decodeClaim, encodeClaim } from '../../src/format/claim.js';
import { decodeSegmentHead, headSize, type SegmentHead } from '../../src/format/head.js';
import type { Stream } from '../../src/format/place.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, type PostOfficeOptions, person, readMail } from '../support/post-office.js';

export const alice = person('alice');
export const bob = person('bob');
export const toAlice = 'alice@example.org';
export const toBob = 'bob@example.org';

export class Journal {
  constructor(readonly path: string) {}

  /** The lane's only folder. */
  get lane(): string {
    return join(this.path, readdirSync(this.path).find((name) => name.startsWith('lane-')) as string);
  }

  file(name: string, segment = 0): string {
    return join(this.lane, `segment-${String(segment).padStart(8, '0')}`, name);
  }

  head(segment = 0): SegmentHead {
    return decodeSegmentHead(readFileSync(this.file('blocks', segment)).subarray(0, headSize), 'a head');
  }

  claim(segment = 0): Counts {
    return decodeClaim(readFileSync(this.file('synced', segment)), this.head(segment)) as Counts;
  }

  /** As if no more had been known to be on disk: a checkpoint is a claim too, and goes. */
  knowOnly(claim: Partial<Counts>, segment = 0): void {
    rmSync(this.file('checkpoint', segment), { force: true });
    this.setClaim(claim, segment);
  }

  setClaim(claim: Partial<Counts>, segment = 0): void {
    writeFileSync(
      this.file('synced', segment),
      encodeClaim({ ...this.claim(segment), ...claim }, this.head(segment)),
    );
  }

  cell(stream: Stream, number: number, segment = 0): Buffer {
    const at = headSize + number * cellSizes[stream];
    return readFileSync(this.file(stream, segment)).subarray(at, at + cellSizes[stream]);
  }

  /** Writes a body with a good check: what somebody could do who knows the format. */
  setBody(stream: Stream, number: number, body: Uint8Array, segment = 0): void {
    const frame = makeFrame(stream);
    frame.body.set(body.subarray(0, frame.body.length));
    closeFrame(frame, this.head(segment), stream, number);
    this.setCell(stream, number, frame.cell, segment);
  }

  setCell(stream: Stream, number: number, cell: Uint8Array, segment = 0): void {
    for (const name of stream === 'channels' ? ['channels', 'channels.mirror'] : [stream]) {
      const bytes = readFileSync(this.file(name, segment));
      const at = headSize + number * cellSizes[stream];
      const grown = Buffer.alloc(Math.max(bytes.length, at + cell.length));
      grown.set(bytes);
      grown.set(cell, at);
      writeFileSync(this.file(name, segment), grown);
    }
  }
}

/** Flips one bit of a file; returns a function that flips it back. */
export function flip(path: string, at: number): () => void {
  const bytes = readFileSync(path);
  const change = () => {
    bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
    writeFileSync(path, bytes);
  };
  change();
  return change;
}

/** A journal for Alice and Bob, and the office that fills it; closed at the end if it was not before. */
export async function withJournal(
  use: (office: PostOffice, journal: Journal) => Promise<void>,
  options: Partial<PostOfficeOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const book = new AddressBook();
    book.set(toAlice, alice);
    book.set(toBob, bob);
    const path = join(folder, 'journal');
    const random = withFewFillers(chance('journal to damage'), 0);
    const office = await PostOffice.open({ folder: path, book, random, ...options });
    try {
      await use(office, new Journal(path));
    } finally {
      await office.close();
    }
  });
}

export const both = [alice, bob];
export const text = (words: string) => Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);

/** What identities find, with the third line of each mail. */
export async function list(journal: Journal, identities = both) {
  const { mails, contents } = await readMail(journal.path, identities);
  return { words: mails.map(({ content }) => content.toString().split('\r\n')[2]), mails, contents };
}

/** Reads Alice's first mail; says how much was given out before an error came. */
export async function readFirst(journal: Journal): Promise<{ pieces: number; error: unknown }> {
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
