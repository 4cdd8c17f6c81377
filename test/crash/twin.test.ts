/** The failing disk, exhaustively: a fault that lasts, a loss of power at every moment, faults while a crash is recovered from. */
import { chance, withFewFillers } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';
import { imagesOf } from './images.js';
import { check, checkOrNothing, scenario } from './twin.js';

/** Runs the scenario on a disk on which the `n`-th operation fails, and all after it. */
async function brokenAt(n: number, disk: TestDisk): Promise<{ fired: boolean; acknowledged: number[] }> {
  let fired = false;
  disk.behaviour = {
    fault: (at, _, path) => {
      if (at < n) return undefined;
      fired = true;
      // Half a claim is damage that the fault itself did, and it is named; power does not tear 73 octets.
      return at % 2 && !path.endsWith('/synced') ? 'half' : 'error';
    },
  };
  const acknowledged = await scenario(disk, withFewFillers(chance(`broken ${n}`), 1));
  assert.equal(disk.violations, [], `operation ${n}`);
  return { fired, acknowledged };
}

function fresh(): TestDisk {
  const disk = new TestDisk();
  disk.root.sync();
  return disk;
}

suite('the failing disk', (test) => {
  const figures = { faults: 0, images: 0, acknowledged: 0 };
  test.after(() =>
    console.log(
      `the failing disk: ${figures.faults} faults, ${figures.images} images after them, ${figures.acknowledged} mails acknowledged, 0 lost`,
    ),
  );

  test('a disk that breaks for good, or a loss of power at that moment, loses mail that was acknowledged', async () => {
    for (let n = 0; ; n++) {
      const disk = fresh();
      const { fired, acknowledged } = await brokenAt(n, disk);
      let image = 0;
      for (const after of imagesOf(disk)) {
        const where = `operation ${n}, image ${image}`;
        // OBALKA_EVERY_IMAGE=1 looks at all of them.
        if (image < 2 || (n + image) % 6 === 0 || process.env.OBALKA_EVERY_IMAGE)
          await checkOrNothing(after, acknowledged, where);
        if ((n + image) % 23 === 0) {
          const again = await scenario(after, withFewFillers(chance(where), 1));
          assert.equal([...again].sort(), [0, 1, 2], `${where}: mail after the restart is refused`);
          await check(after, [...new Set([...acknowledged, ...again])], `${where}, restarted`);
        }
        image++;
      }
      figures.faults++;
      figures.images += image;
      figures.acknowledged += acknowledged.length;
      if (!fired) break;
    }
    assert.ok(figures.faults > 90, `${figures.faults} faults`);
  });

  test('a fault while a crash is recovered from loses what was acknowledged before it', async () => {
    for (const crash of [70, 120]) {
      const first = fresh();
      const { acknowledged } = await brokenAt(crash, first);
      for (const ending of ['kill', 'power cut'] as const)
        for (const lasting of [false, true])
          for (let n = 0; n < 60; n += lasting ? 9 : 3) {
            const second = first.after(ending);
            second.behaviour = {
              fault: (at) => (at === n || (lasting && at > n) ? 'error' : undefined),
            };
            const where = `crash ${crash}, ${ending}, fault ${n} of the recovery`;
            const more = await scenario(second, withFewFillers(chance(where), 1));
            assert.equal(second.violations, [], where);
            const all = [...new Set([...acknowledged, ...more])];
            await checkOrNothing(second.after(n % 2 ? 'kill' : 'power cut'), all, where);
            figures.faults++;
            figures.images++;
            figures.acknowledged += more.length;
          }
    }
  });
});
