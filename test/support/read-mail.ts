/** Reading a journal in this process, with the reader's own parts: every mail of an identity, its content opened. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { Mail } from '../../src/reader/mail.js';
import type { MailboxContents } from '../../src/reader/mailbox.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { parseIdentities } from '../../src/seal/keys.js';

export interface ReadMail {
  readonly mail: Mail;
  readonly content: Buffer;
}

export interface ReadMailbox {
  readonly mails: readonly ReadMail[];
  readonly contents: MailboxContents;
}

/** Opens every mail of the identity in a file. `from`: only segments with this number or a higher one. Throws on damage. */
export async function readMailbox(data: string, identityFile: string, from = 0): Promise<ReadMailbox> {
  const identities = parseIdentities(await readFile(identityFile, 'utf8'), identityFile);
  const whole = await openDirectory(join(data, 'journal'));
  try {
    const { contents, index } = await openMailbox(
      {
        id: whole.id,
        close: () => whole.close(),
        segments: async () =>
          (await whole.segments()).filter((one) => !('place' in one) || one.place.segment >= from),
      },
      identities,
    );
    const mails: ReadMail[] = [];
    for (const mail of contents.mails) {
      const pieces: Uint8Array[] = [];
      for await (const piece of index.content(mail)) pieces.push(Uint8Array.from(piece));
      mails.push({ mail, content: Buffer.concat(pieces) });
    }
    return { mails, contents };
  } finally {
    await whole.close();
  }
}
