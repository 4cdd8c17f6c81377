/** Names: where the files of a journal stand (spec/journal.md, Files). */
import { join } from 'node:path';
import { hex } from '../core/bytes.js';

export const journalFile = 'journal';
export const laneFile = 'lane';
export const claimFile = 'synced';
export const mirrorFile = 'channels.mirror';
export const checkpointFile = 'checkpoint';
/** What is being erased: it is there for a moment, or after a crash until the next start. */
export const erasingFile = 'erasing';

/** Modification time of every file, in seconds since 1970: 2000-01-01; that of envelopes: erased-time.ts. */
export const constantTime = 946_684_800;

export function laneFolder(journal: string, lane: Uint8Array): string {
  return join(journal, `lane-${hex(lane)}`);
}

export function isLaneFolder(name: string): boolean {
  return /^lane-[0-9a-f]{32}$/.test(name);
}

/** The id in a lane folder's name; undefined for any other name. */
export function laneOfFolder(name: string): Uint8Array | undefined {
  return isLaneFolder(name) ? new Uint8Array(Buffer.from(name.slice('lane-'.length), 'hex')) : undefined;
}

export function segmentFolder(lane: string, segment: number): string {
  return join(lane, `segment-${String(segment).padStart(8, '0')}`);
}

/** The number in a segment folder's name; undefined for any other name. */
export function segmentNumber(name: string): number | undefined {
  const match = /^segment-(\d{8,10})$/.exec(name);
  const number = Number(match?.[1]);
  // Only the one way of writing it, and only numbers that a run can hold (spec/sealing.md, Envelope plaintext).
  const isName = match !== null && number < 2 ** 32 - 1 && String(number).padStart(8, '0') === match[1];
  return isName ? number : undefined;
}

/** Where the cells of a segment go that is being dropped; left over after a crash, that is finished. */
export function droppingFolder(lane: string, segment: number): string {
  return join(lane, `dropping-${String(segment).padStart(8, '0')}`);
}

/** The number in the name of such a folder; undefined for any other name. */
export function droppingNumber(name: string): number | undefined {
  return name.startsWith('dropping-') ? segmentNumber(name.replace('dropping-', 'segment-')) : undefined;
}

/** A segment under way, until it is renamed; left over after a crash, it is removed. */
export const unfinishedFolder = 'unfinished';
