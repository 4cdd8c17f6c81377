/** Envelopes of a vector: sealed as they should be, or with any part exchanged. */
import { ascii, concat } from '../../src/core/bytes.js';
import { type Envelope, encodeEnvelope } from '../../src/format/envelope.js';
import { encodePlace } from '../../src/format/place.js';
import { nodeAead } from '../../src/seal/aead.js';
import { type Identity, keySetFingerprint } from '../../src/seal/keys.js';
import type { Step } from './channel.js';
import type { Message } from './message.js';
import type { ExpectedMail } from './scene.js';
import type { Segment } from './segment.js';

export interface EnvelopeOptions {
  /** The step that seals it; the channel's next one if this is not given. */
  readonly step?: number;
  readonly receivedAt?: number;
  readonly fields?: Partial<Envelope>;
  /** The plaintext, to be changed before it is sealed. */
  readonly plaintext?: (plaintext: Uint8Array) => void;
  /** What it is sealed with, in place of the step's key and its own place. */
  readonly sealedWith?: { readonly key?: Uint8Array; readonly place?: Uint8Array; readonly tag?: Uint8Array };
}

const textsAt = 320;

/** Puts texts in the place of those in a plaintext, with their length. */
export function withTexts(texts: Uint8Array, length = texts.length): (plaintext: Uint8Array) => void {
  return (plaintext) => {
    plaintext.fill(0, textsAt);
    plaintext.set(texts.subarray(0, plaintext.length - textsAt), textsAt);
    plaintext[126] = length >> 8;
    plaintext[127] = length;
  };
}

export function makeEnvelope(
  segment: Segment,
  message: Message,
  owner: Identity,
  options: EnvelopeOptions,
): ExpectedMail {
  const channel = segment.channelOf(owner);
  const index = options.step ?? channel.next;
  channel.next = index + 1;
  const step = channel.step(index);
  const receivedAt = options.receivedAt ?? segment.scene.tick();
  const plaintext = encodeEnvelope({
    reached: 'itself',
    flags: 0,
    depth: message.depth,
    receivedAt,
    preludeLength: message.preludeLength,
    contentLength: message.size,
    trailerLength: message.trailerLength,
    messageKey: message.key,
    leaves: message.leaves,
    keySet: keySetFingerprint([owner.fingerprint]),
    runs: message.runs,
    recipient: 'somebody@example.org',
    summary: { from: ascii(''), subject: ascii(message.subject), date: ascii(''), messageId: ascii('') },
    ...options.fields,
  });
  options.plaintext?.(plaintext);
  const number = segment.next('envelopes');
  const body = sealEnvelope(step, plaintext, segment, number, options.sealedWith ?? {});
  const hash = segment.put('envelopes', number, body);
  const { size, subject } = message;
  const mail: ExpectedMail = {
    ...{ step, hash, owner, segment, number, size, subject },
    ...{ receivedAt: options.fields?.receivedAt ?? receivedAt, state: 'whole', listed: true },
  };
  segment.scene.mails.push(mail);
  return mail;
}

function sealEnvelope(
  step: Step,
  plaintext: Uint8Array,
  segment: Segment,
  number: number,
  instead: NonNullable<EnvelopeOptions['sealedWith']>,
): Uint8Array {
  const body = new Uint8Array(1264);
  const nonce = segment.chance(12);
  const place = instead.place ?? encodePlace(segment.place, 'envelopes', number);
  body.set(concat(step.tag, nonce));
  const data = concat(place, instead.tag ?? step.tag);
  nodeAead.seal(body.subarray(44), instead.key ?? step.key, nonce, data, plaintext);
  return body;
}
