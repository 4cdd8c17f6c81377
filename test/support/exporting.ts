/** Exporting in tests: a journal made in this process, the real program, and the documented way back, written a second time. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeIdentity } from '../../src/seal/keys.js';
import type { Installation } from './installation.js';
import { AddressBook, PostOffice, type PostOfficeOptions, person } from './post-office.js';

export const ann = person('ann');

/** Fills the journal of an installation with contents for ann, whose identity is the file `ann`; tells whose id is which. */
export async function fill(
  made: Installation,
  contents: readonly Uint8Array[],
  options: Partial<PostOfficeOptions> = {},
): Promise<void> {
  const book = new AddressBook();
  book.set('ann@example.org', ann);
  await writeFile(made.identity('ann'), `${encodeIdentity(ann.seed)}\n`, { mode: 0o600 });
  await mkdir(made.data, { recursive: true, mode: 0o700 });
  const office = await PostOffice.open({ folder: join(made.data, 'journal'), book, ...options });
  try {
    for (const content of contents) {
      const codes = await office.send(['ann@example.org'], content, 10_000);
      if (codes[0] !== 250) throw new Error(`not taken: ${codes}`);
    }
  } finally {
    await office.close();
  }
}

/** The content of a file of a Maildir, as spec/export.md says. */
export function undoMaildir(file: Buffer): Buffer {
  const text = file.toString('latin1');
  const lines = text.split('\n');
  const content = lines.slice(5).join('\n');
  if (!/^\tby obalka with .* id [a-z2-7]{13}/.test(lines[3] as string)) throw new Error('no trace fields');
  const asIs = (lines[3] as string).includes(' (as-is)');
  return Buffer.from(asIs ? content : content.replaceAll('\n', '\r\n'), 'latin1');
}

/** The contents of an mbox. */
export function undoMbox(file: Buffer): Buffer[] {
  const mails = file
    .toString('latin1')
    .split(/^From .*\n/m)
    .slice(1);
  return mails.map((mail) => {
    const unquoted = mail.slice(0, -1).replace(/^>(>*From )/gm, '$1');
    const added = /^\tby obalka .* \(no-final-line-end\)$/m.test(unquoted.split('\n').slice(0, 5).join('\n'));
    return undoMaildir(Buffer.from(added ? unquoted.slice(0, -1) : unquoted, 'latin1'));
  });
}
