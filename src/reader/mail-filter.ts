/** Mail filter: which mails of a mailbox are wanted, as people ask for them. */
import type { ListedMail } from './cache/listed-mail.js';

/** What a mail must be; what is not given holds for any. */
export interface MailFilter {
  /** Parts of texts, in any case. */
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  /** Receive times in milliseconds since 1970: from this one on, and before that one. */
  readonly since?: number;
  readonly until?: number;
  readonly unread?: boolean;
}

/** A test of single mails. `isRead` is asked only where the filter needs it. */
export function matching(
  filter: MailFilter,
  isRead: (mail: ListedMail) => boolean,
): (mail: ListedMail) => boolean {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, unread } = filter;
  const holds = (part: string | undefined, text: string) => part === undefined || folded(text).includes(part);
  const from = filter.from === undefined ? undefined : folded(filter.from);
  const to = filter.to === undefined ? undefined : folded(filter.to);
  const subject = filter.subject === undefined ? undefined : folded(filter.subject);
  return (mail) =>
    mail.receivedAt >= since &&
    mail.receivedAt < until &&
    holds(from, mail.from) &&
    holds(to, mail.addressing.recipient) &&
    holds(subject, mail.subject) &&
    (unread === undefined || isRead(mail) !== unread);
}

/** Texts that differ in case alone, or in how letters are put together, are the same. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
