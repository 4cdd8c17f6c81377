/** Checkpoints of a vector, of cells as they are when it is signed; what is changed later no longer fits. */
import nacl from 'tweetnacl';
import { leafData } from '../../src/format/cell.js';
import {
  type Checkpoint,
  checkpointHash,
  encodeCheckpoint,
  encodeCheckpointText,
} from '../../src/format/checkpoint.js';
import type { Counts } from '../../src/format/claim.js';
import { type Stream, streams } from '../../src/format/place.js';
import { TreeEdge } from '../../src/format/tree.js';
import type { Segment } from './segment.js';

export interface Signing {
  /** How many cells of a stream are signed, in place of all. */
  readonly sizes?: Partial<Counts>;
  /** What it says, in place of what is so; the signature is over this. */
  readonly says?: (checkpoint: Checkpoint) => Checkpoint;
  /** The key that signs, and the one that the key id is of. */
  readonly key?: nacl.SignKeyPair;
  readonly keyIdOf?: Uint8Array;
  /** The signed text, in place of the right one. */
  readonly text?: (text: Uint8Array) => Uint8Array;
  /** The signature, changed after it was made. */
  readonly signature?: (signature: Uint8Array) => Uint8Array;
}

export function makeCheckpoint(segment: Segment, signing: Signing): Uint8Array {
  const { key = segment.lane.signer, keyIdOf = key.publicKey } = signing;
  const before = segment.lane.before(segment);
  const right: Checkpoint = {
    ...segment.place,
    trees: treesOf(segment, signing.sizes ?? {}),
    previous: before?.checkpoint && {
      segment: before.place.segment,
      hash: checkpointHash(before.checkpoint),
    },
  };
  const checkpoint = signing.says?.(right) ?? right;
  const rightText = encodeCheckpointText(checkpoint);
  const text = signing.text?.(rightText) ?? rightText;
  const signature = nacl.sign.detached(text, key.secretKey);
  const note = encodeCheckpoint(checkpoint, keyIdOf, signing.signature?.(signature) ?? signature);
  return Buffer.concat([text, note.subarray(rightText.length)]);
}

function treesOf({ cells, hashes }: Segment, sizes: Partial<Counts>): Checkpoint['trees'] {
  const tree = (stream: Stream) => {
    const edge = new TreeEdge();
    for (const [number, cell] of cells[stream].slice(0, sizes[stream]).entries())
      edge.append(leafData(cell, hashes[stream][number] as Uint8Array, stream));
    return { size: edge.size, root: edge.root() };
  };
  const [channels, envelopes, blocks] = streams.map(tree);
  if (!channels || !envelopes || !blocks) throw new Error('three streams');
  return { channels, envelopes, blocks };
}
