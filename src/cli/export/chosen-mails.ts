/** Chosen mails: those that are to be exported, read again when their turn comes: a hundred thousand would take 80 MiB. */
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import type { ListedMailbox } from '../../reader/cache/listed-mailbox.js';

export interface Chosen {
  readonly count: number;
  /** Octets of content. */
  readonly octets: number;
  /** The same mails each time, some at a time. */
  each(): AsyncIterable<readonly ListedMail[]> | Iterable<readonly ListedMail[]>;
}

/** Goes through them once, to count them and to show each. */
export async function choose(each: Chosen['each'], see: (mail: ListedMail) => void): Promise<Chosen> {
  let [count, octets] = [0, 0];
  for await (const some of each())
    for (const mail of some) {
      count++;
      octets += mail.size;
      see(mail);
    }
  return { count, octets, each };
}

/** All of a mailbox that are wanted, oldest first. */
export function eachOf(mailbox: ListedMailbox, isWanted: (mail: ListedMail) => boolean): Chosen['each'] {
  return async function* () {
    for await (const some of mailbox.oldestFirst()) yield some.filter(isWanted);
  };
}
