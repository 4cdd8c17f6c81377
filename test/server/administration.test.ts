/** Administration: who is told of targets and lists before they are made, and that nothing is made untold. */
import { Problem } from '../../src/core/errors.js';
import { identityOf } from '../../src/seal/keys.js';
import { type Administration, administration } from '../../src/server/administration.js';
import type { ChangeOfKeys } from '../../src/server/change-of-keys.js';
import { TestRegistry } from '../registry/make-registry.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const at = (name: string) => `${name}@example.org`;
const keyOf = (name: string) => identityOf(bytesFrom(`administered ${name}`, 32)).publicKey;
const names = new Map(['a', 'b', 'c'].map((name) => [Buffer.from(keyOf(name)).toString('hex'), name]));

suite('administration', (test) => {
  let made: TestRegistry;
  let told: string[];
  let isMute: boolean;
  let administer: Administration;
  test.before.each(() => {
    made = new TestRegistry();
    told = [];
    isMute = false;
    const named = (keys: ChangeOfKeys['before']) =>
      keys.map(({ publicKey }) => names.get(Buffer.from(publicKey).toString('hex'))).join('');
    administer = administration(made.open, {
      async tell(changes) {
        if (isMute) throw new Problem('failure', 'nobody could be told');
        told.push(
          changes.map(({ address, before, after }) => `${address} ${named(before)}>${named(after)}`).join(),
        );
        return changes.length;
      },
    });
    for (const name of ['a', 'b', 'c']) made.open.register(at(name), keyOf(name));
  });
  test.after.each(() => made.end());

  const fails = async (work: Promise<unknown>, words: RegExp) => {
    const before = made.bytes();
    const error = await work.then(
      () => undefined,
      (one: unknown) => one,
    );
    assert.match(String(error), words);
    assert.equal(made.bytes(), before, 'something is made all the same');
  };

  test('who reads the mail of an alias is not told that others will, or no longer do', async () => {
    assert.equal(await administer.alias(at('team'), [at('a'), at('b')]), { count: 2, told: 1 });
    await administer.alias(at('all'), [at('team')]);
    assert.equal(await administer.alias(at('all'), [at('c'), at('team')]), { count: 1, told: 1 });
    assert.equal(await administer.alias(at('all'), [at('C')]), { count: 0, told: 0 });
    await administer.removeTargets(at('all'), [at('team')]);
    await administer.revoke(at('all'));
    assert.equal(await administer.revoke(at('all')), { count: 0, told: 0 });
    assert.equal(await administer.removeTargets(at('team'), [at('c')]), { count: 0, told: 0 });
    assert.equal(told, [
      'team@example.org >ab',
      'all@example.org >ab',
      'all@example.org ab>cab',
      'all@example.org cab>c',
      'all@example.org c>',
    ]);
  });

  test('one key takes the place of another in two steps, or untold, or half', async () => {
    const olds = [identityOf(bytesFrom('administered a', 32)).fingerprint];
    assert.equal(await administer.exchange(at('a'), keyOf('b'), { label: 'new' }, olds), { told: 1 });
    assert.equal(told, ['a@example.org a>b']);
    const { keys } = await administer.registered(at('a'));
    assert.equal([keys.length, keys[0]?.label, keys[0]?.publicKey], [1, 'new', keyOf('b')]);
    await administer.alias(at('team'), [at('a')]);
    await fails(administer.exchange(at('team'), keyOf('c'), {}, []), /is an alias/);
    await fails(administer.exchange(at('a'), keyOf('c'), { label: 'x'.repeat(1000) }, olds), /label/);
    isMute = true;
    await fails(administer.exchange(at('a'), keyOf('c'), {}, olds), /could be told/);
  });

  test('what is refused is told, or what could not be told is made', async () => {
    await administer.alias(at('team'), [at('a')]);
    told = [];
    await fails(administer.alias(at('x'), [at('a'), at('nobody')]), /no key is registered/);
    await fails(administer.alias(at('team'), [at('team')]), /circle/);
    await fails(administer.register(at('team'), keyOf('c'), {}), /is an alias/);
    const lines = [
      { address: at('new'), publicKey: keyOf('c') },
      { address: at('team'), target: at('nobody') },
    ];
    await fails(administer.applyList({ lines }, false), /no key is registered/);
    assert.equal(told, []);
    isMute = true;
    await fails(administer.alias(at('team'), [at('b')]), /nobody could be told/);
    await fails(administer.removeTargets(at('team')), /nobody could be told/);
    await fails(administer.applyList({ lines: lines.slice(0, 1) }, false), /nobody could be told/);
  });

  test('a list is made before those are told whom it takes a key from or gives one to', async () => {
    await administer.alias(at('team'), [at('a')]);
    told = [];
    const list = {
      lines: [
        { address: at('a'), publicKey: keyOf('a') },
        { address: at('a'), publicKey: keyOf('c') },
        { address: at('b'), target: at('c') },
        { address: at('new'), publicKey: keyOf('b') },
      ],
      prune: [at('team')],
    };
    const before = made.bytes();
    const dry = await administer.applyList(list, true);
    assert.equal([told, made.bytes()], [[], before]);
    const done = await administer.applyList(list, false);
    assert.equal(done.changes, dry.changes);
    assert.equal(
      told.map((one) => one.split(',').sort()),
      [['a@example.org a>ac', 'b@example.org b>c', 'new@example.org >b', 'team@example.org a>']],
    );
    assert.equal(
      (await administer.registered(at('b'))).targets.map(({ target }) => target),
      [at('c')],
    );
    assert.equal(await administer.applyList(list, false), { changes: [], told: 0 });
    assert.is(told.length, 1);
  });
});
