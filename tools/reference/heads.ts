/** Heads and claims, the two texts in a journal: journal.md, Heads and Claim. */
import { sha256 } from '@noble/hashes/sha2.js';
import { ascii, Fault, type Files, hex, join, latin } from './bytes.js';

/** Journal.md, Streams: code, octets of a cell, and the word for one of its cells. */
export const streams = {
  channels: { code: 1, size: 1280, word: 'channel' },
  envelopes: { code: 2, size: 1280, word: 'envelope' },
  blocks: { code: 3, size: 16384, word: 'block' },
} as const;
export type Stream = keyof typeof streams;
export const streamNames = ['channels', 'envelopes', 'blocks'] as const;

/** The number of cells of each stream that are known to be on disk. */
export type Claim = Record<Stream, number>;

/** How the segment before was left (journal.md, Segment heads). */
export type Previous = { segment: number; id: string; claim: Claim };

/** A segment's head; `previous` is undefined where it says none. */
export type SegmentHead = { journal: string; lane: string; segment: number; id: string } & {
  stream: string;
  week: string;
  previous: Previous | undefined;
};

const idForm = /^[0-9a-f]{32}$/;
const numberForm = /^\d{1,10}$/;
const previousForm =
  /^(\d{1,10}) ([0-9a-f]{32}) channels (\d{1,10}) \d{1,10} envelopes (\d{1,10}) \d{1,10} blocks (\d{1,10}) \d{1,10}$/;

/** Journal.md, Reading a head: the lines of one of this kind by their keys. `size` as in the table of kinds. */
function readLines(
  files: Files,
  name: string,
  kind: string,
  size: number,
  place: string,
): Map<string, string> {
  const length = files.length(name);
  if (length === undefined) throw new Fault(place, 'is missing');
  const head = files.read(name, 0, size);
  const lines = latin(head).split('\n');
  const [, version] = new RegExp(`^obalka ${kind} (\\d+)$`).exec(lines[0] as string) ?? [];
  if (version === undefined) throw new Fault(place, `this is no head of a ${kind}`);
  if (version !== '1') throw new Fault(place, `version ${version}: a newer program is needed`, true);
  if (head.length < size || (size === 512 && length !== size))
    throw new Fault(place, 'head has another length');
  const check = `check ${hex(sha256(head.subarray(0, size - 71)))}\n`;
  if (latin(head.subarray(size - 71)) !== check) throw new Fault(place, 'head does not match its check');
  const pairs = lines.slice(1).map((line) => line.split(/ (.*)/s).slice(0, 2));
  return new Map(pairs.map(([key, value]) => [key ?? '', value ?? '']));
}

function value(lines: Map<string, string>, key: string, form: RegExp, place: string): string {
  const found = lines.get(key);
  if (found === undefined || !form.test(found)) throw new Fault(place, `no good line ${key}`);
  return found;
}

/** The head `journal`: its id. */
export function readJournalHead(files: Files): string {
  return value(readLines(files, 'journal', 'journal', 512, 'journal'), 'journal', idForm, 'journal');
}

/** The head `lane` of a lane's folder: ids of journal and lane. */
export function readLaneHead(files: Files, name: string, place: string): { journal: string; lane: string } {
  const lines = readLines(files, name, 'lane', 512, place);
  return { journal: value(lines, 'journal', idForm, place), lane: value(lines, 'lane', idForm, place) };
}

/** The head of a stream's file, or of the mirror. */
export function readSegmentHead(files: Files, name: string, stream: Stream, place: string): SegmentHead {
  const lines = readLines(files, name, 'segment', 4096, place);
  value(lines, 'cell', new RegExp(`^${streams[stream].size}$`), place);
  const before = value(lines, 'previous', /^/, place);
  const [, segment, id, channels, envelopes, blocks] = previousForm.exec(before) ?? [];
  if (before !== 'none' && id === undefined) throw new Fault(place, 'no good line previous');
  const claim = { channels: Number(channels), envelopes: Number(envelopes), blocks: Number(blocks) };
  return {
    journal: value(lines, 'journal', idForm, place),
    lane: value(lines, 'lane', idForm, place),
    segment: Number(value(lines, 'segment', numberForm, place)),
    id: value(lines, 'id', idForm, place),
    stream: value(lines, 'stream', new RegExp(`^${stream}$`), place),
    week: value(lines, 'week', /^\d{4}-W\d\d$/, place),
    previous: id === undefined ? undefined : { segment: Number(segment), id, claim },
  };
}

/** Journal.md, Claim: the text of `synced`, undefined if it claims nothing. `place` is that of channel cell 0. */
export function readClaim(synced: Uint8Array, place: Uint8Array): Claim | undefined {
  const text = latin(synced);
  const [, line, channels, envelopes, blocks, check] =
    /^(synced (\d{10}) (\d{10}) (\d{10})\n)([0-9a-f]{32})\n$/.exec(text) ?? [];
  if (line === undefined) return undefined;
  const hash = sha256(join(ascii('obalka synced v1'), place, ascii(line)));
  if (hex(hash.subarray(0, 16)) !== check) return undefined;
  return { channels: Number(channels), envelopes: Number(envelopes), blocks: Number(blocks) };
}
