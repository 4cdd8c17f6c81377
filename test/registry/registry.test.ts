/** Registry: which keys a mail is sealed to, and which never again. */
import { existsSync } from 'node:fs';
import { Problem } from '../../src/core/errors.js';
import { createRegistry, openRegistry } from '../../src/registry/open-registry.js';
import { fingerprintOf } from '../../src/seal/keys.js';
import { assert, suite } from '../support/suite.js';
import { keyOf, TestRegistry } from './make-registry.js';

const alice = { localPart: 'alice', domain: 'example.org' };
const day = 86_400;

suite('registry', (test) => {
  let made: TestRegistry;
  test.before.each(() => {
    made = new TestRegistry();
  });
  test.after.each(() => made.end());

  const second = () => made.clock / 1000;
  const keysFor = (mailbox = alice) => made.open.lookup(mailbox)?.keys.map((key) => key.publicKey) ?? [];

  test('an address nobody registered', () => {
    assert.is(made.open.lookup(alice), undefined);
    assert.equal(made.open.registered('alice@example.org'), []);
    assert.is(made.open.revoke('alice@example.org'), 0);
    assert.equal(made.open.activeKeys(), []);
  });

  test('everything said of a key comes back, also from a file opened anew', () => {
    const details = { label: 'Laptop, büro', from: second() - day, until: second() + day };
    assert.is(made.open.register('Alice@Example.org', keyOf('a'), details), 'added');
    made.reopen();
    const expected = {
      publicKey: keyOf('a'),
      fingerprint: fingerprintOf(keyOf('a')),
      registeredAt: second(),
      ...details,
    };
    const [key] = made.open.registered('alice@example.org');
    assert.equal(
      { ...key, fingerprint: new Uint8Array(key?.fingerprint ?? []) },
      { ...expected, fingerprint: new Uint8Array(expected.fingerprint) },
    );
    assert.is(made.open.lookup(alice)?.reached, 'itself');
    assert.equal(made.open.activeKeys(), [keyOf('a')]);
  });

  test('a key registered twice is two keys, or forgets its label', () => {
    made.open.register('alice@example.org', keyOf('a'), { label: 'first', until: second() + 5 });
    made.clock += 1000;
    assert.is(made.open.register('alice@example.org', keyOf('a'), { from: second() }), 'updated');
    const [key, ...more] = made.open.registered('alice@example.org');
    assert.equal(more, []);
    assert.equal(
      [key?.label, key?.from, key?.until, key?.registeredAt],
      ['first', second(), second() + 4, second() - 1],
    );
    made.open.register('alice@example.org', keyOf('a'), { label: null, from: null, until: null });
    const [bare] = made.open.registered('alice@example.org');
    assert.equal([bare?.label, bare?.from, bare?.until], ['', undefined, undefined]);
    assert.is(made.open.revoke('alice@example.org'), 1);
    assert.equal(made.open.activeKeys(), []);
  });

  test('many keys of one address', () => {
    const names = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    made.open.together(() => {
      for (const name of names) made.open.register('alice@example.org', keyOf(name), { label: name });
    });
    assert.equal(keysFor(), names.map(keyOf));
    for (const name of names.slice(0, 39))
      if (name !== 'key 7') made.open.revoke('alice@example.org', fingerprintOf(keyOf(name)));
    assert.equal(keysFor(), [keyOf('key 7'), keyOf('key 39')]);
    made.open.register('alice@example.org', keyOf('new'));
    assert.equal(keysFor(), [keyOf('new'), keyOf('key 7'), keyOf('key 39')], 'a revoked place is used again');
    assert.is(made.open.revoke('alice@example.org'), 3);
    assert.equal(keysFor(), []);
    made.open.check();
    assert.is(made.rows('recipients').length, 8, 'and places that were freed are gone');
  });

  test('a key of two addresses, revoked at one', () => {
    made.open.register('alice@example.org', keyOf('a'));
    made.open.register('bob@example.org', keyOf('a'));
    made.open.revoke('alice@example.org', fingerprintOf(keyOf('a')));
    assert.equal(keysFor(), []);
    assert.equal(keysFor({ localPart: 'bob', domain: 'example.org' }), [keyOf('a')]);
    assert.equal(made.open.activeKeys(), [keyOf('a')]);
    made.open.revoke('bob@example.org', fingerprintOf(keyOf('b')));
    assert.equal(made.open.activeKeys(), [keyOf('a')]);
    made.open.revoke('bob@example.org');
    assert.equal(made.open.activeKeys(), []);
  });

  test('a key used before or after its time', () => {
    made.open.register('alice@example.org', keyOf('old'), { until: second() + 10 });
    made.open.register('alice@example.org', keyOf('new'), { from: second() + 10 });
    assert.equal(keysFor(), [keyOf('old')]);
    made.clock += 9_999;
    assert.equal(keysFor(), [keyOf('old')]);
    made.clock += 1;
    assert.equal(keysFor(), [keyOf('new')]);
    assert.is(made.open.registered('alice@example.org').length, 2);
    assert.is(made.open.activeKeys().length, 2);
  });

  test('catch-alls in the wrong order', () => {
    made.open.register('*', keyOf('system'));
    made.open.register('*@example.org', keyOf('domain'));
    made.open.register('alice@example.org', keyOf('alice'));
    const reached = (localPart: string, domain: string) => made.open.lookup({ localPart, domain })?.reached;
    assert.is(reached('alice', 'example.org'), 'itself');
    assert.is(reached('bob', 'EXAMPLE.org'), 'domain-catch-all');
    assert.is(reached('*', 'example.org'), 'domain-catch-all');
    assert.is(reached('alice', 'sub.example.org'), 'system-catch-all');
    assert.is(reached('postmaster', ''), 'system-catch-all');
    made.open.register('postmaster', keyOf('postmaster'));
    assert.is(reached('Postmaster', ''), 'itself');
    made.open.revoke('*');
    assert.is(reached('alice', 'sub.example.org'), undefined);
  });

  test('mail of somebody whose key ran out goes to the catch-all', () => {
    made.open.register('*', keyOf('system'));
    made.open.register('alice@example.org', keyOf('a'), { until: second() });
    assert.is(made.open.lookup(alice), undefined);
    made.open.revoke('alice@example.org');
    assert.is(made.open.lookup(alice)?.reached, 'system-catch-all');
  });

  test('nonsense that is registered', () => {
    const refused = (work: () => unknown, words: string) =>
      assert.throws(
        work,
        (error: unknown) =>
          error instanceof Problem && error.kind === 'usage' && error.message.includes(words),
      );
    const before = made.bytes();
    const register = (details: object) => made.open.register('alice@example.org', keyOf('a'), details);
    refused(() => made.open.register('alice', keyOf('a')), 'is not an address');
    refused(() => made.open.register('alice@example.org', new Uint8Array(1215)), '1216 octets');
    refused(() => register({ label: 'ü'.repeat(33) }), '64 octets');
    refused(() => register({ label: 'a\nb' }), 'control');
    refused(() => register({ from: 1.5 }), 'whole number');
    refused(() => register({ until: -1 }), 'whole number');
    refused(() => register({ from: 20, until: 20 }), 'after its beginning');
    assert.equal(made.bytes(), before, 'and nothing is written');
    register({ label: 'ü'.repeat(32) });
    assert.is(made.open.registered('alice@example.org')[0]?.label, 'ü'.repeat(32));
  });

  test('several at once, of which one fails', () => {
    const before = made.rows('recipients');
    assert.throws(
      () =>
        made.open.together(() => {
          made.open.register('alice@example.org', keyOf('a'));
          made.open.register('bob', keyOf('b'));
        }),
      /is not an address/,
    );
    assert.equal(made.rows('recipients'), before);
    assert.equal(keysFor(), []);
    made.open.register('alice@example.org', keyOf('a'));
    made.open.check();
  });

  test('a wrong pepper opens an empty registry', () => {
    made.open.register('alice@example.org', keyOf('a'));
    const refused = (pepper: Uint8Array, words: string) =>
      assert.throws(
        () => openRegistry({ ...made.options, pepper }),
        (error: unknown) =>
          error instanceof Problem && error.kind === 'failure' && error.message.includes(words),
      );
    refused(new Uint8Array(32), 'not the pepper that the registry was made with');
    refused(made.options.pepper.subarray(1), '31 octets');
    assert.throws(() => createRegistry({ ...made.options, pepper: new Uint8Array(32) }), /not the pepper/);
  });

  test('a lost file opens as an empty registry', () => {
    const path = `${made.path}-lost`;
    assert.throws(() => openRegistry({ ...made.options, path }), /no such file/);
    assert.not.ok(existsSync(path));
  });

  test('made twice', () => {
    made.open.register('alice@example.org', keyOf('a'));
    const again = createRegistry(made.options);
    assert.is(again.registered('alice@example.org').length, 1);
    again.close();
  });

  test('a file of a newer version', () => {
    made.sql((database) => database.pragma('user_version = 3'));
    assert.throws(() => openRegistry(made.options), /registry of version 3.*newer obalka/);
  });

  test('a file of version 1 stays shut, or stays one of version 1 with aliases in it', () => {
    made.open.register('alice@example.org', keyOf('a'), { label: 'old' });
    made.open.close();
    made.sql((database) => database.pragma('user_version = 1'));
    const again = openRegistry(made.options);
    assert.is(again.registered('alice@example.org')[0]?.label, 'old');
    again.check();
    again.close();
    assert.is(
      made.sql((database) => database.pragma('user_version', { simple: true })),
      2,
    );
    made.open = openRegistry(made.options);
  });
});
