/** Signs journals for tests as somebody could who has the seed: a lane's head with its signer, and any checkpoint. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes, checkedHash, leafData } from '../../src/format/cell.js';
import {
  type Checkpoint,
  checkpointHash,
  encodeCheckpoint,
  encodeCheckpointText,
} from '../../src/format/checkpoint.js';
import { type Counts, decodeClaim } from '../../src/format/claim.js';
import { decodeSegmentHead, encodeLaneHead, headSize } from '../../src/format/head.js';
import { type SegmentPlace, type Stream, streams } from '../../src/format/place.js';
import { TreeEdge } from '../../src/format/tree.js';
import { SigningKey } from '../../src/seal/signing-key.js';
import { bytesFrom } from './chance.js';

export const someKey = new SigningKey(bytesFrom('a signing key', 32));
export const otherKey = new SigningKey(bytesFrom('another signing key', 32));

export interface Signing {
  readonly key?: SigningKey;
  /** By segment; what is not there is signed up to its claim. */
  readonly sizes?: Readonly<Record<number, Partial<Counts>>>;
  /** Segments that get no checkpoint. */
  readonly without?: readonly number[];
  /** Says something else than what is there. */
  readonly change?: (checkpoint: Checkpoint) => Checkpoint;
}

export function signCheckpoint(checkpoint: Checkpoint, key = someKey): Uint8Array {
  return encodeCheckpoint(checkpoint, key.publicKey, key.sign(encodeCheckpointText(checkpoint)));
}

/** Writes the head of a lane's folder with this signer, and the checkpoint of each segment, chained. */
export function signLane(lane: string, signing: Signing = {}): void {
  const key = signing.key ?? someKey;
  const numbers = readdirSync(lane)
    .filter((name) => /^segment-\d{8}$/.test(name))
    .map((name) => Number(name.slice(8)))
    .sort((a, b) => a - b);
  let previous: Checkpoint['previous'];
  for (const segment of numbers) {
    const folder = join(lane, `segment-${String(segment).padStart(8, '0')}`);
    const file = join(folder, 'checkpoint');
    if (!readdirSync(folder).includes('blocks')) {
      previous = { segment, hash: checkpointHash(readFileSync(file)) };
      continue;
    }
    const head = decodeSegmentHead(readFileSync(join(folder, 'blocks')).subarray(0, headSize), folder);
    const { journal, lane: id } = head;
    writeFileSync(join(lane, 'lane'), encodeLaneHead({ journal, lane: id, signer: key.publicKey }));
    if (signing.without?.includes(segment)) {
      previous = undefined;
      continue;
    }
    const at = { journal, lane: id, segment, id: head.id };
    const checkpoint = { ...at, trees: treesOf(folder, at, signing.sizes?.[segment]), previous };
    const bytes = signCheckpoint(signing.change?.(checkpoint) ?? checkpoint, key);
    writeFileSync(file, bytes);
    previous = { segment, hash: checkpointHash(bytes) };
  }
}

function treesOf(folder: string, at: SegmentPlace, sizes: Partial<Counts> = {}): Checkpoint['trees'] {
  const claim = decodeClaim(readFileSync(join(folder, 'synced')), at) as Counts;
  const tree = (stream: Stream) => {
    const bytes = readFileSync(join(folder, stream));
    const size = cellSizes[stream];
    const edge = new TreeEdge();
    for (let number = 0; number < (sizes[stream] ?? claim[stream]); number++) {
      const from = headSize + number * size;
      const cell = bytes.subarray(from, from + size);
      edge.append(leafData(cell, checkedHash(cell, at, stream, number) ?? new Uint8Array(32), stream));
    }
    return { size: edge.size, root: edge.root() };
  };
  const [channels, envelopes, blocks] = streams.map(tree);
  if (!channels || !envelopes || !blocks) throw new Error('three streams');
  return { channels, envelopes, blocks };
}
