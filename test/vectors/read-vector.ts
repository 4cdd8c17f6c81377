/** Reading a vector with the real reader, in one of several ways, and saying what was found in the words of its header. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equal } from '../../src/core/bytes.js';
import { FormatError } from '../../src/core/errors.js';
import { decodeCheckpoint } from '../../src/format/checkpoint.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { JournalView } from '../../src/journal/journal-view.js';
import type { OpenFile } from '../../src/journal/regular-file.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import type { Pin } from '../../src/reader/pins.js';
import { verify } from '../../src/reader/verify.js';
import { type Aead, nodeAead, sodiumAead } from '../../src/seal/aead.js';
import { type Identity, parseIdentities } from '../../src/seal/keys.js';
import { contentOf } from '../../tools/vectors/content.js';
import type { Vector } from '../../tools/vectors/vector-file.js';

/** What a reader found: mails as "ID STATE", counts, and places of faults. */
export interface Found {
  readonly mails: readonly string[];
  readonly void: number;
  readonly erased: number;
  readonly faults: readonly string[];
}

/** The same as the header has it: erased and void mails are counted, as the reader gives no ids for them. */
export function expected({ mails, faults }: Vector): Found {
  const count = (state: string) => mails.filter((mail) => mail.state === state).length;
  const told = mails.filter(({ state }) => state !== 'void' && state !== 'erased');
  return {
    mails: told.map(({ id, state }) => `${id} ${state}`),
    void: count('void'),
    erased: count('erased'),
    faults,
  };
}

/** How the pieces of a content are looked at: whether they are the truth, and to their end, or what fault was met. */
export type Watch = (
  pieces: AsyncIterable<Uint8Array>,
  truth: Uint8Array,
) => Promise<FormatError | undefined>;

/** Collects the content, and compares it with the truth at the end. */
export const collected: Watch = async (pieces, truth) => {
  const all: Uint8Array[] = [];
  let fault: FormatError | undefined;
  try {
    for await (const piece of pieces) all.push(piece);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    fault = error;
  }
  const content = Buffer.concat(all);
  mustBePrefix(content, truth);
  if (!fault && content.length !== truth.length) throw new Error('the content ends early');
  return fault;
};

/** Looks at each piece when it comes: what is out is out. */
export const streamed: Watch = async (pieces, truth) => {
  let at = 0;
  try {
    for await (const piece of pieces) {
      mustBePrefix(piece, truth.subarray(at));
      at += piece.length;
    }
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  if (at !== truth.length) throw new Error('the content ends early');
  return undefined;
};

function mustBePrefix(given: Uint8Array, truth: Uint8Array): void {
  if (!equal(given, truth.subarray(0, given.length))) throw new Error('what was given out is not the truth');
}

/** Writes the files of a vector into a folder. */
export function layOut(folder: string, { files }: Vector): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** Opens the journal in a folder; undefined if its head is refused. */
async function open(folder: string, openFile?: OpenFile): Promise<JournalView | undefined> {
  return openDirectory(folder, openFile).catch((error: unknown) => {
    if (error instanceof FormatError && error.place === join(folder, 'journal')) return undefined;
    throw error;
  });
}

/** Whether a mail that is opened while it is read turns out to be damaged. */
async function faultAtEnd(pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
  try {
    for await (const _ of pieces);
    return false;
  } catch (error) {
    if (error instanceof FormatError) return true;
    throw error;
  }
}

/** Reads the journal in a folder as its owners do, and checks it without a key. */
export async function readVector(
  folder: string,
  vector: Vector,
  watch: Watch,
  openFile?: OpenFile,
): Promise<Found> {
  const truths = new Map(vector.mails.map(({ id, subject, size }) => [id, contentOf(subject, size)]));
  const view = await open(folder, openFile);
  if (!view) return { mails: [], void: 0, erased: 0, faults: ['journal'] };
  try {
    const pins = pinsOf(vector);
    const { contents, index } = await openMailbox(view, identitiesOf(vector), pins);
    const faults = [...contents.faults];
    const listed = contents.expired.map(({ mail }) => ({ mail, state: 'expired' }));
    for (const mail of contents.mails) {
      const truth = truths.get(mail.id);
      if (!truth) throw new Error(`mail ${mail.id} is not in the vector's list`);
      const fault = await watch(index.content(mail), truth);
      if ((await faultAtEnd(index.provisional(mail))) !== (fault !== undefined))
        throw new Error(`mail ${mail.id}: read once and read twice it is not the same`);
      listed.push({ mail, state: fault ? 'damaged' : 'whole' });
      if (fault) faults.push(fault.message);
    }
    listed.sort((a, b) => a.mail.receivedAt - b.mail.receivedAt);
    const mails = listed.map(({ mail, state }) => `${mail.id} ${state}`);
    for (const { id, place } of contents.damaged) {
      mails.push(`${id} damaged`);
      faults.push(`${place}:`);
    }
    faults.push(...(await verify(view, [], pins)).faults);
    return { mails, void: contents.void, erased: contents.erased.length, faults: placesOf(faults, folder) };
  } finally {
    await view.close();
  }
}

/** What checking with the identities tells: as many whole, void and erased mails, and all places of faults. */
export async function verifyVector(folder: string, vector: Vector) {
  const view = await open(folder);
  if (!view) return { mails: 0, void: 0, erased: 0, faults: ['journal'] };
  try {
    const { mails, void: voids, erased, faults } = await verify(view, identitiesOf(vector), pinsOf(vector));
    return { mails, void: voids, erased, faults: placesOf(faults, folder) };
  } finally {
    await view.close();
  }
}

/** Many vectors have the same owners. */
const owners = new Map<string, Identity[]>();

function identitiesOf({ identities }: Vector): Identity[] {
  return identities.flatMap((line) => {
    const found = owners.get(line) ?? parseIdentities(line, 'vector');
    owners.set(line, found);
    return found;
  });
}

function pinsOf({ signer, pinned }: Vector): Pin[] {
  if (signer === undefined || !pinned) return [];
  return [{ signer: Buffer.from(signer, 'hex'), checkpoint: decodeCheckpoint(pinned, 'pinned') }];
}

/** What stands before the colon; the journal's head is named by its path. */
function placesOf(faults: readonly string[], folder: string): string[] {
  const places = faults.map((fault) => fault.slice(0, fault.indexOf(':')));
  return [...new Set(places.map((place) => (place === join(folder, 'journal') ? 'journal' : place)))].sort();
}

/** Files that give so many octets at each read. */
export const inReadsOf =
  (most: number): OpenFile =>
  async (path) => {
    const bytes = readFileSync(path);
    return {
      async read(into, offset, length, position) {
        return { bytesRead: bytes.copy(into, offset, position, position + Math.min(most, length)) };
      },
      stat: async () => ({ size: bytes.length }),
      close: async () => {},
    };
  };

/** Runs with one implementation of the AEAD in the place of both. */
export async function withOnly<T>(aead: Aead, run: () => Promise<T>): Promise<T> {
  const both = [nodeAead, sodiumAead].map((one) => ({ one, open: one.open }));
  const { open } = aead;
  for (const { one } of both) one.open = open;
  try {
    return await run();
  } finally {
    for (const { one, open } of both) one.open = open;
  }
}
