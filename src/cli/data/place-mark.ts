/** Place mark: the file `place` of a data directory, by which its copy is told from itself (spec/journal.md, Lineage). */
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ascii, hex } from '../../core/bytes.js';
import { NewerVersion, Problem } from '../../core/errors.js';
import { sha256 } from '../../core/sha256.js';
import type { LaneCause } from '../../format/head.js';
import { constantTime, journalFile } from '../../journal/names.js';
import type { DataDirectory } from './data-directory.js';

/** What the file says: where the journal stood, and how far its writers had come. */
export interface PlaceMark {
  /** A hash of number and time of making of the file `journal/journal`; "restored" after `restore`. */
  readonly at: string;
  /** The lanes that were written here, with the newest segment of each. */
  readonly lanes: readonly LaneMark[];
}

export interface LaneMark {
  /** The lane in hexadecimal. */
  readonly lane: string;
  readonly segment: number;
}

/** The file has one size for each number of lanes, whatever it says of them. */
const form = /^obalka place 1\nat (restored {33}|[0-9a-f]{41})\n((?:lane [0-9a-f]{32} \d{10}\n)+)$/;
const laneForm = /lane ([0-9a-f]{32}) (\d{10})\n/g;
/** Stands for a lane where there is none. */
const noLane = { lane: '0'.repeat(32), segment: 0 };

/** Undefined if there is none, or none that can be read. Throws NewerVersion. */
export async function readMark(data: DataDirectory): Promise<PlaceMark | undefined> {
  const text = await readFile(data.place, 'latin1').catch(() => '');
  const version = /^obalka place (\d{1,9})\n/.exec(text)?.[1];
  if (version !== undefined && version !== '1')
    throw new NewerVersion(
      data.place,
      `version ${version}; this program reads version 1: use a newer obalka`,
    );
  const [, at, lines] = form.exec(text) ?? [];
  if (at === undefined || lines === undefined) return undefined;
  const lanes = [...lines.matchAll(laneForm)].map(([, lane = '', segment]) => ({
    lane,
    segment: Number(segment),
  }));
  return { at: at.trimEnd(), lanes: lanes.filter(({ lane }) => lane !== noLane.lane) };
}

/** Writes the mark in its place: a program that copies meets no file that comes and goes. */
export async function writeMark(data: DataDirectory, { at, lanes }: PlaceMark): Promise<void> {
  const lines = (lanes.length > 0 ? lanes : [noLane]).map(
    ({ lane, segment }) => `lane ${lane} ${String(segment).padStart(10, '0')}\n`,
  );
  const text = `obalka place 1\nat ${at.padEnd(41)}\n${lines.join('')}`;
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  const file = await open(data.place, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP' || error.code === 'ENXIO') throw noMark(data.place);
    throw error;
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.nlink !== 1) throw noMark(data.place);
    await file.truncate(text.length);
    await file.write(text, 0, 'latin1');
    await file.sync();
    await file.utimes(constantTime, constantTime);
  } finally {
    await file.close();
  }
}

/** What is written over must be nobody else's: a copy may have come from anywhere. */
function noMark(path: string): Problem {
  return new Problem(
    'failure',
    `${path}: it is a link, or no file, and is not written to; remove it, and make sure that only the server's user can write to this folder`,
  );
}

/** Where the journal stands now. */
export async function placeOf(data: DataDirectory): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(data.journal, journalFile), { bigint: true });
  // Only whether it is the same matters: no time stands in the file.
  return hex(sha256(ascii(`${ino} ${birthtimeNs}`))).slice(0, 41);
}

/**
 * Why writers must not go on with a lane: this directory is a copy, was restored, or lost segments of it that its writer
 * had begun. `newest` says the newest segment of a lane that is there now.
 */
export async function causeOf(
  data: DataDirectory,
  mark: PlaceMark | undefined,
  newest: (lane: string) => Promise<number>,
): Promise<LaneCauses> {
  if (mark === undefined) return { all: undefined, lost: new Set() };
  if (mark.at === 'restored') return { all: 'restore', lost: new Set() };
  if (mark.at !== (await placeOf(data))) return { all: 'copy', lost: new Set() };
  const lost = new Set<string>();
  for (const { lane, segment } of mark.lanes) if ((await newest(lane)) < segment) lost.add(lane);
  return { all: undefined, lost };
}

export interface LaneCauses {
  /** Why none of the lanes is to be gone on with. */
  readonly all: LaneCause | undefined;
  /** Lanes in hexadecimal that lack segments which were begun. */
  readonly lost: ReadonlySet<string>;
}

/** The mark file of a journal that is being written here. One process writes it. */
export class PlaceMarking {
  readonly #data: DataDirectory;
  readonly #at: string;
  readonly #lanes: Map<string, number>;
  #written: Promise<void> = Promise.resolve();

  private constructor(data: DataDirectory, at: string, lanes: Map<string, number>) {
    this.#data = data;
    this.#at = at;
    this.#lanes = lanes;
  }

  /** `old` says how far lanes had come that are gone on with. */
  static async start(
    data: DataDirectory,
    lanes: readonly string[],
    old: PlaceMark | undefined,
  ): Promise<PlaceMarking> {
    const kept = old?.lanes.filter(({ lane }) => lanes.includes(lane)) ?? [];
    const marks = new Map(kept.map(({ lane, segment }) => [lane, segment]));
    return new PlaceMarking(data, await placeOf(data), marks);
  }

  /** A segment was begun. */
  begun(lane: Uint8Array, segment: number): Promise<void> {
    this.#lanes.set(hex(lane), segment);
    return this.write();
  }

  write(): Promise<void> {
    const mark = () => [...this.#lanes].map(([lane, segment]) => ({ lane, segment }));
    this.#written = this.#written
      .catch(() => undefined)
      .then(() => writeMark(this.#data, { at: this.#at, lanes: mark() }));
    return this.#written;
  }
}
