/** Blocks, runs and messages, as their owner opens them: sealing.md, Blocks, Resolving runs, Opening a message. */
import { sha256 } from '@noble/hashes/sha2.js';
import { equal, Fault, join, keepFault, unsigned } from './bytes.js';
import { decodeCbor } from './cbor.js';
import { type Cell, cellOf, place, placeOfCell, type Segment } from './cells.js';
import { type Journal, segmentOf } from './journal.js';
import { derive } from './keys.js';
import { aead, type Envelope, type Run, readRuns } from './sealing.js';

const nothing = new Uint8Array();

/** Sealing.md, Keys of a message. */
export type MessageKeys = { blockKey: Uint8Array; commitment: Uint8Array; baseNonce: Uint8Array };

export function messageKeys(key: Uint8Array): MessageKeys {
  const both = derive(key, 'obalka block key v1', nothing, 64);
  const baseNonce = derive(key, 'obalka block nonce v1', nothing, 16).slice(0, 12);
  return { blockKey: both.slice(0, 32), commitment: both.slice(32), baseNonce };
}

/** Base nonce XOR level | final | 0^2 | index (sealing.md, Keys of a message). */
export function blockNonce(base: Uint8Array, level: number, final: boolean, index: number): Uint8Array {
  const mask = join(unsigned(level, 1), unsigned(final ? 1 : 0, 1), new Uint8Array(2), unsigned(index, 8));
  return base.map((octet, i) => octet ^ (mask[i] as number));
}

/** blocks(n) of sealing.md, Data blocks. */
export function blocksFor(n: number): number {
  return 1 + Math.ceil(Math.max(0, n - 16320) / 16352);
}

/** The position of one block of a message; the segment is undefined where it cannot be read. */
type Position = { segment: Segment | undefined; n: number; at: string };

/** The blocks that runs name, one by one, each in its segment of the envelope's lane. */
function* positions(journal: Journal, { lane }: Segment, runs: readonly Run[]): Generator<Position> {
  for (const run of runs) {
    const segment = segmentOf(journal, lane, run.segment);
    for (let n = run.first; n < run.first + run.count; n += 1)
      yield { segment, n, at: placeOfCell({ lane, number: run.segment }, 'blocks', n) };
  }
}

/** A block that is there: its segment, the whole cell, and its check. */
type GoodBlock = Cell & { segment: Segment; n: number; at: string };

function goodBlock(journal: Journal, { segment, n, at }: Position): GoodBlock {
  if (segment === undefined) throw new Fault(at, 'the segment is missing or cannot be read');
  const cell = cellOf(journal.files, segment, 'blocks', n);
  if (cell === undefined) throw new Fault(at, 'the block is missing');
  if (!cell.holds) throw new Fault(at, 'does not match its check');
  return { ...cell, segment, n, at };
}

/** Sealing.md, Keys of a message and the table of bodies: the plaintext of a block. */
function openBlock(
  keys: MessageKeys,
  block: GoodBlock,
  level: number,
  index: number,
  final: boolean,
): Uint8Array {
  const data = join(place(block.segment, 'blocks', block.n), keys.commitment);
  const sealed = level === 0 && index === 0 ? block.body.subarray(32) : block.body;
  const text = aead.open(keys.blockKey, blockNonce(keys.baseNonce, level, final, index), data, sealed);
  if (text === undefined) throw new Fault(block.at, 'the block does not open');
  return text;
}

function totalOf(envelope: Envelope): number {
  return envelope.prelude + envelope.content + envelope.trailer;
}

function named(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}

/** Checkpoints.md, Dropped segments: a mail that names blocks of one is no longer to be had. */
export class Expired extends Error {}

/** Whether runs name a block twice. */
function nameTwice(runs: readonly Run[]): boolean {
  const sorted = [...runs].sort((a, b) => a.segment - b.segment || a.first - b.first);
  return sorted.some((run, i) => {
    const before = sorted[i - 1];
    return before?.segment === run.segment && run.first < before.first + before.count;
  });
}

/** Every block that is named must be there. This is asked before one is read. */
function mustBeThere(journal: Journal, { lane }: Segment, runs: readonly Run[], at: string): void {
  for (const run of runs) {
    const segment = segmentOf(journal, lane, run.segment);
    if (segment === undefined)
      throw new Fault(at, `names blocks of segment ${run.segment}, which cannot be read`);
    const missing = Math.max(run.first, segment.lengths.blocks);
    if (missing < run.first + run.count)
      throw new Fault(placeOfCell(segment, 'blocks', missing), 'the block is missing');
  }
}

/**
 * Sealing.md, Resolving runs: those of the data blocks. `at` is the place of the envelope, and `home` its segment.
 * Throws `Expired` as soon as runs of any level name a dropped segment.
 */
