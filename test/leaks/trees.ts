/** What shows of a data directory without a key: names, kinds, modes, lengths, times; and octets, but for cells. */
import { type BigIntStats, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes, checkSize } from '../../src/format/cell.js';
import { decodeSegmentHead, headSize } from '../../src/format/head.js';
import { type SegmentPlace, type Stream, streams } from '../../src/format/place.js';
import { entriesBelow, readIfThere } from '../support/live-folder.js';

/** One look at a folder: path → what shows of it, in words that can be compared. */
export type Look = ReadonlyMap<string, string>;

/** What a journal's files and folders are set to. */
const constant = 'written 946684800000000000';
const streamFile = /\/(channels|channels\.mirror|envelopes|blocks|synced)$/;

/** Folders whose files all have the constant as their time. */
const withConstant = /(^|\/)(journal|signers)(\/|$)/;
/** Written a second after what it covers: until the server has ended, it depends on when one looks. */
const late = /\/checkpoint(\.unfinished)?$/;

/**
 * Files of the journal and of `signers` are told with their times to the nanosecond; the access time where the server only
 * writes. Of all others `changed` says if their time was another one at the look before: two servers are not started in
 * one instant.
 */
export class Observer {
  readonly #folder: string;
  readonly #times = new Map<string, bigint>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What shows now, without what is late. */
  look(): Look {
    return this.#look((name) => !late.test(name));
  }

  /** What shows after the end of a server: all of it. */
  lookAtAll(): Look {
    return this.#look(() => true);
  }

  /** What shows as soon as all times are the constant, as they are soon after a write; or after so many milliseconds. */
  async settled(patience: number): Promise<Look> {
    const end = Date.now() + patience;
    const before = new Map(this.#times);
    for (;;) {
      await new Promise((done) => setTimeout(done, 220));
      for (const [name, time] of before) this.#times.set(name, time);
      const look = this.look();
      const isSettled = [...look].every(
        ([name, shown]) => !withConstant.test(name) || shown.includes(constant),
      );
      if (isSettled || Date.now() > end) return look;
    }
  }

  #look(isSeen: (name: string) => boolean): Look {
    const entries = entriesBelow(this.#folder).filter(([name]) => isSeen(name));
    const itself = lstatSync(this.#folder, { bigint: true });
    return new Map(
      [['.', itself] as const, ...entries].map(([name, stats]) => [name, this.#shown(name, stats)]),
    );
  }

  #shown(name: string, stats: BigIntStats): string {
    const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'socket';
    const size = kind === 'file' ? ` of ${stats.size}` : '';
    const before = this.#times.get(name);
    this.#times.set(name, stats.mtimeNs);
    const isConstant = withConstant.test(name);
    const times = [
      isConstant ? `written ${stats.mtimeNs}` : before === stats.mtimeNs ? 'as before' : 'changed',
      ...(streamFile.test(name) ? [`read ${stats.atimeNs}`] : []),
    ];
    const mode = (stats.mode & 0o7777n).toString(8);
    return `${kind}${size}, ${mode}, ${stats.uid}:${stats.gid}, ${stats.nlink}, ${times.join(', ')}`;
  }
}

/** What is in one look and not in the other, or otherwise. */
export function differences(first: Look, second: Look): string[] {
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((name) => first.get(name) !== second.get(name))
    .map((name) => `${name}: ${first.get(name) ?? 'not there'} / ${second.get(name) ?? 'not there'}`);
}

/** Bodies of all cells of a journal, by stream. */
export type Cells = Readonly<Record<Stream, Buffer[]>>;

/** The body of a channel cell, with its place. */
export interface PlacedChannel {
  readonly body: Buffer;
  readonly at: SegmentPlace;
  readonly number: number;
}

export interface Contents {
  /** Of each file; of a stream its head, of a mirror whether it is the same. */
  readonly octets: ReadonlyMap<string, Buffer>;
  readonly cells: Cells;
  readonly channels: readonly PlacedChannel[];
}

/** The octets of all files but cells, and the cells' bodies. */
export function contents(folder: string): Contents {
  const octets = new Map<string, Buffer>();
  const cells: Cells = { channels: [], envelopes: [], blocks: [] };
  const channels: PlacedChannel[] = [];
  for (const [name, stats] of entriesBelow(folder)) {
    const path = join(folder, name);
    const bytes = stats.isFile() ? readIfThere(path) : undefined;
    if (!bytes) continue;
    const stream = streams.find((one) => name.endsWith(`/${one}`));
    if (name.endsWith('/channels.mirror')) {
      const same = bytes.equals(readFileSync(path.replace(/\.mirror$/, '')));
      octets.set(name, Buffer.from(same ? 'the same' : 'not the same'));
    } else if (stream) {
      octets.set(name, bytes.subarray(0, headSize));
      const size = cellSizes[stream];
      for (let from = headSize; from < bytes.length; from += size) {
        const body = bytes.subarray(from, Math.min(from + size - checkSize, bytes.length));
        cells[stream].push(body);
        if (stream === 'channels')
          channels.push({
            body,
            at: decodeSegmentHead(bytes.subarray(0, headSize), name),
            number: (from - headSize) / size,
          });
      }
    } else {
      octets.set(name, name.endsWith('/lane') ? withoutSigner(bytes) : bytes);
      // How often SQLite wrote, how many pages there are, and which are free.
      if (name.endsWith('.sqlite')) octets.set(`${name}, its header`, bytes.subarray(0, 100));
    }
  }
  return { octets, cells, channels };
}

/** The head of a lane without the public key that signs checkpoints, and without the check over it. */
function withoutSigner(head: Buffer): Buffer {
  const text = head.toString('latin1').replace(/^(signer|check) [0-9a-f]{64}$/gm, '$1');
  return Buffer.from(text, 'latin1');
}
