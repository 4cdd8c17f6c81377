/** Lanes for tests: on a test disk, with cells that are not sealed but can be told apart. */
import { ascii } from '../../src/core/bytes.js';
import { type Counts, decodeClaim } from '../../src/format/claim.js';
import { decodeSegmentHead, type SegmentHead } from '../../src/format/head.js';
import type { Run } from '../../src/format/runs.js';
import { createJournal } from '../../src/journal/create-journal.js';
import type { Disk } from '../../src/journal/disk.js';
import { Lane, type LaneOptions } from '../../src/journal/lane.js';
import { bytesFrom, type Chance, chance, withFewFillers } from '../support/chance.js';
import { signersInMemory } from '../support/signers.js';
import type { TestDisk } from '../support/test-disk.js';
import { TestFile, TestFolder } from '../support/test-tree.js';

export const journalFolder = '/journal';

/** An envelope is its text; the channels say nothing. */
export class PlainSealing {
  /** Envelopes that need a channel of their own. */
  readonly needy = new Set<string>();
  channels = 1;

  async beginSegment(): Promise<Uint8Array[]> {
    return Array.from({ length: this.channels }, (_, index) => bytesFrom(`channel ${index}`, 1264));
  }

  openChannels(envelopes: readonly string[]): Uint8Array[] {
    return envelopes.filter((text) => this.needy.delete(text)).map((text) => bytesFrom(text, 1264));
  }

  sealEnvelope(text: string, body: Uint8Array): void {
    if (text.startsWith('unsealable')) throw new Error('no channel');
    body.fill(0);
    body.set(ascii(text));
  }
}

export interface TestLane {
  readonly lane: Lane<string>;
  readonly sealing: PlainSealing;
}

export async function openLane(
  disk: Disk,
  options: Partial<
    Pick<LaneOptions<string>, 'maxStreamSize' | 'maxChannels' | 'week' | 'signers' | 'onChanged'>
  > & {
    random?: Chance;
    folder?: string;
  } = {},
): Promise<TestLane> {
  const random = options.random ?? withFewFillers(chance('lane'), 0);
  const folder = options.folder ?? journalFolder;
  const sealing = new PlainSealing();
  const { id } = await createJournal(disk, folder, random);
  const lane = await Lane.open<string>({
    disk,
    folder,
    journal: id,
    sealing,
    random,
    signers: options.signers ?? signersInMemory(),
    week: options.week ?? (() => '2026-W47'),
    ...(options.onChanged === undefined ? {} : { onChanged: options.onChanged }),
    ...(options.maxStreamSize === undefined ? {} : { maxStreamSize: options.maxStreamSize }),
    ...(options.maxChannels === undefined ? {} : { maxChannels: options.maxChannels }),
  });
  return { lane, sealing };
}

/** Appends one block of some text; returns its run. */
export async function appendBlock(lane: Lane<string>, text: string): Promise<Run> {
  await lane.begin();
  const { segment, number } = lane.appendBlock((body) => {
    body.fill(0);
    body.set(ascii(text));
  });
  return { segment, first: number, count: 1 };
}

/** A mail of one block and one envelope. */
export async function sendPlain(lane: Lane<string>, text: string): Promise<void> {
  const run = await appendBlock(lane, text);
  await lane.commit([run], [text]);
}

/** The files of each segment on a test disk, by the segment's number. */
export function segmentsOn(disk: TestDisk): Map<number, Record<string, TestFile>> {
  const found = new Map<number, Record<string, TestFile>>();
  const journal = disk.root.entries.get('journal');
  const lanes = journal instanceof TestFolder ? [...journal.entries] : [];
  for (const [name, lane] of lanes) {
    if (!(lane instanceof TestFolder) || !name.startsWith('lane-')) continue;
    for (const [folder, segment] of lane.entries)
      if (segment instanceof TestFolder && folder.startsWith('segment-')) {
        const files = [...segment.entries].filter(
          (entry): entry is [string, TestFile] => entry[1] instanceof TestFile,
        );
        found.set(Number(folder.slice(8)), Object.fromEntries(files));
      }
  }
  return found;
}

export function headOn(disk: TestDisk, segment: number): SegmentHead {
  const file = segmentsOn(disk).get(segment)?.blocks as TestFile;
  return decodeSegmentHead(file.bytes.subarray(0, 4096), `segment ${segment}`);
}

export function claimOn(disk: TestDisk, segment: number): Counts | undefined {
  const file = segmentsOn(disk).get(segment)?.synced as TestFile;
  return decodeClaim(file.bytes, headOn(disk, segment));
}

/** Something that waits until it is let go. */
export class Gate {
  readonly passed: Promise<void>;
  #open: () => void = () => {};

  constructor() {
    this.passed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }
}

/** Lets everything run that does not wait for a gate. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise has settled once everything else has run. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  await settle();
  return settled;
}
