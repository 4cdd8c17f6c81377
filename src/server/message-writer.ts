/** Message writer: cuts prelude, content and trailer into blocks, seals each as it fills, and appends it to the lane. */

import { append } from '../core/long-lists.js';
import { sha256, startSha256 } from '../core/sha256.js';
import { blockTextSize, runsPerIndexBlock } from '../format/blocks.js';
import { maxDirectRuns } from '../format/envelope.js';
import { addToRuns, type Run, runSize, writeRuns } from '../format/runs.js';
import type { Lane } from '../journal/lane.js';
import type { Aead } from '../seal/aead.js';
import { type BlockIndex, blockRoom, MessageKeys } from '../seal/block.js';
import type { Random } from '../seal/channel.js';
import type { Answer } from '../smtp/mail-service.js';
import type { PendingEnvelope } from './channel-table.js';

/** What the envelopes of a message say about its blocks. */
export interface WrittenMessage {
  readonly messageKey: Uint8Array;
  readonly leaves: Uint8Array;
  readonly depth: number;
  /** The runs that the envelopes name. */
  readonly runs: readonly Run[];
  /** All blocks of the message, index blocks included: what must be durable. */
  readonly allRuns: readonly Run[];
}

/** Wiped buffers of writers that ended, for the next ones: a buffer of its own for each message keeps the collector busy. */
const spareTexts: Buffer[] = [];
const maxSpareTexts = 64;

export class MessageWriter {
  readonly #lane: Lane<PendingEnvelope>;
  readonly #aead: Aead;
  readonly #keys: MessageKeys;
  /** The hash of the only data block so far, or a digest over those of all: one block is what most mail takes. */
  #leaf: Uint8Array | undefined;
  #leaves: ReturnType<typeof startSha256> | undefined;
  readonly #text = spareTexts.pop() ?? Buffer.allocUnsafeSlow(blockTextSize);
  readonly #runs: Run[] = [];
  #closed = false;
  #filled = 0;
  #index = 0;

  constructor(lane: Lane<PendingEnvelope>, aead: Aead, random: Random) {
    this.#lane = lane;
    this.#aead = aead;
    this.#keys = new MessageKeys(random(32));
  }

  /** Takes the next bytes of the plaintext. A promise asks the caller to wait for the disk; the bytes may change meanwhile. */
  write(bytes: Uint8Array): Answer<void> {
    this.#mustBeOpen();
    let at = 0;
    while (at < bytes.length) {
      const room = blockRoom({ level: 0, index: this.#index });
      if (this.#filled === room) {
        // More is to come, so this block is not the last.
        if (!this.#lane.ready) return this.#afterBegin(new Uint8Array(bytes.subarray(at)));
        this.#sealData(false);
        continue;
      }
      const piece = bytes.subarray(at, at + room - this.#filled);
      this.#text.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
    }
    return this.#lane.room();
  }

  /** Seals what is left and the index, if the runs are many. All blocks are numbered then, not yet durable. */
  async finish(): Promise<WrittenMessage> {
    this.#mustBeOpen();
    while (!this.#lane.ready) await this.#lane.begin();
    this.#sealData(true);
    const allRuns = [...this.#runs];
    let runs: Run[] = this.#runs;
    let depth = 0;
    while (runs.length > maxDirectRuns) {
      runs = await this.#writeIndex(runs, ++depth);
      append(allRuns, runs);
    }
    const { messageKey } = this.#keys;
    return { messageKey, leaves: this.#leavesDigest(), depth, runs, allRuns };
  }

  /** Forgets the message key and wipes the plaintext. Without envelopes, what was appended can be read by nobody. */
  close(): void {
    this.#keys.wipe();
    if (this.#closed) return;
    this.#closed = true;
    this.#text.fill(0);
    if (spareTexts.length < maxSpareTexts) spareTexts.push(this.#text);
  }

  /** The buffer is another writer's by then. */
  #mustBeOpen(): void {
    if (this.#closed) throw new Error('the message is over');
  }

  async #afterBegin(rest: Uint8Array): Promise<void> {
    await this.#lane.begin();
    await this.write(rest);
  }

  #sealData(final: boolean): void {
    const block = { level: 0, index: this.#index, final };
    this.#text.fill(0, this.#filled);
    const hash = this.#append(block, this.#text.subarray(0, blockRoom(block)), this.#runs);
    if (this.#index === 0) this.#leaf = hash;
    else {
      this.#leaves ??= startSha256().update(this.#leaf as Uint8Array);
      this.#leaves.update(hash);
    }
    this.#index++;
    this.#filled = 0;
  }

  #leavesDigest(): Uint8Array {
    return this.#leaves?.digest() ?? sha256(this.#leaf as Uint8Array);
  }

  /** Writes the runs of one level into index blocks and returns the runs of those. */
  async #writeIndex(runs: readonly Run[], level: number): Promise<Run[]> {
    const above: Run[] = [];
    const count = Math.ceil(runs.length / runsPerIndexBlock);
    for (let index = 0; index < count; index++) {
      while (!this.#lane.ready) await this.#lane.begin();
      const part = runs.slice(index * runsPerIndexBlock, (index + 1) * runsPerIndexBlock);
      const text = new Uint8Array(blockTextSize);
      writeRuns(text, 0, part);
      text.fill(0, part.length * runSize);
      this.#append({ level, index, final: index === count - 1 }, text, above);
      await this.#lane.room();
    }
    return above;
  }

  #append(block: BlockIndex, text: Uint8Array, runs: Run[]): Uint8Array {
    const { segment, number, hash } = this.#lane.appendBlock((body, at, number) =>
      this.#keys.seal(body, text, block, at, number, this.#aead),
    );
    addToRuns(runs, segment, number);
    return hash;
  }
}
