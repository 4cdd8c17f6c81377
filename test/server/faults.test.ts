/** Faults: the disk fails at its N-th operation, for every N, under mail that is really sealed. */
import { alice, bob, check, checkOrNothing, office, scenario } from '../crash/twin.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { type DiskOperation, type Fault, TestDisk } from '../support/test-disk.js';

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
    assert.ok(open.troubles.every((code) => code === 'EIO' || code === 'lost-blocks' || code === 'other'));
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
