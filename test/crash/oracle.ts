/** Oracle of every crash: what was acknowledged opens, byte for byte, once for each recipient; the rest is whole or absent. */

import type { Installation } from '../support/installation.js';
import { readMailbox } from '../support/read-mail.js';
import { assert } from '../support/suite.js';
import { contentOf, numberOf, type SentMail } from './load-mail.js';

/** Holds the journal, from a segment on, against what was sent while those segments were written. Gives how many it read. */
export async function checkMail(
  made: Installation,
  sent: readonly SentMail[],
  recipients: readonly string[],
  from = 0,
): Promise<number> {
  const bySentNumber = new Map(sent.map((mail) => [mail.number, mail]));
  let read = 0;
  for (const recipient of recipients) {
    const { mails, contents } = await readMailbox(
      made.data,
      made.identity(recipient.replace(/@.*/, '')),
      from,
    );
    // Of the first segment that is looked at, the one before was left out.
    const leftOut = [
      `segment ${from}: segment ${from - 1}, which its head names as the one before it, is missing`,
      `segment ${from - 1}, checkpoint: is missing or cannot be read, but the checkpoint of segment ${from} names it`,
    ];
    assert.equal(
      contents.faults.filter((fault) => !leftOut.some((words) => fault.endsWith(words))),
      [],
    );
    assert.equal(contents.damaged, []);
    const there = new Set<number>();
    for (const { mail, content } of mails) {
      const number = numberOf(content);
      assert.ok(
        number !== undefined && content.equals(contentOf(number)),
        `${mail.place}: not what was sent`,
      );
      const known = bySentNumber.get(number);
      assert.ok(known?.to.includes(recipient), `mail ${number} was not sent to ${recipient}`);
      assert.is(mail.envelope.recipient, recipient);
      assert.not(there.has(number), `mail ${number} came twice to ${recipient}`);
      there.add(number);
      read++;
    }
    for (const { number, to, acknowledged } of sent)
      if (acknowledged && to.includes(recipient))
        assert.ok(there.has(number), `mail ${number} was acknowledged, and ${recipient} has lost it`);
  }
  return read;
}
