/** Ways: under which addresses a mailbox may be registered, in the order they are tried (spec/registry.md, Looking up). */
import { hex } from '../core/bytes.js';
import { catchAllSubjects, type MailboxName, mailboxSubject, normalised } from './address.js';
import type { AddressRules } from './address-rules.js';

/** How an address may be reached, but for aliases: those are followed from what is found. */
export type Reached = 'itself' | 'sub-address' | 'mapper' | 'domain-catch-all' | 'system-catch-all';

export interface Way {
  readonly subject: Uint8Array;
  readonly reached: Reached;
}

/**
 * The mailbox as written, and without dots where they mean nothing; each for itself, then for what it is a sub-address
 * of. What is tried depends on the text and the rules, never on what is registered. No subject stands twice.
 */
export function waysWithin(mailbox: MailboxName, rules: AddressRules): Way[] {
  const itself = normalised(mailbox);
  const above = rules.above(itself);
  return unique([
    ...forms(itself, rules).map((form) => ({ subject: mailboxSubject(form), reached: 'itself' as const })),
    ...(above ? forms(above, rules) : []).map((form) => ({
      subject: mailboxSubject(form),
      reached: 'sub-address' as const,
    })),
  ]);
}

/** The same, then the mailbox that the mapping rules name, then the catch-alls. */
export function waysTo(mailbox: MailboxName, rules: AddressRules): Way[] {
  const itself = normalised(mailbox);
  const mapped = rules.map(itself);
  const [domain, system] = catchAllSubjects(itself);
  return unique([
    ...waysWithin(itself, rules),
    ...(mapped ? waysWithin(mapped, rules) : []).map(({ subject }) => ({
      subject,
      reached: 'mapper' as const,
    })),
    { subject: domain, reached: 'domain-catch-all' },
    { subject: system, reached: 'system-catch-all' },
  ]);
}

/** The forms of one mailbox, the last of them that by which it is registered anew. */
export function forms(mailbox: MailboxName, rules: AddressRules): MailboxName[] {
  const withoutDots = rules.withoutDots(mailbox);
  return withoutDots === mailbox ? [mailbox] : [mailbox, withoutDots];
}

function unique(ways: readonly Way[]): Way[] {
  const seen = new Set<string>();
  return ways.filter(({ subject }) => {
    const id = hex(subject);
    return !seen.has(id) && seen.add(id);
  });
}
