/** A segment under construction: its cells in memory, each of which can be made anew with another body. */
import { hex } from '../../src/core/bytes.js';
import { checkSize, closeFrame, makeFrame } from '../../src/format/cell.js';
import { type Counts, encodeClaim } from '../../src/format/claim.js';
import {
  describePlace,
  describeSegment,
  type SegmentPlace,
  type Stream,
  streams,
} from '../../src/format/place.js';
import type { Identity } from '../../src/seal/keys.js';
import { type Channel, makeChannel } from './channel.js';
import { makeCheckpoint, type Signing } from './checkpoint.js';
import { type EnvelopeOptions, makeEnvelope } from './envelope.js';
import { encodeHead } from './heads.js';
import type { Lane } from './lane.js';
import { type Message, type MessageOptions, makeMessage } from './message.js';
import type { ExpectedMail, Scene } from './scene.js';

const bodySizes: Record<Stream, number> = { channels: 1264, envelopes: 1264, blocks: 16368 };
const cellSizes: Record<Stream, number> = { channels: 1280, envelopes: 1280, blocks: 16384 };
export const headSize = 4096;

/** Files that begin with a head. */
export type StreamFile = Stream | 'channels.mirror';
export const streamFiles: readonly StreamFile[] = ['channels', 'channels.mirror', 'envelopes', 'blocks'];

export class Segment {
  readonly cells: Record<Stream, Uint8Array[]> = { channels: [], envelopes: [], blocks: [] };
  /** H of each cell. */
  readonly hashes: Record<Stream, Uint8Array[]> = { channels: [], envelopes: [], blocks: [] };
  /** What the claim says in place of all cells there are. */
  claim: Partial<Counts> = {};
  /** What the next segment's head claims for this one, in place of its claim. */
  claimBySuccessor: Partial<Counts> = {};
  /** The line `previous` of the head, in place of what follows from the segment before. */
  previous: string | undefined;
  /** Lines of a file's head, in place of the right ones. */
  lines: (file: StreamFile, lines: string[]) => string[] = (_, lines) => lines;
  /** The file `checkpoint`, if there is one. */
  checkpoint: Uint8Array | undefined;
  /** Whether nothing is left of it but its checkpoint. */
  dropped = false;
  readonly #channels: Channel[] = [];

  constructor(
    readonly scene: Scene,
    readonly lane: Lane,
    public place: SegmentPlace,
  ) {}

  chance(length: number): Uint8Array {
    return this.scene.chance(length);
  }

  /** "lane 3f9a0c21, segment 0": where a fault of the segment is. */
  get named(): string {
    return describeSegment(this.place);
  }

  /** Where a fault of a cell is. */
  at(stream: Stream, number: number): string {
    return describePlace(this.place, stream, number);
  }

  /** Where faults of its heads are. */
  get headNames(): string[] {
    return streamFiles.map((file) => `${this.named}, ${file}`);
  }

  /** The path of one of its files, or of its folder. */
  path(file?: string): string {
    const folder = `${this.lane.folder}/segment-${String(this.place.segment).padStart(8, '0')}`;
    return file === undefined ? folder : `${folder}/${file}`;
  }

  /** The number of the next cell of a stream. */
  next(stream: Stream): number {
    return this.cells[stream].length;
  }

  /** Makes a cell with a good check. Returns its H. */
  put(stream: Stream, number: number, body: Uint8Array): Uint8Array {
    const frame = makeFrame(stream);
    frame.body.set(body);
    const hash = closeFrame(frame, this.place, stream, number);
    for (let hole = this.next(stream); hole < number; hole++) this.filler(stream);
    this.cells[stream][number] = frame.cell.slice();
    this.hashes[stream][number] = hash;
    return hash;
  }

  /** A copy of a cell's body. */
  body(stream: Stream, number: number): Uint8Array {
    return (this.cells[stream][number] as Uint8Array).slice(0, bodySizes[stream]);
  }

  /** Changes the body of a cell, and makes its check anew. */
  change(stream: Stream, number: number, edit: (body: Uint8Array) => void): void {
    const body = this.body(stream, number);
    edit(body);
    this.put(stream, number, body);
  }

  /** Changes a cell where it stands: its check is left as it is. */
  damage(stream: Stream, number: number, at: number): void {
    const cell = this.cells[stream][number] as Uint8Array;
    cell[at] = (cell[at] as number) ^ 1;
  }

  /** Writes a body over another cell, or behind the last: the same octets, with the check of their new place. */
  copy(stream: Stream, from: number, to: number, source: Segment = this): Uint8Array {
    return this.put(stream, to, source.body(stream, from));
  }

  /** Exchanges the bodies of two cells; the checks are those of their new places. */
  exchange(stream: Stream, one: number, other: number): void {
    const body = this.body(stream, one);
    this.copy(stream, other, one);
    this.put(stream, other, body);
  }

