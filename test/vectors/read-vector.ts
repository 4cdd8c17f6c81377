/** Reading a vector with the real reader, in one of several ways, and saying what was found in the words of its header. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equal } from '../../src/core/bytes.js';
import { FormatError } from '../../src/core/errors.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { OpenFile } from '../../src/journal/file-cache.js';
import type { SegmentIndex } from '../../src/reader/blocks.js';
import type { Mail } from '../../src/reader/mail.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { verify } from '../../src/reader/verify.js';
import { type Aead, nodeAead, sodiumAead } from '../../src/seal/aead.js';
import { parseIdentities } from '../../src/seal/keys.js';
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

/** How the pieces of a content are looked at. */
export type Watch = (mail: Mail, index: SegmentIndex, truth: Uint8Array) => Promise<'whole' | 'damaged'>;

/** Collects the content, and compares it with the truth at the end. */
export const collected: Watch = async (mail, index, truth) => {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of index.content(mail)) pieces.push(piece);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    mustBePrefix(Buffer.concat(pieces), truth);
    return 'damaged';
  }
  if (!equal(Buffer.concat(pieces), truth)) throw new Error(`mail ${mail.id}: other octets than the truth`);
  return 'whole';
};

/** Looks at each piece when it comes: what is out is out. */
export const streamed: Watch = async (mail, index, truth) => {
  let at = 0;
  try {
    for await (const piece of index.content(mail)) {
      mustBePrefix(piece, truth.subarray(at));
      at += piece.length;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return 'damaged';
  }
  if (at !== truth.length) throw new Error(`mail ${mail.id}: ${at} octets of ${truth.length}`);
  return 'whole';
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

/** Reads the journal in a folder as an owner, and checks it. */
export async function readVector(
  folder: string,
  vector: Vector,
  watch: Watch,
  openFile?: OpenFile,
): Promise<Found> {
  const identities = vector.identities.flatMap((line) => parseIdentities(line, 'vector'));
  const truths = new Map(vector.mails.map(({ id, subject, size }) => [id, contentOf(subject, size)]));
  const view = await openDirectory(folder, openFile).catch((error: unknown) => {
    if (error instanceof FormatError && error.place === join(folder, 'journal')) return undefined;
    throw error;
  });
  if (!view) return { mails: [], void: 0, erased: 0, faults: ['journal'] };
  try {
    const { contents, index } = await openMailbox(view, identities);
    const mails: string[] = [];
    for (const mail of contents.mails) {
      const truth = truths.get(mail.id);
      if (!truth) throw new Error(`mail ${mail.id} is not in the vector's list`);
      mails.push(`${mail.id} ${await watch(mail, index, truth)}`);
    }
    for (const { id } of contents.damaged) mails.push(`${id} damaged`);
    const { faults } = await verify(view, identities);
    const places = new Set(faults.map((fault) => fault.slice(0, fault.indexOf(':'))));
    return { mails, void: contents.void, erased: contents.erased, faults: [...places].sort() };
  } finally {
    await view.close();
  }
}

/** Files that give one octet at each read. */
export const octetByOctet: OpenFile = async (path) => {
  const bytes = readFileSync(path);
  return {
    async read(into, offset, length, position) {
      const octet = bytes[position];
      if (octet === undefined || length === 0) return { bytesRead: 0 };
      into[offset] = octet;
      return { bytesRead: 1 };
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
