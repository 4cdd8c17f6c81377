/** Model: whatever is registered and revoked in whatever order, the registry says what a plain Map says. */
import * as fc from 'fast-check';
import { rounded } from '../../src/core/rounded.js';
import { fingerprintOf } from '../../src/seal/keys.js';
import { assert, suite } from '../support/suite.js';
import { keyOf, TestRegistry } from './make-registry.js';

const addresses = ['alice@example.org', 'bob@example.org', 'alice@example.net', '*@example.org', '*'];
const mailboxes = [
  { localPart: 'ALICE', domain: 'Example.Org', tried: ['alice@example.org', '*@example.org', '*'] },
  { localPart: 'bob', domain: 'example.org', tried: ['bob@example.org', '*@example.org', '*'] },
  { localPart: 'carol', domain: 'EXAMPLE.org', tried: ['*@example.org', '*'] },
  { localPart: 'alice', domain: 'example.net', tried: ['alice@example.net', '*'] },
  { localPart: 'dave', domain: 'example.com', tried: ['*'] },
];
const keyNames = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'];
const start = 1_800_000_000;

const address = fc.constantFrom(...addresses);
const keyName = fc.constantFrom(...keyNames);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      address,
      keyName,
      label: fc.constantFrom('', 'one', 'zwei ü'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('date' as const),
      address,
      keyName,
      from: fc.integer({ min: -5, max: 5 }),
      length: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('revoke' as const), address, keyName }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), address }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);

interface Known {
  label: string;
  from: number;
  until: number;
}

suite('registry model', (test) => {
  test('a registry that says something else than a Map', () => {
    return fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const made = new TestRegistry();
        try {
          const model = new Map<string, Map<string, Known>>(addresses.map((each) => [each, new Map()]));
          made.clock = start * 1000;
          for (const each of steps) take(each, made, model);
          made.open.check();
          compare(made, model);
        } finally {
          made.end();
        }
      }),
      { seed: 20, numRuns: 40 },
    );
  });
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(each: Step, made: TestRegistry, model: Map<string, Map<string, Known>>): void {
  if (each.do === 'wait') made.clock += each.seconds * 1000;
  else if (each.do === 'reopen') made.reopen();
  else {
    const keys = model.get(each.address) as Map<string, Known>;
    if (each.do === 'clear') {
      assert.is(made.open.revoke(each.address), keys.size);
      keys.clear();
    } else if (each.do === 'revoke') {
      const fingerprint = fingerprintOf(keyOf(each.keyName));
      assert.is(made.open.revoke(each.address, fingerprint), keys.has(each.keyName) ? 1 : 0);
      keys.delete(each.keyName);
    } else {
      const known = keys.get(each.keyName);
      const before = known ?? { label: '', from: 0, until: Number.POSITIVE_INFINITY };
      const said = known ? 'updated' : 'added';
      if (each.do === 'register') {
        assert.is(made.open.register(each.address, keyOf(each.keyName), { label: each.label }), said);
        keys.set(each.keyName, { ...before, label: each.label });
      } else {
        const times = { from: start + each.from, until: start + each.from + each.length };
        assert.is(made.open.register(each.address, keyOf(each.keyName), times), said);
        keys.set(each.keyName, { ...before, ...times });
      }
    }
  }
}

function compare(made: TestRegistry, model: Map<string, Map<string, Known>>): void {
  const names = new Map(keyNames.map((name) => [Buffer.from(keyOf(name)).toString('hex'), name]));
  const nameOf = (key: Uint8Array) => names.get(Buffer.from(key).toString('hex')) as string;
  for (const each of addresses)
    assert.equal(
      made.open
        .registered(each)
        .map((key) => [
          nameOf(key.publicKey),
          key.label,
          key.from ?? 0,
          key.until ?? Number.POSITIVE_INFINITY,
        ])
        .sort(),
      [...(model.get(each) as Map<string, Known>)]
        .map(([name, known]) => [name, known.label, known.from, known.until])
        .sort(),
    );
  const now = made.clock / 1000;
  for (const { tried, ...mailbox } of mailboxes) {
    const deciding = tried.find((each) => (model.get(each) as Map<string, Known>).size > 0);
    const valid = [...(deciding === undefined ? [] : (model.get(deciding) as Map<string, Known>))]
      .filter(([, known]) => known.from <= now && now < known.until)
      .map(([name]) => name);
    const found = made.open.lookup(mailbox);
    assert.equal((found?.keys ?? []).map((key) => nameOf(key.publicKey)).sort(), valid.sort());
    const way =
      deciding === '*' ? 'system-catch-all' : deciding?.startsWith('*') ? 'domain-catch-all' : 'itself';
    assert.is(found?.reached, valid.length > 0 ? way : undefined);
  }
  const active = new Set([...model.values()].flatMap((keys) => [...keys.keys()]));
  assert.equal(made.open.activeKeys().map(nameOf).sort(), [...active].sort());
  assert.is(made.rows('keys').length, rounded(active.size));
}