  /** Puts the segment at another place, with heads and all checks made anew. */
  move(place: Partial<SegmentPlace>): void {
    this.place = { ...this.place, ...place };
    for (const stream of streams)
      for (const number of this.cells[stream].keys()) this.put(stream, number, this.body(stream, number));
  }

  /** Appends cells with random bodies and good checks. */
  filler(stream: Stream, count = 1): void {
    for (let done = 0; done < count; done++)
      this.put(stream, this.next(stream), this.chance(bodySizes[stream]));
  }

  /** Opens a channel; mail to this owner goes through the newest. */
  channel(owner: Identity): Channel {
    const number = this.next('channels');
    const { body, channel } = makeChannel(owner, this.place, number, this.scene.chance);
    return this.addChannel(body, channel);
  }

  addChannel(body: Uint8Array, channel: Channel): Channel {
    this.put('channels', channel.number, body);
    this.#channels.push(channel);
    return channel;
  }

  channelOf(owner: Identity): Channel {
    const found = this.#channels.findLast((channel) => channel.owner === owner);
    if (!found) throw new Error('no channel to this owner in this segment');
    return found;
  }

  message(options: MessageOptions = {}): Message {
    return makeMessage(this, options);
  }

  /** Seals an envelope, and expects its mail to be found whole. */
  envelope(message: Message, owner: Identity, options: EnvelopeOptions = {}): ExpectedMail {
    return makeEnvelope(this, message, owner, options);
  }

  /** One message to one owner. */
  mail(owner: Identity, options: MessageOptions & EnvelopeOptions = {}): ExpectedMail & { message: Message } {
    const message = this.message(options);
    return Object.assign(this.envelope(message, owner, options), { message });
  }

  /** Takes all blocks out, where nothing is to come so far as to read them. */
  leaveOutBlocks(): void {
    this.cells.blocks.length = 0;
  }

  /** Puts the erased form in the place of a mail's envelope. */
  erase(mail: ExpectedMail): void {
    const { number, hash, step } = mail;
    this.change('envelopes', number, (body) => {
      body.fill(0);
      body.set(step.tag);
      body.set(step.secret, 32);
      body.set(hash, 64);
    });
  }

  /** Signs the cells as they are now. */
  sign(signing: Signing = {}): Uint8Array {
    this.checkpoint = makeCheckpoint(this, signing);
    return this.checkpoint;
  }

  /** Where faults of its checkpoint are. */
  get checkpointNamed(): string {
    return `${this.named}, checkpoint`;
  }

  get counts(): Counts {
    return {
      channels: this.next('channels'),
      envelopes: this.next('envelopes'),
      blocks: this.next('blocks'),
    };
  }

  #previousLine(): string {
    if (this.previous !== undefined) return `previous ${this.previous}`;
    const before = this.lane.before(this);
    if (!before) return 'previous none';
    const { place, counts } = before;
    const claim = { ...counts, ...before.claim, ...before.claimBySuccessor };
    const extents = streams.map((stream) => `${stream} ${claim[stream]} ${counts[stream]}`);
    return `previous ${place.segment} ${hex(place.id)} ${extents.join(' ')}`;
  }

  #head(file: StreamFile): Uint8Array {
    const { journal, lane, segment, id } = this.place;
    const stream = file === 'channels.mirror' ? 'channels' : file;
    const lines = [
      'obalka segment 1',
      `journal ${hex(journal)}`,
      `lane ${hex(lane)}`,
      `segment ${segment}`,
      `id ${hex(id)}`,
      `stream ${stream}`,
      `cell ${cellSizes[stream]}`,
      'week 2027-W02',
      this.#previousLine(),
    ];
    return encodeHead(this.lines(file, lines), headSize);
  }

  /** Writes its files. */
  write(files: Map<string, Uint8Array>): void {
    if (!this.dropped) this.#writeCells(files);
    if (this.checkpoint) files.set(this.path('checkpoint'), this.checkpoint);
  }

  #writeCells(files: Map<string, Uint8Array>): void {
    for (const file of streamFiles) {
      const stream = file === 'channels.mirror' ? 'channels' : file;
      files.set(this.path(file), Buffer.concat([this.#head(file), ...this.cells[stream]]));
    }
    files.set(this.path('synced'), encodeClaim({ ...this.counts, ...this.claim }, this.place));
  }
}

/** Where in its file a cell begins, or an octet of it stands. */
export function offsetOf(stream: Stream, number: number, octet = 0): number {
  return headSize + number * cellSizes[stream] + octet;
}

/** Where the check of a cell begins. */
export function checkAt(stream: Stream): number {
  return cellSizes[stream] - checkSize;
}
