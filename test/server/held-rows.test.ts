/** Held rows: a server looks recipients up in memory, and must not go by what was true before a change. */
import { writeFileSync } from 'node:fs';
import { openRegistry } from '../../src/registry/open-registry.js';
import type { Registry } from '../../src/registry/registry.js';
import { LiveAdministration } from '../../src/server/live-administration.js';
import { LiveRegistry } from '../../src/server/live-registry.js';
import { keyOf, TestRegistry } from '../registry/make-registry.js';
import { assert, suite } from '../support/suite.js';

const ann = 'ann@example.org';
const mailbox = { localPart: 'ann', domain: 'example.org' };

/** A registry, and another process's view of it that is told of changes. */
function within(
  seed: string,
  use: (writer: Registry, worker: LiveRegistry, own: LiveRegistry) => void,
): void {
  const made = new TestRegistry(seed);
  const read = openRegistry({ ...made.options, isReadOnly: true });
  try {
    const told = { isTold: true };
    use(made.open, new LiveRegistry(read, told), new LiveRegistry(made.open, told));
  } finally {
    read.close();
    made.end();
  }
}

const keysOf = (live: LiveRegistry) => live.resolve(mailbox)?.keys.length ?? 0;

suite('held rows', (test) => {
  test('a key that was revoked is sealed to after the server was told', () =>
    within('revoked', (writer, worker, own) => {
      assert.equal([keysOf(worker), keysOf(own)], [0, 0]);
      for (const name of ['one', 'two']) writer.register(ann, keyOf(name));
      // Nobody was told yet; but who writes sees it.
      assert.equal([keysOf(worker), keysOf(own)], [0, 2]);
      worker.changed();
      assert.is(keysOf(worker), 2);
      writer.revoke(ann);
      assert.equal([keysOf(worker), keysOf(own)], [2, 0]);
      worker.changed();
      assert.is(keysOf(worker), 0);
    }));

  test('a change that was tried and undone is looked up', () =>
    within('undone', (writer, _, own) => {
      writer.register(ann, keyOf('one'));
      assert.is(keysOf(own), 1);
      writer.preview(() => {
        writer.register(ann, keyOf('two'));
        assert.is(writer.lookup(mailbox)?.keys.length, 2);
      });
      assert.is(keysOf(own), 1);
    }));

  test('an alias is followed to what its target was before', () =>
    within('alias', (writer, worker) => {
      writer.register('bob@example.org', keyOf('bob'));
      writer.alias(ann, ['bob@example.org']);
      worker.changed();
      assert.is(keysOf(worker), 1);
      writer.register('bob@example.org', keyOf('bob, too'));
      worker.changed();
      assert.is(keysOf(worker), 2);
    }));

  test('a registry of any size is held in memory', () =>
    within('many', (writer, worker) => {
      writer.together(() => {
        for (let index = 0; index < 1025; index++) writer.register(`${index}@example.org`, keyOf('same'));
      });
      worker.changed();
      assert.is(keysOf(worker), 0);
      writer.register(ann, keyOf('one'));
      assert.is(keysOf(worker), 1);
    }));

  test('one page that is damaged refuses the mail of all', () => {
    const made = new TestRegistry('page');
    try {
      for (let index = 0; index < 100; index++) made.open.register(`${index}@example.org`, keyOf(`${index}`));
      const [size, octets] = [16_384, made.bytes()];
      made.open.close();
      // A leaf of the table of recipients: all pages behind the first few are leaves.
      octets.fill(0xff, 5 * size, 6 * size);
      writeFileSync(made.path, octets);
      made.open = openRegistry(made.options);
      const live = new LiveRegistry(made.open, { isTold: true });
      let found = 0;
      for (let index = 0; index < 100; index++)
        try {
          if (live.resolve({ localPart: `${index}`, domain: 'example.org' })) found++;
        } catch {
          // On the page.
        }
      assert.ok(found > 50 && found < 100, `${found} of 100`);
    } finally {
      made.end();
    }
  });

  test('a revocation that fails after it was written leaves the key in use elsewhere', async () => {
    const made = new TestRegistry('failing');
    const read = openRegistry({ ...made.options, isReadOnly: true });
    try {
      const worker = new LiveRegistry(read, { isTold: true });
      const keys = {
        changed: async () => worker.changed(),
        opened: async () => worker.changed(),
        dropped: async () => worker.changed(),
      };
      const live = new LiveAdministration(made.open, keys, { tell: async () => 0 });
      await live.register(ann, keyOf('ann'), {});
      await live.register('bob@example.org', keyOf('bob'), {});
      assert.is(keysOf(worker), 1);
      made.open.activeKeys = () => {
        throw new Error('a row of somebody else does not open');
      };
      assert.ok(
        await live.revoke(ann).then(
          () => false,
          () => true,
        ),
      );
      assert.is(keysOf(worker), 0);
    } finally {
      read.close();
      made.end();
    }
  });
});
