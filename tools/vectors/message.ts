/** Messages of a vector: blocks and index blocks, sealed as they should be, or bent while they are sealed. */
import { concat } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import { blocksFor, blockTextSize, runsPerIndexBlock } from '../../src/format/blocks.js';
import { encodePrelude } from '../../src/format/prelude.js';
import { addToRuns, type Run, writeRuns } from '../../src/format/runs.js';
import { nodeAead } from '../../src/seal/aead.js';
import { type BlockIndex, blockRoom, MessageKeys } from '../../src/seal/block.js';
import { contentOf } from './content.js';
import type { Segment } from './segment.js';

export interface MessageOptions {
  /** One word. */
  readonly subject?: string;
  /** Octets of content. */
  readonly size?: number;
  readonly prelude?: Uint8Array;
  readonly trailer?: Uint8Array;
  /** Where data block j of so many stands; one after the other at the end of the segment if this is not given. */
  readonly at?: (index: number, count: number) => { readonly segment?: Segment; readonly number: number };
  /** Levels of index blocks, even where none are needed. */
  readonly depth?: number;
  /** Runs in one index block. */
  readonly runsPerIndexBlock?: number;
  /** Plaintext of the data blocks with the zeros behind it, to be changed before it is sealed. */
  readonly text?: (text: Uint8Array) => void;
  /** As which block each is sealed, in place of what it is. */
  readonly as?: (block: BlockIndex) => BlockIndex;
  /** Runs that the index blocks of level 1 name, in place of those of the data blocks. */
  readonly indexed?: (runs: readonly Run[]) => readonly Run[];
  /** The body of a sealed block, to be changed before its H is taken. */
  readonly bend?: (body: Uint8Array, block: BlockIndex, segment: Segment, number: number) => void;
}

/** A message whose blocks stand. */
export interface Message {
  readonly key: Uint8Array;
  readonly subject: string;
  readonly size: number;
  readonly preludeLength: number;
  readonly trailerLength: number;
  readonly leaves: Uint8Array;
  /** Runs of the highest level. */
  readonly runs: readonly Run[];
  readonly depth: number;
  /** Data blocks in order, and then index blocks, from the lowest level. */
  readonly cells: readonly { readonly segment: Segment; readonly number: number }[];
}

export const somePrelude = encodePrelude({
  from: 'sender@from.example',
  helo: 'mx.from.example',
  client: '192.0.2.7',
  protocol: 'smtp',
  tls: '',
});

/** Seals a message into blocks of a segment. */
export function makeMessage(home: Segment, options: MessageOptions): Message {
  const { subject = 'hello', size = 200, prelude = somePrelude, trailer = new Uint8Array(0) } = options;
  const key = home.chance(32);
  const keys = new MessageKeys(key);
  const plaintext = concat(prelude, contentOf(subject, size), trailer);
  const cells: { segment: Segment; number: number }[] = [];
  const put = (text: Uint8Array, block: BlockIndex, segment: Segment, number: number): Uint8Array => {
    const body = new Uint8Array(16368);
    keys.seal(body, text, options.as?.(block) ?? block, segment.place, number, nodeAead);
    options.bend?.(body, block, segment, number);
    cells.push({ segment, number });
    return segment.put('blocks', number, body);
  };

  const count = blocksFor(plaintext.length);
  const padded = new Uint8Array(blockRoom({ level: 0, index: 0 }) + (count - 1) * blockTextSize);
  padded.set(plaintext);
  options.text?.(padded);
  let runs: Run[] = [];
  const hashes: Uint8Array[] = [];
  let offset = 0;
  const first = home.next('blocks');
  for (let index = 0; index < count; index++) {
    const block = { level: 0, index, final: index === count - 1 };
    const { segment = home, number } = options.at?.(index, count) ?? { number: first + index };
    const text = padded.subarray(offset, offset + blockRoom(block));
    offset += text.length;
    hashes.push(put(text, block, segment, number));
    addToRuns(runs, segment.place.segment, number);
  }

  const perBlock = options.runsPerIndexBlock ?? runsPerIndexBlock;
  let depth = 0;
  while (runs.length > 16 || depth < (options.depth ?? 0)) {
    depth++;
    const named = depth === 1 ? (options.indexed?.(runs) ?? runs) : runs;
    const above: Run[] = [];
    for (let at = 0; at < named.length; at += perBlock) {
      const text = new Uint8Array(blockTextSize);
      writeRuns(text, 0, named.slice(at, at + perBlock));
      const number = home.next('blocks');
      put(text, { level: depth, index: at / perBlock, final: at + perBlock >= named.length }, home, number);
      addToRuns(above, home.place.segment, number);
    }
    runs = above;
  }
  return {
    key,
    subject,
    size,
    preludeLength: prelude.length,
    trailerLength: trailer.length,
    leaves: sha256(concat(...hashes)),
    runs,
    depth,
    cells,
  };
}
