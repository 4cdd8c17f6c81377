/** Three people with a key each, and a fourth who has nothing to do with them. */
import { join } from 'node:path';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { JournalView, SegmentView } from '../../src/journal/journal-view.js';
import type { Identity } from '../../src/seal/keys.js';
import { chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, type PostOfficeOptions, person } from '../support/post-office.js';

export const names = ['alice', 'bob', 'carol', 'mallory'] as const;
export const people = Object.fromEntries(names.map((name) => [name, person(name)])) as Record<
  (typeof names)[number],
  Identity
>;
export const address = (name: (typeof names)[number]) => `${name}@${name}-home.example`;
export const three = [address('alice'), address('bob'), address('carol')];
export const content = Buffer.from(
  `From: sender@from.example\r\nSubject: to three\r\n\r\n${'text '.repeat(8000)}`,
);

export async function withOffice(
  use: (office: PostOffice, journal: string, book: AddressBook) => Promise<void>,
  options: Partial<PostOfficeOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const book = new AddressBook();
    for (const name of ['alice', 'bob', 'carol'] as const) book.set(address(name), people[name]);
    const journal = join(folder, 'journal');
    const random = withFewFillers(chance('recipients'), 0);
    const office = await PostOffice.open({ folder: journal, book, random, ...options });
    try {
      await use(office, journal, book);
    } finally {
      await office.close();
    }
  });
}

export async function withView<T>(
  journal: string,
  use: (view: JournalView, segment: SegmentView) => Promise<T>,
): Promise<T> {
  const view = await openDirectory(journal);
  try {
    const [segment] = (await view.segments()).filter((one) => 'place' in one);
    return await use(view, segment as SegmentView);
  } finally {
    await view.close();
  }
}
