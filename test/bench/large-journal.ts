/** A large journal made for measuring readers: real channels and envelopes of one identity among those of others. */
import { createHash } from 'node:crypto';
import { mkdir, open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
import { type Random, sealChannel } from '../../src/seal/channel.js';
import { sealEnvelope } from '../../src/seal/envelope.js';
import { type Identity, identityOf, keySetFingerprint } from '../../src/seal/keys.js';

export interface LargeJournal {
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

/** Writes the journal. Other people's envelopes are random cells, as fillers are; blocks are left sparse. */
export async function makeLargeJournal(plan: LargeJournal): Promise<void> {
  const { folder, random, segments } = plan;
  const journal = random(16);
  const lane = random(16);
  const laneFolder = join(folder, `lane-${Buffer.from(lane).toString('hex')}`);
  await mkdir(laneFolder, { recursive: true });
  await writeFile(join(folder, 'journal'), encodeJournalHead(journal));
  await writeFile(join(laneFolder, 'lane'), encodeLaneHead({ journal, lane, signer: random(32) }));
  let previous: PreviousSegment | undefined;
  for (let segment = 0; segment < segments; segment++) {
    const place: SegmentPlace = { journal, lane, segment, id: random(16) };
    const counts = await writeSegment(
      join(laneFolder, `segment-${String(segment).padStart(8, '0')}`),
      place,
      previous,
      plan,
    );
    const extent = (stream: Stream) => ({ claim: counts[stream], end: counts[stream] });
    previous = {
      segment,
      id: place.id,
      extents: { channels: extent('channels'), envelopes: extent('envelopes'), blocks: extent('blocks') },
    };
  }
}

async function writeSegment(
  folder: string,
  place: SegmentPlace,
  previous: PreviousSegment | undefined,
  plan: LargeJournal,
): Promise<Counts> {
  const { segments, identity, random } = plan;
  const share = (total: number) =>
    Math.floor((total * (place.segment + 1)) / segments) - Math.floor((total * place.segment) / segments);
  const counts: Counts = {
    channels: share(plan.channels),
    envelopes: share(plan.envelopes),
    blocks: share(plan.envelopes),
  };
  const mine = share(plan.mine);
  await mkdir(folder);
  const files = {
    channels: await open(join(folder, 'channels'), 'w'),
    mirror: await open(join(folder, 'channels.mirror'), 'w'),
    envelopes: await open(join(folder, 'envelopes'), 'w'),
    blocks: await open(join(folder, 'blocks'), 'w'),
  };
  for (const stream of streams) {
    const head = encodeSegmentHead({ ...place, stream, week: '2026-W47', previous });
    await files[stream].write(head);
    if (stream === 'channels') await files.mirror.write(head);
  }

  const ours = Math.floor(counts.channels / 2);
  const stranger = identityOf(random(32)).publicKey;
  let chain: ReturnType<typeof sealChannel> | undefined;
  const channels = Array.from({ length: counts.channels }, (_, number) => {
    const frame = makeFrame('channels');
    const opened = sealChannel(
      frame.body,
      number === ours ? identity.publicKey : stranger,
      place,
      number,
      random,
    );
    if (number === ours) chain = opened;
    else opened.wipe();
    closeFrame(frame, place, 'channels', number);
    return frame.cell;
  });
  for (const file of [files.channels, files.mirror]) await file.write(Buffer.concat(channels));

  const every = Math.floor(counts.envelopes / mine);
  const cells = Buffer.alloc(counts.envelopes * cellSizes.envelopes);
  let sealed = 0;
  for (let number = 0; number < counts.envelopes; number++) {
    const frame = makeFrame('envelopes');
    if (chain && sealed < mine && number % every === 0)
      sealEnvelope(frame.body, plaintext(identity, place, number, sealed++), chain, place, number, random);
    else frame.body.set(random(frame.body.length));
    closeFrame(frame, place, 'envelopes', number);
    cells.set(frame.cell, number * cellSizes.envelopes);
  }
  chain?.wipe();
  await files.envelopes.write(cells);
  for (const file of Object.values(files)) await file.close();
  await truncate(join(folder, 'blocks'), headSize + counts.blocks * cellSizes.blocks);
  await writeFile(join(folder, 'synced'), encodeClaim(counts, place));
  return counts;
}

function plaintext(identity: Identity, place: SegmentPlace, number: number, index: number): Uint8Array {
  const key = createHash('sha256').update(`${place.segment}/${number}`).digest();
  const text = (value: string) => new Uint8Array(Buffer.from(value));
  return encodeEnvelope({
    reached: 'itself',
    flags: 0,
    depth: 0,
    receivedAt: 1_700_000_000_000 + place.segment * 600_000_000 + index * 1000,
    preludeLength: 90,
    contentLength: 5120,
    trailerLength: 0,
    messageKey: key,
    leaves: key,
    keySet: keySetFingerprint([identity.fingerprint]),
    runs: [{ segment: place.segment, first: number, count: 1 }],
    recipient: 'mine@example.org',
    summary: {
      from: text(`"Correspondent ${index % 97}" <someone${index % 97}@sender.example>`),
      subject: text(`=?utf-8?q?Zpr=C3=A1va?= number ${index} about the usual matters`),
      date: text('Sat, 21 Nov 2026 02:56:46 +0000'),
      messageId: text(`<${key.toString('hex').slice(0, 32)}@sender.example>`),
    },
  });
}
