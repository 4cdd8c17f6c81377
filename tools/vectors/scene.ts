/** A scene: the journal of one vector, with what a decoder is to find in it. */
import { hex } from '../../src/core/bytes.js';
import type { Identity } from '../../src/seal/keys.js';
import { type Chance, chance } from './chance.js';
import type { Step } from './channel.js';
import { encodeHead } from './heads.js';
import { Lane } from './lane.js';
import { alice } from './people.js';
import type { Segment } from './segment.js';

export type State = 'whole' | 'damaged' | 'void' | 'erased' | 'expired';

/** A mail that its owner finds. */
export interface ExpectedMail {
  readonly step: Step;
  /** H of its envelope's cell. */
  readonly hash: Uint8Array;
  readonly owner: Identity;
  readonly segment: Segment;
  /** Its envelope's cell. */
  number: number;
  readonly size: number;
  readonly subject: string;
  receivedAt: number;
  state: State;
  /** Whether it stands in the list, by its receive time. */
  listed: boolean;
}

export class Scene {
  readonly chance: Chance;
  id: Uint8Array;
  readonly lanes: Lane[] = [];
  /** Whose mail is looked for. */
  readers: Identity[] = [alice];
  mails: ExpectedMail[] = [];
  readonly faults = new Set<string>();
  /** Lines of the journal's head, in place of the right ones. */
  lines: (lines: string[]) => string[] = (lines) => lines;
  /** What the reader has pinned. */
  pinned: { readonly signer: Uint8Array; readonly note: Uint8Array } | undefined;
  #files: Map<string, Uint8Array> | undefined;
  #time = 1_800_000_000_000;

  constructor(label: string) {
    this.chance = chance(label);
    this.id = this.chance(16);
  }

  lane(): Lane {
    const lane = new Lane(this);
    this.lanes.push(lane);
    return lane;
  }

  /** A receive time, one second after the last. */
  tick(): number {
    this.#time += 1000;
    return this.#time;
  }

  /** The files, written when they are first asked for: from then on only they can be changed. */
  get files(): Map<string, Uint8Array> {
    if (!this.#files) {
      this.#files = new Map();
      const head = encodeHead(this.lines(['obalka journal 1', `journal ${hex(this.id)}`]), 512);
      this.#files.set('journal', head);
      for (const lane of this.lanes) lane.write(this.#files);
    }
    return this.#files;
  }

  file(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (!bytes) throw new Error(`no file ${path}`);
    return bytes;
  }

  /** Cuts a file off. */
  cut(path: string, length: number): void {
    this.files.set(path, this.file(path).slice(0, length));
  }

  /** Puts octets behind a file. */
  append(path: string, bytes: Uint8Array): void {
    this.files.set(path, Buffer.concat([this.file(path), bytes]));
  }

  /** Changes one bit of a file. */
  flip(path: string, at: number): void {
    const bytes = this.file(path).slice();
    bytes[at] = (bytes[at] as number) ^ 1;
    this.files.set(path, bytes);
  }

  /** Lets the reader pin the checkpoint that a segment has now. */
  pin({ lane, checkpoint }: Segment): void {
    if (checkpoint) this.pinned = { signer: lane.signer.publicKey, note: checkpoint };
  }

  /** Takes all files of a folder away. */
  remove(folder: string): void {
    for (const path of [...this.files.keys()]) if (path.startsWith(`${folder}/`)) this.files.delete(path);
  }

  fault(...places: readonly string[]): void {
    for (const place of places) this.faults.add(place);
  }

  /** A mail whose envelope opens, and that is damaged, as is told at these places. */
  damaged(mail: ExpectedMail, ...places: readonly string[]): void {
    mail.state = 'damaged';
    this.fault(...places);
  }

  /** A mail whose envelope is damaged. */
  lost(mail: ExpectedMail): void {
    Object.assign(mail, { state: 'damaged', listed: false });
    this.fault(mail.segment.at('envelopes', mail.number));
  }

  void(mail: ExpectedMail): void {
    Object.assign(mail, { state: 'void', listed: false });
  }

  erased(mail: ExpectedMail): void {
    Object.assign(mail, { state: 'erased', listed: false });
  }

  /** Mail that nobody finds. */
  unfound(...mails: readonly ExpectedMail[]): void {
    this.mails = this.mails.filter((mail) => !mails.includes(mail));
  }
}
