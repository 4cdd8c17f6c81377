/** Heads and claims, the two kinds of text in a journal: journal.md, Heads and Claim. */
import { sha256 } from '@noble/hashes/sha2.js';
import { ascii, Fault, hex, join, latin } from './bytes.js';
import { type Files, octetsOf } from './files.js';

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

const idForm = /^[0-9a-f]{32}$/;
const previousForm =
  /^(?:none|(\d{1,10}) ([0-9a-f]{32}) channels (\d{1,10}) \d{1,10} envelopes (\d{1,10}) \d{1,10} blocks (\d{1,10}) \d{1,10})$/;

/** The value of a line, which must have this form. */
type Line = (key: string, form: RegExp) => string;

/** A head of another version: a newer program may know what it says. */
export class NewerVersion extends Fault {}

/** Journal.md, Reading a head: the lines of one of this kind. `size` is that of the table of kinds. */
function readHead(files: Files, name: string, kind: string, size: number, place: string): Line {
  const length = files.length(name);
  if (length === undefined) throw new Fault(place, 'is missing');
  const head = octetsOf(files, name, 0, size);
  const lines = latin(head).split('\n');
  const [, version] = new RegExp(`^obalka ${kind} (\\d+)$`).exec(lines[0] as string) ?? [];
  if (version === undefined) throw new Fault(place, `this is no head of a ${kind}`);
  if (version !== '1') throw new NewerVersion(place, `version ${version}: a newer program is needed`);
  if (head.length < size || (size === 512 && length !== size))
    throw new Fault(place, 'head has another length');
  const check = `check ${hex(sha256(head.subarray(0, size - 71)))}\n`;
  if (latin(head.subarray(size - 71)) !== check) throw new Fault(place, 'head does not match its check');
  return (key, form) => {
    const line = lines.findLast((one) => one.startsWith(`${key} `));
    const value = line?.slice(key.length + 1);
    if (value === undefined || !form.test(value)) throw new Fault(place, `no good line ${key}`);
    return value;
  };
}

/** The head `journal`: its id. */
export function readJournalHead(files: Files): string {
  return readHead(files, 'journal', 'journal', 512, 'journal')('journal', idForm);
}

/** The head `lane` of a lane's folder. */
export function readLaneHead(files: Files, name: string, place: string) {
  const line = readHead(files, name, 'lane', 512, place);
  const signer = line('signer', /^[0-9a-f]{64}$/);
  return { journal: line('journal', idForm), lane: line('lane', idForm), signer };
}

/** The head of a stream's file, or of the mirror. `previous` is undefined where it says none; `how` is it and the week. */
export function readSegmentHead(files: Files, name: string, stream: Stream, place: string) {
  const line = readHead(files, name, 'segment', 4096, place);
  line('stream', new RegExp(`^${stream}$`));
  line('cell', new RegExp(`^${streams[stream].size}$`));
  const how = `${line('week', /^\d{4}-W\d\d$/)} ${line('previous', previousForm)}`;
  const [, number, before, ...counts] = previousForm.exec(line('previous', previousForm)) ?? [];
  const previous: Previous | undefined =
    before === undefined ? undefined : { segment: Number(number), id: before, claim: claimOf(counts) };
  const [journal, lane, id] = [line('journal', idForm), line('lane', idForm), line('id', idForm)];
  return { journal, lane, number: Number(line('segment', /^\d{1,10}$/)), id, previous, how };
}

function claimOf([channels, envelopes, blocks]: (string | undefined)[]): Claim {
  return { channels: Number(channels), envelopes: Number(envelopes), blocks: Number(blocks) };
}

/** Journal.md, Claim: the text of `synced`, undefined if it claims nothing. `place` is that of channel cell 0. */
export function readClaim(synced: Uint8Array, place: Uint8Array): Claim | undefined {
  const form = /^(synced (\d{10}) (\d{10}) (\d{10})\n)([0-9a-f]{32})\n$/;
  const [, line, channels, envelopes, blocks, check] = form.exec(latin(synced)) ?? [];
  if (line === undefined) return undefined;
  const hash = sha256(join(ascii('obalka synced v1'), place, ascii(line)));
  return hex(hash.subarray(0, 16)) === check ? claimOf([channels, envelopes, blocks]) : undefined;
}
