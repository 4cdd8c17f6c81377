/** Place mark: the file `place` of a data directory, by which its copy is told from itself (spec/journal.md, Copies that are served). */
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ascii, hex } from '../core/bytes.js';
import { sha256 } from '../core/sha256.js';
import type { LaneCause } from '../format/head.js';
import { constantTime, journalFile } from '../journal/names.js';
import type { DataDirectory } from './data-directory.js';

/** What the file says: where the journal stood, and how far its writer had come. */
export interface PlaceMark {
  /** A hash of number and time of making of the file `journal/journal`; "restored" after `restore`. */
  readonly at: string;
  /** The lane in hexadecimal, zeros for none, and its newest segment. */
  readonly lane: string;
  readonly segment: number;
}

/** The file has one size, whatever it says. */
const form = /^obalka place 1\nat (restored {33}|[0-9a-f]{41})\nlane ([0-9a-f]{32}) (\d{10})\n$/;
const noLane = '0'.repeat(32);

/** Undefined if there is none, or none that can be read. */
export async function readMark(data: DataDirectory): Promise<PlaceMark | undefined> {
  const text = await readFile(data.place, 'latin1').catch(() => '');
  const [, at, lane, segment] = form.exec(text) ?? [];
  return at === undefined || lane === undefined
    ? undefined
    : { at: at.trimEnd(), lane, segment: Number(segment) };
}

/** Writes the mark in its place: it fits into one sector, and a program that copies meets no file that comes and goes. */
export async function writeMark(data: DataDirectory, { at, lane, segment }: PlaceMark): Promise<void> {
  const text = `obalka place 1\nat ${at.padEnd(41)}\nlane ${lane} ${String(segment).padStart(10, '0')}\n`;
  const file = await open(data.place, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    await file.truncate(text.length);
    await file.write(text, 0, 'latin1');
    await file.sync();
    await file.utimes(constantTime, constantTime);
  } finally {
    await file.close();
  }
}

/** Where the journal stands now. */
export async function placeOf(data: DataDirectory): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(data.journal, journalFile), { bigint: true });
  // Only whether it is the same matters: no time stands in the file.
  return hex(sha256(ascii(`${ino} ${birthtimeNs}`))).slice(0, 41);
}

/**
 * Why the writer must begin a new lane: this directory is a copy, was restored, or lost segments that its writer had
 * begun. `newest` says the newest segment of a lane that is there now.
 */
export async function causeOf(
  data: DataDirectory,
  mark: PlaceMark | undefined,
  newest: (lane: string) => Promise<number>,
): Promise<LaneCause | undefined> {
  if (mark === undefined) return undefined;
  if (mark.at === 'restored') return 'restore';
  if (mark.at !== (await placeOf(data))) return 'copy';
  if (mark.lane === noLane) return undefined;
  return (await newest(mark.lane)) < mark.segment ? 'lost-segments' : undefined;
}

/** The mark of a journal that is being written here. */
export async function markOf(
  data: DataDirectory,
  at: { readonly lane: Uint8Array; readonly segment: number } | undefined,
): Promise<PlaceMark> {
  return { at: await placeOf(data), lane: at ? hex(at.lane) : noLane, segment: at?.segment ?? 0 };
}
