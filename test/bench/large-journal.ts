/** A large journal made for measuring readers: real channels, envelopes and blocks of one identity among those of others. */
import { mkdir, open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../src/core/sha256.js';
import { cellSizes, closeFrame, makeFrame } from '../../src/format/cell.js';
import { type Counts, encodeClaim } from '../../src/format/claim.js';
import { encodeEnvelope } from '../../src/format/envelope.js';
import {
  encodeJournalHead,
  encodeLaneHead,
  encodeSegmentHead,
  headSize,
  type PreviousSegment,
} from '../../src/format/head.js';
import { type SegmentPlace, type Stream, streams } from '../../src/format/place.js';
import { encodePrelude } from '../../src/format/prelude.js';
import { timeOf } from '../../src/journal/erased-time.js';
import { nodeAead } from '../../src/seal/aead.js';
import { blockRoom, MessageKeys } from '../../src/seal/block.js';
import type { SealingChain } from '../../src/seal/chain.js';
import { type Random, sealChannel } from '../../src/seal/channel.js';
import { sealEnvelope } from '../../src/seal/envelope.js';
import { type Identity, identityOf, keySetFingerprint } from '../../src/seal/keys.js';
import { smallMail } from './small-mail.js';

export interface LargeJournalPlan {
  readonly folder: string;
  readonly identity: Identity;
  readonly segments: number;
  /** Channel cells in all, one of each segment ours. */
  readonly channels: number;
  /** Envelope cells in all. */
  readonly envelopes: number;
  /** Of them ours. */
  readonly mine: number;
  readonly random: Random;
}

/** Envelope cells written at a time. */
const cellsAtOnce = 1000;

const prelude = encodePrelude({
  from: 'someone@sender.example',
  helo: 'mx.sender.example',
  client: '192.0.2.7',
  protocol: 'smtp',
  tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
});

/** Writes the journal, and gives its last segment, which can grow. Other people's envelopes are random cells, as fillers are; their blocks are holes. */
export async function makeLargeJournal(plan: LargeJournalPlan): Promise<GrowingSegment> {
  const { folder, random, segments } = plan;
  const journal = random(16);
  const lane = random(16);
  const laneFolder = join(folder, `lane-${Buffer.from(lane).toString('hex')}`);
  await mkdir(laneFolder, { recursive: true });
  await writeFile(join(folder, 'journal'), encodeJournalHead(journal));
  await writeFile(join(laneFolder, 'lane'), encodeLaneHead({ journal, lane, signer: random(32) }));
  let previous: PreviousSegment | undefined;
  let last: GrowingSegment | undefined;
  for (let segment = 0; segment < segments; segment++) {
    const place: SegmentPlace = { journal, lane, segment, id: random(16) };
    const share = (total: number) =>
      Math.floor((total * (segment + 1)) / segments) - Math.floor((total * segment) / segments);
    last?.close();
    last = await GrowingSegment.begin(
      join(laneFolder, `segment-${String(segment).padStart(8, '0')}`),
      place,
      previous,
      share(plan.channels),
      plan,
    );
    await last.grow(share(plan.envelopes), share(plan.mine));
    const { counts } = last;
    const extent = (stream: Stream) => ({ claim: counts[stream], end: counts[stream] });
    previous = {
      segment,
      id: place.id,
      extents: { channels: extent('channels'), envelopes: extent('envelopes'), blocks: extent('blocks') },
    };
  }
  return last as GrowingSegment;
}

export class GrowingSegment {
  counts: Counts;
  #sealed = 0;

  private constructor(
    readonly folder: string,
    readonly place: SegmentPlace,
    readonly chain: SealingChain,
    readonly plan: LargeJournalPlan,
    channels: number,
  ) {
    this.counts = { channels, envelopes: 0, blocks: 0 };
  }

  static async begin(
    folder: string,
    place: SegmentPlace,
    previous: PreviousSegment | undefined,
    channels: number,
    plan: LargeJournalPlan,
  ): Promise<GrowingSegment> {
    await mkdir(folder);
    const head = (stream: Stream) => encodeSegmentHead({ ...place, stream, week: '2026-W47', previous });
    for (const stream of streams) await writeFile(join(folder, stream), head(stream));
    const ours = Math.floor(channels / 2);
    const stranger = identityOf(plan.random(32)).publicKey;
    let chain: SealingChain | undefined;
    const cells = Array.from({ length: channels }, (_, number) => {
      const frame = makeFrame('channels');
      const key = number === ours ? plan.identity.publicKey : stranger;
      const opened = sealChannel(frame.body, key, place, number, plan.random);
      if (number === ours) chain = opened;
      else opened.wipe();
      closeFrame(frame, place, 'channels', number);
      return frame.cell;
    });
    const file = Buffer.concat([head('channels'), ...cells]);
    for (const name of ['channels', 'channels.mirror']) await writeFile(join(folder, name), file);
    return new GrowingSegment(folder, place, chain as SealingChain, plan, channels);
  }

  /** Adds envelopes, of which so many are ours, spread evenly; each names one block. */
  async grow(envelopes: number, mine: number): Promise<void> {
    const { place, plan } = this;
    const every = Math.max(1, Math.floor(envelopes / mine));
    const files = {
      envelopes: await open(join(this.folder, 'envelopes'), 'r+'),
      blocks: await open(join(this.folder, 'blocks'), 'r+'),
    };
    const cells = Buffer.allocUnsafeSlow(cellsAtOnce * cellSizes.envelopes);
    const first = this.counts.envelopes;
    let waiting = 0;
    const flush = async (end: number) => {
      const at = headSize + (end - waiting) * cellSizes.envelopes;
      await files.envelopes.write(cells, 0, waiting * cellSizes.envelopes, at);
      waiting = 0;
    };
    for (let at = 0, added = 0; at < envelopes; at++) {
      const number = first + at;
      const frame = makeFrame('envelopes');
      if (added < mine && at % every === 0) {
        added++;
        const { cell, plaintext } = this.#mail(number);
        await files.blocks.write(cell, 0, cell.length, headSize + number * cellSizes.blocks);
        sealEnvelope(frame.body, plaintext, this.chain, place, number, plan.random);
      } else frame.body.set(plan.random(frame.body.length));
      closeFrame(frame, place, 'envelopes', number);
      cells.set(frame.cell, waiting++ * cellSizes.envelopes);
      if (waiting === cellsAtOnce) await flush(number + 1);
    }
    await flush(first + envelopes);
    // As a server leaves it: the time tells that no cell was erased.
    await files.envelopes.utimes(timeOf(0), timeOf(0));
    for (const file of Object.values(files)) await file.close();
    const total = first + envelopes;
    this.counts = { ...this.counts, envelopes: total, blocks: total };
    await truncate(join(this.folder, 'blocks'), headSize + total * cellSizes.blocks);
    await writeFile(join(this.folder, 'synced'), encodeClaim(this.counts, place));
  }

  close(): void {
    this.chain.wipe();
  }

  /** A block and what its envelope says. */
  #mail(number: number): { cell: Uint8Array; plaintext: Uint8Array } {
    const { place, plan } = this;
    const index = place.segment * 100_000 + this.#sealed++;
    const { content, from, subject, date, messageId } = smallMail(index);
    const block = { level: 0, index: 0, final: true };
    const text = new Uint8Array(blockRoom(block));
    text.set(prelude);
    text.set(content, prelude.length);
    const messageKey = plan.random(32);
    const frame = makeFrame('blocks');
    new MessageKeys(messageKey).seal(frame.body, text, block, place, number, nodeAead);
    const hash = closeFrame(frame, place, 'blocks', number);
    const octets = (value: string) => new Uint8Array(Buffer.from(value));
    const plaintext = encodeEnvelope({
      reached: 'itself',
      flags: 0,
      depth: 0,
      receivedAt: 1_700_000_000_000 + place.segment * 600_000_000 + this.#sealed * 1000,
      preludeLength: prelude.length,
      contentLength: content.length,
      trailerLength: 0,
      messageKey,
      leaves: sha256(hash),
      keySet: keySetFingerprint([plan.identity.fingerprint]),
      runs: [{ segment: place.segment, first: number, count: 1 }],
      recipient: 'mine@example.org',
      summary: {
        from: octets(from),
        subject: octets(subject),
        date: octets(date),
        messageId: octets(messageId),
      },
    });
    return { cell: frame.cell, plaintext };
  }
}
