/** Erasing, the owner's side: which envelopes a mail has for the identities, and the secrets that prove whose they are. */
import { equal, hex } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { cellSizes, checkedHash, tagSize } from '../format/cell.js';
import type { ErasureOrder } from '../format/erasure.js';
import type { SegmentView } from '../journal/journal-view.js';
import { openChannel } from '../seal/channel.js';
import type { Identity } from '../seal/keys.js';
import type { Mail } from './mail.js';
import type { MailboxContents } from './mailbox.js';
import type { Survey } from './survey.js';

/** Steps that a channel may have taken beyond the envelopes that stand there (spec/sealing.md, Finding mail). */
const lost = 1024;
/** Cells read at a time: about a megabyte. */
const cellsAtOnce = 819;

/** All envelopes of a mail that the identities open: it may have come to several of their addresses, or keys. */
export function envelopesOf(
  mail: Mail,
  { mails, expired }: Pick<MailboxContents, 'mails' | 'expired'>,
): Mail[] {
  const key = mail.envelope.messageKey;
  return [...mails, ...expired.map((one) => one.mail)].filter((other) =>
    equal(other.envelope.messageKey, key),
  );
}

/**
 * The orders for these envelopes, in their order. Each channel is walked once, however many of them it sealed. Throws
 * FormatError where the channel of one cannot be opened any more.
 */
export async function ordersFor(envelopes: readonly Mail[], found: Survey): Promise<ErasureOrder[]> {
  const secrets = new Map<Mail, Uint8Array>();
  for (const { view } of found.lanes.flatMap((one) => one.live)) {
    const inSegment = envelopes.filter(
      ({ at }) => at.segment === view.place.segment && equal(at.lane, view.place.lane),
    );
    for (const identity of new Set(inSegment.map((mail) => mail.identity)))
      await findSecrets(
        inSegment.filter((mail) => mail.identity === identity),
        identity,
        view,
        secrets,
      );
  }
  return envelopes.map((mail) => {
    const secret = secrets.get(mail);
    if (!secret) throw new FormatError(mail.place, 'the secret of this envelope cannot be found any more');
    return { lane: mail.at.lane, segment: mail.at.segment, envelope: mail.number, secret };
  });
}

/** Walks the channels of one identity in a segment until its steps have the tags of all these envelopes. */
async function findSecrets(
  envelopes: readonly Mail[],
  identity: Identity,
  segment: SegmentView,
  secrets: Map<Mail, Uint8Array>,
): Promise<void> {
  const wanted = new Map<string, Mail>();
  for (const mail of envelopes)
    wanted.set(hex((await segment.read('envelopes', mail.number, 1)).subarray(0, tagSize)), mail);
  const steps = segment.counts.envelopes + lost;
  for (let first = 0; first < segment.counts.channels; first += cellsAtOnce) {
    const cells = await segment.read('channels', first, cellsAtOnce);
    for (let at = 0; at + cellSizes.channels <= cells.length; at += cellSizes.channels) {
      if (wanted.size === 0) return;
      const cell = cells.subarray(at, at + cellSizes.channels);
      const number = first + at / cellSizes.channels;
      if (!checkedHash(cell, segment.place, 'channels', number)) continue;
      const chain = openChannel(cell, identity, segment.place, number);
      if (!chain) continue;
      try {
        for (let step = 0; step < steps && wanted.size > 0; step++) {
          const next = chain.next();
          const tag = hex(next.tag);
          const mail = wanted.get(tag);
          if (mail) secrets.set(mail, next.secret);
          wanted.delete(tag);
        }
      } finally {
        chain.release();
      }
    }
  }
}

const orderLine = /^([0-9a-f]{32}) (\d{1,10}) (\d{1,10}) ([0-9a-f]{64})$/;

/** An order as a line of text, for whoever has the journal to carry out: lane, segment, envelope, secret. */
export function writeOrder({ lane, segment, envelope, secret }: ErasureOrder): string {
  return `${hex(lane)} ${segment} ${envelope} ${hex(secret)}`;
}

/** Undefined if the line is none. */
export function parseOrder(line: string): ErasureOrder | undefined {
  const [, lane, segment, envelope, secret] = orderLine.exec(line) ?? [];
  if (lane === undefined || secret === undefined) return undefined;
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
  return { lane: bytes(lane), segment: Number(segment), envelope: Number(envelope), secret: bytes(secret) };
}
