/** The server's inside on a disk that fails: three mails that are really sealed, and what must hold of any image of the disk. */
import { FormatError } from '../../src/core/errors.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { verify } from '../../src/reader/verify.js';
import { bytesFrom, type Chance } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, person, readMail } from '../support/post-office.js';
import { assert } from '../support/suite.js';
import type { TestDisk } from '../support/test-disk.js';

export const alice = person('alice');
export const bob = person('bob');
export const everyone = ['alice@example.org', 'bob@example.org'];

/** Three mails: one small, one that two people share and whose blocks lie in two segments, one after a pause. */
export const mails = [
  { to: [everyone[0] as string], content: bytesFrom('small', 300) },
  { to: everyone, content: bytesFrom('shared', 40_000) },
  { to: [everyone[1] as string], content: bytesFrom('late', 17_000) },
];

export function office(disk: TestDisk, random: Chance): Promise<PostOffice> {
  const book = new AddressBook();
  book.set(everyone[0] as string, alice);
  book.set(everyone[1] as string, bob);
  return PostOffice.open({ folder: '/journal', disk, book, random, maxStreamSize: 4 * 16_384 });
}

/** Sends the mails, the first two at once. Returns the names of those that were acknowledged. */
export async function scenario(disk: TestDisk, random: Chance): Promise<number[]> {
  const acknowledged: number[] = [];
  let open: PostOffice;
  try {
    open = await office(disk, random);
  } catch {
    return acknowledged;
  }
  const send = async (index: number) => {
    const { to, content } = mails[index] as (typeof mails)[number];
    const codes = await open.send(to, content, 9000);
    assert.ok(
      codes.every((code) => [250, 451, 452].includes(code)),
      `reply ${codes}`,
    );
    if (codes[0] === 250) acknowledged.push(index);
  };
  await Promise.all([send(0), send(1)]);
  await send(2);
  await open.close();
  return acknowledged;
}

/** What must hold of any image of the disk: all that was acknowledged opens, the rest is whole or absent. */
export async function check(image: TestDisk, acknowledged: readonly number[], where: string): Promise<void> {
  await withFolder(async (folder) => {
    image.materialise(folder);
    const { mails: read, contents } = await readMail(`${folder}/journal`, [alice, bob]);
    const found = read.map(({ recipient, content }) => {
      const index = mails.findIndex((mail) => content.equals(mail.content));
      assert.ok(index >= 0, `${where}: a mail that nobody sent`);
      return `${index} ${recipient}`;
    });
    for (const index of acknowledged)
      for (const recipient of mails[index]?.to ?? [])
        assert.ok(found.includes(`${index} ${recipient}`), `${where}: mail ${index} to ${recipient} is lost`);
    assert.equal(contents.damaged, [], where);
    assert.equal(contents.faults, [], where);
    const view = await openDirectory(`${folder}/journal`);
    try {
      assert.equal((await verify(view, [])).faults, [], where);
    } finally {
      await view.close();
    }
  });
}

const noJournal = (error: unknown) => error instanceof Error && /no journal here/.test(error.message);

/** The same; before anything was acknowledged there may also be no journal. */
export async function checkOrNothing(
  image: TestDisk,
  acknowledged: readonly number[],
  where: string,
): Promise<void> {
  try {
    await check(image, acknowledged, where);
  } catch (error) {
    if (acknowledged.length === 0 && (noJournal(error) || error instanceof FormatError)) return;
    throw error;
  }
}
