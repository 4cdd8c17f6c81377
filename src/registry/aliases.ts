/** Aliases: what may be a target, and what is wrong with one that may not (spec/registry.md, Aliases). */
import { hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { mailboxOf, mailboxText, parseAddress, showAddress } from './address.js';
import type { AddressRules } from './address-rules.js';
import { follow, maxAliasDepth, maxFollowed, type Start } from './following.js';
import type { Slots } from './slots.js';
import { waysWithin } from './ways.js';

/** The text of a target as rows hold it. Throws a usage Problem unless people wrote a mailbox. */
export function targetText(text: string): string {
  const address = parseAddress(text);
  if (address.kind !== 'mailbox')
    throw new Problem('usage', `${text}: mail can be passed on to a mailbox only, not to a catch-all`);
  return mailboxText(address);
}

/** What is said of a key that is to be registered for an alias. */
export function isAlias(address: string): Problem {
  return new Problem(
    'usage',
    `${address}: is an alias, and an address has keys or targets; remove it first with: obalka alias ADDRESS --remove`,
  );
}

/** A target as people write it. */
export function showTarget(target: string): string {
  return showAddress({ kind: 'mailbox', ...mailboxOf(target) });
}

/** An alias as it was written, and what it has. */
export interface Alias extends Start {
  readonly address: string;
}

/**
 * Throws a Problem unless each of these targets leads to a key that is used at `second` or later, and the alias neither
 * back to itself nor too far.
 */
export function checkTargets(
  alias: Alias,
  targets: readonly string[],
  second: number,
  slots: Slots,
  rules: AddressRules,
): void {
  const isUsed = ({ until }: { readonly until?: number }) => until === undefined || until > second;
  for (const target of targets) {
    const name = showTarget(target);
    const found = slots.first(waysWithin(mailboxOf(target), rules));
    if (!found)
      throw new Problem(
        'missing',
        `${name}: no key is registered for it; register one before it is a target`,
      );
    const start = { subject: found.way.subject, slots: found.slots };
    const { keys, subjects } = follow(start, slots, rules, isUsed);
    if (subjects.has(hex(alias.subject)))
      throw new Problem(
        'usage',
        `${alias.address}: ${name} leads back to it; aliases must not go in a circle`,
      );
    if (keys.length === 0)
      throw new Problem('missing', `${name}: leads to no key that is used now or later; register one first`);
  }
  if (follow(alias, slots, rules, isUsed).isCut)
    throw new Problem(
      'usage',
      `${alias.address}: leads over more than ${maxAliasDepth} aliases, or to more than ${maxFollowed} addresses; name others as targets`,
    );
}

/** A key that a target leads to, valid or not; undefined if there is none. */
export function firstKeyBehind(target: string, slots: Slots, rules: AddressRules): Uint8Array | undefined {
  const found = slots.first(waysWithin(mailboxOf(target), rules));
  if (!found) return undefined;
  const start = { subject: found.way.subject, slots: found.slots };
  return follow(start, slots, rules, () => true).keys[0]?.publicKey;
}
