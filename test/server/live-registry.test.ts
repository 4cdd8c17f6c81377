/** A live registry and its notices: what is told is what is then made, one change after the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from '../../src/seal/keys.js';
import type { ChangeOfKeys } from '../../src/server/change-of-keys.js';
import { laneKeys } from '../../src/server/lane-keys.js';
import { LiveAdministration } from '../../src/server/live-administration.js';
import { LiveRegistry } from '../../src/server/live-registry.js';
import { TestRegistry } from '../registry/make-registry.js';
import { bytesFrom } from '../support/chance.js';
import { AddressBook, PostOffice } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const ann = 'ann@example.org';
const keys = ['one', 'two', 'three', 'four'].map((name) => identityOf(bytesFrom(`live ${name}`, 32)));

async function within(
  use: (live: LiveAdministration, told: ChangeOfKeys[], office: PostOffice) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'obalka-live-'));
  const registry = new TestRegistry('live registry');
  try {
    const office = await PostOffice.open({ folder: join(folder, 'journal'), book: new AddressBook() });
    const told: ChangeOfKeys[] = [];
    const tell = async (changes: readonly ChangeOfKeys[]) => {
      await new Promise((done) => setTimeout(done, told.length % 2));
      const [change] = changes;
      if (change?.after.some(({ label }) => label === 'untold')) throw new Error('nobody can be told');
      told.push(...changes);
      return change?.before.length ?? 0;
    };
    await use(
      new LiveAdministration(
        registry.open,
        laneKeys(new LiveRegistry(registry.open, { isTold: true }), office.channels, office.lane),
        { tell },
      ),
      told,
      office,
    );
    await office.close();
  } finally {
    registry.open.close();
    rmSync(registry.folder, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

suite('a live registry and its notices', (test) => {
  test('two changes at once tell of the same keys before', () =>
    within(async (live, told) => {
      const fingerprints = keys.map(({ fingerprint }) => fingerprint);
      const done = await Promise.all([
        ...keys.map(({ publicKey }) => live.register(ann, publicKey, {})),
        live.revoke(ann, fingerprints[1]),
        live.revoke(ann),
        live.revoke(ann),
      ]);
      assert.equal(done, [
        { result: 'added', told: 0 },
        { result: 'added', told: 1 },
        { result: 'added', told: 2 },
        { result: 'added', told: 3 },
        { count: 1, told: 4 },
        { count: 3, told: 3 },
        { count: 0, told: 0 },
      ]);
      const ids = (list: ChangeOfKeys['before']) =>
        list.map(({ fingerprint }) => Buffer.from(fingerprint).toString('hex'));
      for (const [at, { before }] of told.entries())
        assert.equal(ids(before), at === 0 ? [] : ids((told[at - 1] as ChangeOfKeys).after), `change ${at}`);
      assert.equal([told.length, told.at(-1)?.after], [6, []]);
    }));

  test('a change that could not be told is made, or stops those behind it', () =>
    within(async (live) => {
      const [one, two] = keys as [(typeof keys)[0], (typeof keys)[0]];
      const untold = live.register(ann, one.publicKey, { label: 'untold' });
      const next = live.register(ann, two.publicKey, {});
      assert.is(
        await untold.then(
          () => 'made',
          () => 'refused',
        ),
        'refused',
      );
      assert.equal(await next, { result: 'added', told: 0 });
      assert.equal((await live.registered(ann)).keys.length, 1);
    }));
});
