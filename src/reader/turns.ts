/** Turns: in which order key sets are noticed where old mail was brought in (spec/sealing.md, Noticing other keys, as the reader). */
import { envelopeFlags } from '../format/envelope-flags.js';

/** What is needed of a mail to tell its turn. */
export interface InLane {
  readonly receivedAt: number;
  /** As `Envelope.flags`. */
  readonly flags: number;
  /** Where its envelope stands. */
  readonly at: { readonly lane: Uint8Array; readonly segment: number };
  readonly number: number;
}

/**
 * The mails of one identity, in the order of reading, with the time of their turn: the receive time; for old mail that was
 * brought in, that of the mail before it in the lane, which came when it was brought in. `begun` says of a lane what the
 * latest receive time of earlier ones was.
 */
export function inTurn<T extends InLane>(
  mails: readonly T[],
  begun: (lane: Uint8Array) => number = () => 0,
): readonly (readonly [mail: T, turn: number])[] {
  if (!mails.some(isOld)) return mails.map((mail) => [mail, mail.receivedAt]);
  const turns: [mail: T, turn: number][] = [];
  let lane: Uint8Array | undefined;
  let last = 0;
  for (const mail of [...mails].sort(byPlace)) {
    if (!lane || !isSame(lane, mail.at.lane)) last = begun(mail.at.lane);
    lane = mail.at.lane;
    if (!isOld(mail)) last = Math.max(last, mail.receivedAt);
    turns.push([mail, isOld(mail) ? last : mail.receivedAt]);
  }
  // The sort is stable: what came at the same time stays in order.
  return turns.sort(([, a], [, b]) => a - b);
}

/** Whether it is old mail that was brought in. */
export function isOld({ flags }: Pick<InLane, 'flags'>): boolean {
  return (flags & envelopeFlags.imported) !== 0;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || Buffer.compare(one, other) === 0;
}

function byPlace(a: InLane, b: InLane): number {
  if (a.at === b.at) return a.number - b.number;
  return Buffer.compare(a.at.lane, b.at.lane) || a.at.segment - b.at.segment || a.number - b.number;
}
