/** Aliases: what may be a target, and what is wrong with one that may not (spec/registry.md, Aliases). */
import { Problem } from '../core/errors.js';
import { mailboxOf, mailboxText, parseAddress, showAddress } from './address.js';
import type { AddressRules } from './address-rules.js';
import { follow, maxAliasDepth } from './following.js';
import type { Slots } from './slots.js';
import { waysWithin } from './ways.js';

/** The text of a target as rows hold it. Throws a usage Problem unless people wrote a mailbox. */
export function targetText(text: string): string {
  const address = parseAddress(text);
  if (address.kind !== 'mailbox')
    throw new Problem('usage', `${text}: mail can be passed on to a mailbox only, not to a catch-all`);
  return mailboxText(address);
}

/** A target as people write it. */
export function showTarget(target: string): string {
  return showAddress({ kind: 'mailbox', ...mailboxOf(target) });
}

export interface Checked {
  /** The alias, as it was written, and its subject in hexadecimal. */
  readonly address: string;
  readonly subject: string;
  readonly target: string;
  /** Now, in seconds since 1970. */
  readonly second: number;
}

/** Throws a Problem unless the target leads to a key that is used now or later, and neither back nor too far. */
export function checkTarget(
  { address, subject, target, second }: Checked,
  slots: Slots,
  rules: AddressRules,
): void {
  const found = slots.first(waysWithin(mailboxOf(target), rules));
  const name = showTarget(target);
  if (!found)
    throw new Problem('missing', `${name}: no key is registered for it; register one before it is a target`);
  const start = { subject: found.way.subject, slots: found.slots };
  const isUsed = ({ until }: { readonly until?: number }) => until === undefined || until > second;
  const { keys, subjects, isCut } = follow(start, slots, rules, isUsed, maxAliasDepth - 1);
  if (subjects.has(subject))
    throw new Problem('usage', `${address}: ${name} leads back to it; aliases must not go in a circle`);
  if (isCut)
    throw new Problem(
      'usage',
      `${name}: leads over more than ${maxAliasDepth} aliases or to too many addresses; name the last ones as targets`,
    );
  if (keys.length === 0)
    throw new Problem('missing', `${name}: leads to no key that is used now or later; register one first`);
}