export function resolveRuns(journal: Journal, home: Segment, envelope: Envelope, at: string): Run[] {
  const keys = messageKeys(envelope.messageKey);
  const most = blocksFor(totalOf(envelope));
  let runs = envelope.runs;
  for (let level = envelope.depth; ; level -= 1) {
    if (runs.some((run) => segmentOf(journal, home.lane, run.segment)?.isDropped)) throw new Expired();
    if (level === 0) return runs;
    const count = named(runs);
    if (count > most) throw new Fault(at, `${count} index blocks of level ${level}, but ${most} data blocks`);
    if (nameTwice(runs)) throw new Fault(at, 'names an index block twice');
    mustBeThere(journal, home, runs, at);
    const below: Run[] = [];
    let index = 0;
    for (const position of positions(journal, home, runs)) {
      const text = openBlock(keys, goodBlock(journal, position), level, index, index === count - 1);
      const all = readRuns(text, 1362);
      const end = all.findIndex((run) => run.count === 0);
      below.push(...(end < 0 ? all : all.slice(0, end)));
      index += 1;
    }
    if (below.length > most) throw new Fault(at, `${below.length} runs, but ${most} data blocks`);
    runs = below;
  }
}

/** Sealing.md, Opening a message, 1: as many data blocks as the lengths need, each of them once. */
function mustFit(envelope: Envelope, runs: readonly Run[], at: string): void {
  const count = blocksFor(totalOf(envelope));
  if (named(runs) !== count) throw new Fault(at, `${named(runs)} blocks are named, ${count} are needed`);
  if (nameTwice(runs)) throw new Fault(at, 'names a block twice');
}

/**
 * Sealing.md, Opening an envelope, 4 and 5: what becomes of an envelope that can be read. Throws the fault if its
 * cell is not claimed and its runs do not fit its lengths.
 */
export function standingOf(
  journal: Journal,
  home: Segment,
  envelope: Envelope,
  at: string,
  claimed: boolean,
) {
  let runs: Run[];
  try {
    runs = resolveRuns(journal, home, envelope, at);
  } catch (error) {
    if (error instanceof Expired) return 'expired';
    if (error instanceof Fault) return claimed ? 'counts' : 'void';
    throw error;
  }
  if (claimed) return 'counts';
  mustFit(envelope, runs, at);
  const faults: Fault[] = [];
  keepFault(faults, () => {
    mustBeThere(journal, home, runs, at);
    for (const position of positions(journal, home, runs)) goodBlock(journal, position);
  });
  return faults.length > 0 ? 'void' : 'counts';
}

/** A piece of an opened message, in order: prelude, content, trailer. */
export type Piece = { part: 'prelude' | 'content' | 'trailer'; octets: Uint8Array };

/**
 * Sealing.md, Opening a message, piece by piece. Throws the fault that it meets; before the leaves digest was
 * compared nothing is given out, and what was given out later was sealed by the writer.
 */
export function* openMessage(
  journal: Journal,
  home: Segment,
  envelope: Envelope,
  at: string,
): Generator<Piece> {
  const total = totalOf(envelope);
  const keys = messageKeys(envelope.messageKey);
  const runs = resolveRuns(journal, home, envelope, at);
  const count = named(runs);
  mustFit(envelope, runs, at);
  mustBeThere(journal, home, runs, at);

  const leaves = sha256.create();
  const hashes: Uint8Array[] = [];
  for (const position of positions(journal, home, runs)) {
    const { H } = goodBlock(journal, position);
    leaves.update(H);
    hashes.push(H);
  }
  if (!equal(leaves.digest(), envelope.leavesDigest)) throw new Fault(at, 'the leaves digest does not match');

  const ends = { prelude: envelope.prelude, content: envelope.prelude + envelope.content, trailer: total };
  let [index, offset] = [0, 0];
  for (const position of positions(journal, home, runs)) {
    const block = goodBlock(journal, position);
    if (!equal(block.H, hashes[index] as Uint8Array)) throw new Fault(block.at, 'changed while it was read');
    if (index === 0 && !equal(block.body.subarray(0, 32), keys.commitment))
      throw new Fault(block.at, 'begins with the commitment of another message key');
    const text = openBlock(keys, block, 0, index, index === count - 1);
    const end = Math.min(total, offset + text.length);
    for (const part of ['prelude', 'content', 'trailer'] as const) {
      const from = Math.max(offset, ends[part] - envelope[part]);
      const to = Math.min(end, ends[part]);
      if (from < to) yield { part, octets: text.subarray(from - offset, to - offset) };
    }
    offset = end;
    index += 1;
  }
}

/** The content alone, piece by piece. */
export function* openContent(journal: Journal, home: Segment, envelope: Envelope, at: string) {
  for (const { part, octets } of openMessage(journal, home, envelope, at))
    if (part === 'content') yield octets;
}

/** What a prelude says (sealing.md, Data blocks): unknown keys are skipped, missing ones are empty. */
export type Prelude = Record<'from' | 'helo' | 'client' | 'protocol' | 'tls', string>;

export function readPrelude(octets: Uint8Array, at: string): Prelude {
  const map = decodeCbor(octets, at);
  if (!(map instanceof Map)) throw new Fault(at, 'the prelude is no map');
  const text = (key: string) => {
    const value = map.get(key) ?? '';
    if (typeof value !== 'string') throw new Fault(at, `the prelude's ${key} is no text`);
    return value;
  };
  const [from, helo, client] = [text('from'), text('helo'), text('client')];
  return { from, helo, client, protocol: text('protocol'), tls: text('tls') };
}
