/** Faults: the disk fails at its N-th operation, for every N, under mail that is really sealed. */
import { FormatError } from '../../src/core/errors.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { verify } from '../../src/reader/verify.js';
import { bytesFrom, type Chance, chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, person, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { type DiskOperation, type Fault, TestDisk } from '../support/test-disk.js';

const alice = person('alice');
const bob = person('bob');
const everyone = ['alice@example.org', 'bob@example.org'];

/** Three mails: one small, one that two people share and whose blocks lie in two segments, one after a pause. */
const mails = [
  { to: [everyone[0] as string], content: bytesFrom('small', 300) },
  { to: everyone, content: bytesFrom('shared', 40_000) },
  { to: [everyone[1] as string], content: bytesFrom('late', 17_000) },
];

function office(disk: TestDisk, random: Chance): Promise<PostOffice> {
  const book = new AddressBook();
  book.set(everyone[0] as string, alice);
  book.set(everyone[1] as string, bob);
  return PostOffice.open({ folder: '/journal', disk, book, random, maxStreamSize: 4 * 16_384 });
}

/** Sends the mails, the first two at once. Returns the names of those that were acknowledged. */
async function scenario(disk: TestDisk, random: Chance): Promise<number[]> {
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
async function check(image: TestDisk, acknowledged: readonly number[], where: string): Promise<void> {
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

async function checkOrNothing(
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

async function faultLoop(
  seed: string,
  how: (operation: DiskOperation) => Fault | undefined,
): Promise<number> {
  for (let at = 0; ; at++) {
    const disk = new TestDisk();
    disk.root.sync();
    const where = `${seed}, fault at operation ${at}`;
    let fired = false;
    let count = 0;
    disk.behaviour = {
      fault: (_, operation) => {
        const fault = how(operation);
        if (!fault || count++ !== at) return undefined;
        fired = true;
        return fault;
      },
    };
    const acknowledged = await scenario(disk, withFewFillers(chance(`${seed} ${at}`), 1));
    assert.equal(disk.violations, [], where);
    // Killed, or without power: the server comes back and takes mail, and what was and what is new can be read.
    const ends = ['kill', 'power cut', chance(`torn ${seed} ${at}`)] as const;
    const image = disk.after(ends[at % 3] ?? 'kill');
    if (at % 5 === 0) await checkOrNothing(image, acknowledged, `${where}, before a restart`);
    const again = await scenario(image, withFewFillers(chance(`again ${seed} ${at}`), 1));
    assert.equal([...again].sort(), [0, 1, 2], `${where}: mail after the restart is refused`);
    await check(image.after('power cut'), [...new Set([...acknowledged, ...again])], `${where}, restarted`);
    if (!fired) return at;
  }
}

suite('faults', (test) => {
  test('mail that was acknowledged is lost when a sync fails', async () => {
    const runs = await faultLoop('sync', (operation) => (operation === 'sync' ? 'error' : undefined));
    assert.ok(runs > 15, `only ${runs} syncs`);
  });

  test('mail that was acknowledged is lost when the disk is full in the middle of a write', async () => {
    const runs = await faultLoop('write', (operation) => (operation === 'write' ? 'half' : undefined));
    assert.ok(runs > 15, `only ${runs} writes`);
  });

  test('mail that was acknowledged is lost when anything else fails', async () => {
    const others = await faultLoop('other', (operation) =>
      operation === 'write' ||
      operation === 'sync' ||
      operation === 'setTime' ||
      operation === 'removeUnfinished'
        ? undefined
        : 'error',
    );
    assert.ok(others > 20, `only ${others} operations`);
  });

  test('a disk that fails for good takes the process with it', async () => {
    const disk = new TestDisk();
    const open = await office(disk, withFewFillers(chance('for good')));
    assert.equal(await open.send(['alice@example.org'], bytesFrom('before', 100)), [250]);
    disk.behaviour = {
      fault: (_, operation) => (operation === 'sync' || operation === 'write' ? 'error' : undefined),
    };
    for (let attempt = 0; attempt < 3; attempt++) {
      const codes = await Promise.all(
        [100, 50_000].map((size) =>
          open.send(['alice@example.org'], bytesFrom('during', size)).catch(() => ['thrown']),
        ),
      );
      assert.equal(codes.flat(), [451, 451]);
    }
    assert.ok(open.troubles.every((code) => code === 'EIO' || code === 'lost-blocks' || code === 'Error'));
    disk.behaviour = {};
    assert.equal(await open.send(['alice@example.org'], bytesFrom('after', 100)), [250]);
    await open.close();
  });

  test('a refused recipient gets the mail all the same', async () => {
    const disk = new TestDisk();
    const open = await office(disk, withFewFillers(chance('refused')));
    const session = await open.session();
    await session.mail(null, {});
    disk.behaviour = { fault: (_, operation) => (operation === 'makeFolder' ? 'half' : undefined) };
    const refused = await session.recipient({
      localPart: 'alice',
      domain: 'example.org',
      text: 'alice@example.org',
    });
    assert.is(refused?.code, 452);
    disk.behaviour = {};
    assert.is(
      await session.recipient({ localPart: 'bob', domain: 'example.org', text: 'bob@example.org' }),
      undefined,
    );
    const delivery = await session.content();
    if (!('commit' in delivery)) return assert.unreachable('refused');
    assert.equal(
      (await delivery.commit()).map(({ code }) => code),
      [250],
      'one reply for each accepted recipient',
    );
    await open.close();
    await withFolder(async (folder) => {
      disk.materialise(folder);
      const { mails: read } = await readMail(`${folder}/journal`, [alice, bob]);
      assert.equal(
        read.map(({ recipient }) => recipient),
        ['bob@example.org'],
      );
    });
  });
});
