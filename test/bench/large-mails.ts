/** A journal of large mails, written by the server's own parts: what an export of so many octets is measured on. */

import type { Identity } from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import { AddressBook, PostOffice } from '../support/post-office.js';

const mailOctets = 4 * 2 ** 20;

/** Mails of 4 MiB: lines of base64, as attachments are. */
export async function makeLargeMails(folder: string, identity: Identity, octets: number): Promise<void> {
  const book = new AddressBook();
  book.set('mine@example.org', identity);
  const office = await PostOffice.open({ folder, book });
  const line = `${Buffer.from(bytesFrom('a line', 57)).toString('base64')}\r\n`;
  for (let at = 0; at < octets / mailOctets; at++) {
    const head = `From: someone@sender.example\r\nSubject: large ${at}\r\nMessage-ID: <${at}@sender.example>\r\n\r\n`;
    const body = line.repeat(Math.ceil((mailOctets - head.length) / line.length));
    const codes = await office.send(['mine@example.org'], Buffer.from(head + body).subarray(0, mailOctets));
    if (codes[0] !== 250) throw new Error(`${codes}`);
  }
  await office.close();
}
