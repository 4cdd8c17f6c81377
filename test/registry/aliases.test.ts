/** Aliases: whose keys a mail gets, in circles, at depth, and when what they lead to changes. */
import { hex } from '../../src/core/bytes.js';
import { Problem } from '../../src/core/errors.js';
import { type AddressRules, parseAddressRules, usualRules } from '../../src/registry/address-rules.js';
import { maxFollowed } from '../../src/registry/following.js';
import { differences, makeDifferences, type WantedList } from '../../src/registry/lists.js';
import { openRegistry } from '../../src/registry/open-registry.js';
import { fingerprintOf } from '../../src/seal/keys.js';
import { assert, suite } from '../support/suite.js';
import { keyOf, TestRegistry } from './make-registry.js';

const at = (localPart: string) => `${localPart}@example.org`;

/** Makes what a list says so, in a preview or for good. */
function applyList({ open }: TestRegistry, { isDry = false, ...list }: WantedList & { isDry?: boolean }) {
  const changes = differences(open, list);
  const make = () => makeDifferences(open, changes);
  if (isDry) open.preview(make);
  else if (changes.length > 0) open.together(make);
  return changes;
}

suite('aliases', (test) => {
  let made: TestRegistry;
  let rules: AddressRules;
  test.before.each(() => {
    made = new TestRegistry();
    rules = usualRules;
    made.open.close();
    made.open = openRegistry({ ...made.options, rules: () => rules });
  });
  test.after.each(() => made.end());

  const second = () => made.clock / 1000;
  const lookup = (localPart: string, domain = 'example.org') => made.open.lookup({ localPart, domain });
  const keysFor = (localPart: string) => (lookup(localPart)?.keys ?? []).map((key) => hex(key.publicKey));
  const are = (localPart: string, ...names: string[]) =>
    assert.equal(
      keysFor(localPart),
      names.map((name) => hex(keyOf(name))),
      localPart,
    );
  const refused = (work: () => unknown, kind: string, words: string) => {
    const before = made.rows('recipients').length;
    assert.throws(
      work,
      (error: unknown) => error instanceof Problem && error.kind === kind && error.message.includes(words),
    );
    assert.is(made.rows('recipients').length, before);
    made.open.check();
  };

  test('one key gets two envelopes for one recipient, or an alias counts as a use of one', () => {
    made.open.register(at('ann'), keyOf('a'));
    made.open.register(at('ann'), keyOf('shared'));
    made.open.register(at('bob'), keyOf('b'));
    made.open.register(at('bob'), keyOf('shared'));
    made.open.alias(at('both'), [at('ann'), at('bob')]);
    made.open.alias(at('all'), [at('bob'), at('both'), at('ann+x')]);
    are('both', 'a', 'shared', 'b');
    are('all', 'b', 'shared', 'a');
    assert.is(lookup('both')?.reached, 'alias');
    assert.is(lookup('both+x')?.reached, 'sub-address');
    assert.equal(made.open.activeKeys().length, 3, 'an alias is no use of a key');
    made.reopen();
    assert.equal(
      made.open.targets(at('all')).map(({ target }) => target),
      [at('bob'), at('both'), at('ann+x')],
    );
  });

  test('targets are used before or after their time', () => {
    made.open.register(at('old'), keyOf('old'), { until: second() + 10 });
    made.open.register(at('new'), keyOf('new'), { from: second() + 5 });
    made.open.alias(at('x'), [at('old'), at('new')]);
    are('x', 'old');
    made.clock += 5_000;
    are('x', 'old', 'new');
    made.clock += 5_000;
    are('x', 'new');
    refused(() => made.open.alias(at('y'), [at('old')]), 'missing', 'no key that is used');
    made.open.revoke(at('new'));
    are('x');
    assert.is(lookup('x'), undefined);
  });

  test('a circle is made, also when an address in it had keys before', () => {
    made.open.register(at('a'), keyOf('a'));
    made.open.alias(at('b'), [at('a')]);
    made.open.alias(at('c'), [at('b')]);
    made.open.revoke(at('a'));
    refused(() => made.open.alias(at('a'), [at('c')]), 'usage', 'circle');
    refused(() => made.open.alias(at('a'), [at('a')]), 'usage', 'circle');
    made.open.register(at('d'), keyOf('d'));
    refused(() => made.open.alias(at('a'), [at('d'), at('c')]), 'usage', 'circle');
    assert.equal(made.open.targets(at('a')), []);
  });

  test('a circle that came with other rules is gone round for ever', () => {
    made.open.register(at('a'), keyOf('a'));
    made.open.register(at('b'), keyOf('b'));
    rules = parseAddressRules('separator none', 'rules');
    made.open.register(at('a+x'), keyOf('x'));
    made.open.alias(at('c'), [at('a+x'), at('b')]);
    made.open.revoke(at('a'));
    made.open.alias(at('a'), [at('c')]);
    made.open.revoke(at('a+x'));
    rules = usualRules;
    are('a', 'b');
    are('c', 'b');
  });

  test('aliases are followed too far, or not as far as they should', () => {
    made.open.register(at('n0'), keyOf('end'));
    for (let depth = 1; depth <= 8; depth += 1) made.open.alias(at(`n${depth}`), [at(`n${depth - 1}`)]);
    are('n8', 'end');
    refused(() => made.open.alias(at('n9'), [at('n8')]), 'usage', 'more than 8');
    // From the other end, where nothing can be noticed: what is beyond gets nothing.
    made.open.revoke(at('n0'));
    made.open.register(at('m'), keyOf('m'));
    made.open.alias(at('n0'), [at('m')]);
    are('n7', 'm');
    assert.is(lookup('n8'), undefined);
  });

  test('an alias for more addresses than are looked at', () => {
    const many = Array.from({ length: maxFollowed }, (_, index) => at(`p${index}`));
    made.open.together(() => {
      for (const [index, address] of many.entries()) made.open.register(address, keyOf(`p${index}`));
      made.open.alias(at('half'), many.slice(0, 128));
      made.open.alias(at('rest'), many.slice(128, 250));
    });
    made.open.alias(at('most'), [at('half'), at('rest')]);
    assert.is(keysFor('most').length, 250);
    refused(() => made.open.alias(at('top'), [at('most'), ...many]), 'usage', 'more than 256');
    made.open.check();
  });

  test('removing targets takes others away, or leaves rows behind', () => {
    const empty = made.rows('recipients').length;
    for (const name of ['a', 'b', 'c']) made.open.register(at(name), keyOf(name));
    made.open.alias(at('x'), [at('a'), at('b'), at('c')]);
    assert.is(made.open.alias(at('x'), [at('B')]), 0);
    assert.is(made.open.removeTargets(at('x'), [at('b'), at('d')]), 1);
    are('x', 'a', 'c');
    made.open.revoke(at('c'));
    made.open.register(at('d'), keyOf('d'));
    refused(() => made.open.alias(at('y'), [at('d'), at('c')]), 'missing', at('c'));
    assert.is(made.open.removeTargets(at('x'), [at('c')]), 1);
    made.open.alias(at('x'), [at('d')]);
    are('x', 'a', 'd');
    assert.is(made.open.revoke(at('x'), fingerprintOf(keyOf('a'))), 0, 'a key of a target is not its own');
    assert.is(made.open.revoke(at('x')), 2);
    made.open.alias(
      at('many'),
      Array.from({ length: 20 }, (_, index) => at(`a+${index}`)),
    );
    are('many', 'a');
    assert.is(made.rows('recipients').length, 24);
    assert.is(made.open.removeTargets(at('many')), 20);
    assert.is(made.rows('recipients').length, 8, 'freed places stay behind');
    for (const name of ['a', 'b', 'd']) made.open.revoke(at(name));
    assert.is(made.rows('recipients').length, empty);
    made.open.check();
  });

  test('a list is taken in an order that its aliases refuse, or by half', () => {
    made.open.register(at('ann'), keyOf('a'), { label: 'keep' });
    made.open.register(at('bob'), keyOf('b'));
    made.open.alias(at('old'), [at('bob')]);
    const wanted = [
      { address: at('first'), target: at('second') },
      { address: at('second'), target: at('Ann') },
      { address: at('second'), target: at('new') },
      { address: at('new'), publicKey: keyOf('n'), details: { label: 'new' } },
      { address: at('ann'), publicKey: keyOf('a'), details: { until: null } },
      { address: at('bob'), target: at('ann') },
    ];
    const apply = (more: { prune?: string[]; isDry?: boolean }) =>
      applyList(made, { lines: wanted, ...more });
    refused(() => apply({}), 'usage', 'has a key');
    const before = made.bytes();
    const words = (changes: { change: string; address: string }[]) =>
      changes.map(({ change, address }) => `${change} ${address.replace('@example.org', '')}`);
    const all = [
      'revoke bob',
      'remove OLD',
      'register new',
      'alias first',
      'alias second',
      'alias second',
      'alias bob',
    ];
    assert.equal(words(apply({ prune: [at('OLD')], isDry: true })), all);
    assert.equal(made.bytes(), before, 'a dry run writes');
    assert.equal(words(apply({ prune: [at('OLD')] })), all);
    are('first', 'a', 'n');
    are('bob', 'a');
    assert.is(made.open.registered(at('ann'))[0]?.label, 'keep');
    const after = made.bytes();
    assert.equal(apply({ prune: [at('old')] }), []);
    assert.equal(made.bytes(), after, 'nothing to change, and it writes');
    made.open.check();
  });
});
