/** Held rows: a server looks recipients up in memory, and must not go by what was true before a change. */
import { openRegistry } from '../../src/registry/open-registry.js';
import type { Registry } from '../../src/registry/registry.js';
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
      assert.is(keysOf(worker), 1);
      writer.register('bob@example.org', keyOf('bob, too'));
      worker.changed();
      assert.is(keysOf(worker), 2);
    }));

  test('a registry of any size is held in memory', () =>
    within('many', (writer, worker) => {
      writer.together(() => {
        for (let index = 0; index < 4097; index++) writer.register(`${index}@example.org`, keyOf('same'));
      });
      assert.is(keysOf(worker), 0);
      writer.register(ann, keyOf('one'));
      assert.is(keysOf(worker), 1);
    }));
});
