/** An entry: one vector as it is declared. */

import type { EnvelopeOptions } from './envelope.js';
import type { Message, MessageOptions } from './message.js';
import { alice, stranger } from './people.js';
import type { ExpectedMail } from './scene.js';
import { Scene } from './scene.js';
import type { Segment } from './segment.js';
import { encodeVector } from './vector-file.js';

export interface Entry {
  /** The file's name without its ending. */
  readonly name: string;
  readonly expect: string;
  readonly comments: readonly string[];
  readonly make: (scene: Scene) => void;
}

/** One vector: its name, what is expected, what was done in words, and what is done. */
export function vector(
  name: string,
  expect: string,
  comment: string | readonly string[],
  make: (scene: Scene) => void,
): Entry {
  return { name, expect, comments: typeof comment === 'string' ? [comment] : comment, make };
}

/** The octets of a vector's file; all chance in it follows from its name. */
export function encodeEntry({ name, expect, comments, make }: Entry): Uint8Array {
  const scene = new Scene(name);
  make(scene);
  return encodeVector(expect, comments, scene);
}

/** The journal that most faults are applied to: channels of a stranger and of Alice, a filler, and Alice's mail. */
export function oneMail(
  scene: Scene,
  options: MessageOptions & EnvelopeOptions = {},
): { segment: Segment; mail: ExpectedMail & { message: Message } } {
  const segment = scene.lane().segment(stranger, alice);
  segment.filler('envelopes');
  return { segment, mail: segment.mail(alice, options) };
}

/** A segment of fillers alone, looked at without a key: for what is found there, no mail is needed. */
export function fillersAlone(scene: Scene): Segment {
  scene.readers = [];
  const segment = scene.lane().segment();
  segment.filler('channels');
  segment.filler('envelopes', 2);
  return segment;
}
