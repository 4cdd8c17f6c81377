/** How an owner finds his mail, and what becomes of each: sealing.md, Finding mail and Opening an envelope. */
import { Fault, hex, join, keepFault } from './bytes.js';
import { cellOf, channelCell, isErased, lengthOf, place, placeOfCell, type Segment } from './cells.js';
import type { Journal } from './journal.js';
import type { Identity } from './keys.js';
import { standingOf } from './message.js';
import { aead, derivations, type Envelope, idOf, openChannel, readEnvelope, type Step } from './sealing.js';

/** One found mail: the position of its envelope, and what became of it (sealing.md, Opening an envelope). */
export type Mail = {
  id: string;
  identity: Identity;
  segment: Segment;
  cell: number;
  step: Step;
  at: string;
} & (
  | { state: 'counts' | 'expired'; envelope: Envelope }
  | { state: 'void' | 'erased' }
  | { state: 'damaged'; fault: Fault }
);

/** Sealing.md, Opening an envelope, for cell n with the tag of this step. */
export function openEnvelope(journal: Journal, segment: Segment, n: number, body: Uint8Array, one: Step) {
  const claimed = n < segment.claim.envelopes;
  const at = placeOfCell(segment, 'envelopes', n);
  const data = join(place(segment, 'envelopes', n), one.tag);
  const text = aead.open(one.key, body.subarray(32, 44), data, body.subarray(44));
  if (text === undefined) {
    if (isErased(body)) return { state: 'erased' } as const;
    if (!claimed) return { state: 'void' } as const;
    return { state: 'damaged', fault: new Fault(at, 'the envelope does not open') } as const;
  }
  try {
    const envelope = readEnvelope(text, at);
    const state = standingOf(journal, segment, envelope, at, claimed);
    return state === 'void' ? ({ state } as const) : ({ state, envelope } as const);
  } catch (fault) {
    if (fault instanceof Fault) return { state: 'damaged', fault } as const;
    throw fault;
  }
}

/** How far beyond the last step found steps are expected. */
const lookAhead = 1024;

/** Sealing.md, Finding mail: all mail of these identities in the whole journal, and the faults met, in order. */
export function findMail(
  journal: Journal,
  identities: readonly Identity[],
): { mails: Mail[]; faults: Fault[] } {
  const mails: Mail[] = [];
  const faults: Fault[] = [];
  for (const segment of journal.segments) {
    const expected = expectations(journal, segment, identities, faults);
    for (let n = 0; expected.size > 0 && n < segment.lengths.envelopes; n += 1) {
      const body = cellOf(journal.files, segment, 'envelopes', n)?.body;
      const found = body && expected.get(hex(body.subarray(0, 32)));
      if (!body || !found) continue;
      found.channel.walk(found.index + lookAhead);
      const state = openEnvelope(journal, segment, n, body, found.step);
      const at = placeOfCell(segment, 'envelopes', n);
      const { channel, step } = found;
      mails.push({ id: idOf(step.tag), identity: channel.identity, segment, cell: n, step, at, ...state });
    }
  }
  const listed = mails.filter((mail) => 'envelope' in mail);
  listed.sort((a, b) => a.envelope.receivedAt - b.envelope.receivedAt);
  return { mails: [...listed, ...mails.filter((mail) => !('envelope' in mail))], faults };
}

/** A channel of one of the identities, and its walk along the chain: steps up to this index are expected. */
type OpenChannel = { identity: Identity; walk(upTo: number): void };
type Expected = Map<string, { channel: OpenChannel; index: number; step: Step }>;

/** Steps 1 of Finding mail: every identity on every channel cell, and the tags of the steps 0 to 1023 of each. */
function expectations(
  journal: Journal,
  segment: Segment,
  identities: readonly Identity[],
  faults: Fault[],
): Expected {
  const expected: Expected = new Map();
  const length = lengthOf(segment, 'channels');
  for (let n = 0; n < Math.max(length, segment.claim.channels); n += 1) {
    const cell = n < length ? channelCell(journal.files, segment, n) : undefined;
    if (cell === undefined) {
      if (n < segment.claim.channels)
        faults.push(new Fault(placeOfCell(segment, 'channels', n), 'both copies are damaged or missing'));
      if (n >= length) break;
      continue;
    }
    for (const identity of identities)
      keepFault(faults, () => {
        const chain0 = openChannel(segment, n, cell.body, identity);
        if (chain0 === undefined) return;
        let [index, chain] = [0, chain0];
        const channel: OpenChannel = {
          identity,
          walk(upTo) {
            for (; index <= upTo; index += 1) {
              const one = derivations.step(chain);
              expected.set(hex(one.tag), { channel, index, step: one });
              chain = one.next;
            }
          },
        };
        channel.walk(lookAhead - 1);
      });
  }
  return expected;
}
