/** Turns: in which order key sets are noticed where old mail was brought in (spec/sealing.md, Noticing other keys). */
import { envelopeFlags } from '../format/envelope.js';
import type { Mail } from './mail.js';

/**
 * Mails, in the order of reading, with the time of their turn: the receive time; for old mail that was brought in, that
 * of the mail before it in the lane, which came when it was brought in.
 */
export function inTurn(mails: readonly Mail[]): readonly (readonly [mail: Mail, turn: number])[] {
  const isOld = ({ flags }: Mail) => (flags & envelopeFlags.imported) !== 0;
  if (!mails.some(isOld)) return mails.map((mail) => [mail, mail.receivedAt]);
  const turns = new Map<Mail, number>();
  let lane = '';
  let last = 0;
  for (const mail of [...mails].sort(byPlace)) {
    if (mail.lane !== lane) last = 0;
    lane = mail.lane;
    if (!isOld(mail)) last = Math.max(last, mail.receivedAt);
    turns.set(mail, isOld(mail) ? last : mail.receivedAt);
  }
  // The sort is stable: what came at the same time stays in order.
  return [...mails]
    .sort(byPlace)
    .map((mail) => [mail, turns.get(mail) ?? 0] as const)
    .sort(([, a], [, b]) => a - b);
}

function byPlace(a: Mail, b: Mail): number {
  const [one, other] = [a.lane, b.lane];
  if (one !== other) return one < other ? -1 : 1;
  return a.at.segment - b.at.segment || a.number - b.number;
}
