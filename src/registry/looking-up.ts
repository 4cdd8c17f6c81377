/** Looking up: from a mail's recipient, or an administrator's word, to what is registered (spec/registry.md, Looking up). */
import { type MailboxName, mailboxSubject, normalised, parseAddress, subjectOf } from './address.js';
import type { AddressRules } from './address-rules.js';
import { follow, type RegisteredKey, type Start } from './following.js';
import { isTarget, isValidAt } from './recipient-body.js';
import type { Slots } from './slots.js';
import { forms, type Reached, waysTo } from './ways.js';

export interface Found {
  /** The keys that are valid now, each once, oldest slot first: at least one. */
  readonly keys: RegisteredKey[];
  /** The first step of the way. */
  readonly reached: Reached | 'alias';
  /** Subject of the address itself: one for all its spellings. */
  readonly subject: Uint8Array;
  /** Subject of the address that it was found under. */
  readonly registered: Uint8Array;
}

/** The keys that a mail to this mailbox is sealed to at `second`; undefined if there are none. */
export function lookUp(
  mailbox: MailboxName,
  slots: Slots,
  rules: AddressRules,
  second: number,
): Found | undefined {
  const found = slots.first(waysTo(mailbox, rules));
  if (!found) return undefined;
  const { subject, reached } = found.way;
  const start = { subject, slots: found.slots };
  const { keys } = follow(start, slots, rules, (entry) => isValidAt(entry, second));
  if (keys.length === 0) return undefined;
  if (reached === 'itself')
    return { keys, reached: found.slots.some(isTarget) ? 'alias' : 'itself', subject, registered: subject };
  const form = forms(normalised(mailbox), rules).at(-1) as MailboxName;
  return { keys, reached, subject: mailboxSubject(form), registered: subject };
}

/** What an address names: the first of its forms that is registered, else the last. Throws a usage Problem for none. */
export function named(text: string, slots: Slots, rules: AddressRules): Start {
  const address = parseAddress(text);
  const subjects =
    address.kind === 'mailbox' ? forms(address, rules).map(mailboxSubject) : [subjectOf(address)];
  for (const subject of subjects) {
    const held = slots.of(subject);
    if (held.length > 0) return { subject, slots: held };
  }
  return { subject: subjects.at(-1) as Uint8Array, slots: [] };
}
