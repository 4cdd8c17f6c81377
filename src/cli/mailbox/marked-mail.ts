/** Marked mail: which mails of an open mailbox were read, and marking them. */
import { Problem } from '../../core/errors.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import type { OpenMailbox } from './mail-reading.js';

/** Says of a mail whether it is unread; undefined without a cache. Throws a usage Problem if it must be known and is not. */
export function readState(
  { identities, marksOf }: OpenMailbox,
  isNeeded: boolean,
): (mail: ListedMail) => boolean | undefined {
  const missing = identities.some((identity) => !marksOf(identity));
  if (isNeeded && missing) throw noMarks();
  return (mail) => {
    const marks = marksOf(mail.identity);
    return marks && !marks.isRead(mail);
  };
}

/** Marks mails in the caches of their identities; gives how many were marked otherwise before. Throws Problem without a cache. */
export function markAll({ marksOf }: OpenMailbox, mails: readonly ListedMail[], isRead: boolean): number {
  const byMarks = new Map<NonNullable<ReturnType<typeof marksOf>>, ListedMail[]>();
  for (const mail of mails) {
    const marks = marksOf(mail.identity);
    if (!marks) throw noMarks();
    const own = byMarks.get(marks);
    if (own) own.push(mail);
    else byMarks.set(marks, [mail]);
  }
  let changed = 0;
  for (const [marks, own] of byMarks) changed += marks.mark(own, isRead);
  return changed;
}

export function noMarks(): Problem {
  return new Problem('usage', 'without a cache it is not known what was read; leave out --cache none');
}
