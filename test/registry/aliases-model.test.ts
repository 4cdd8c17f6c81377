/** Model of aliases: whatever becomes a key or an alias in whatever order, mail goes where a plain graph says. */
import * as fc from 'fast-check';
import { hex } from '../../src/core/bytes.js';
import { Problem } from '../../src/core/errors.js';
import { rounded } from '../../src/core/rounded.js';
import { fingerprintOf } from '../../src/seal/keys.js';
import { assert, suite } from '../support/suite.js';
import { keyOf, TestRegistry } from './make-registry.js';

const names = ['a', 'b', 'c', 'd', 'e'];
/** What may be a target: names, and sub-addresses, of which one may be registered itself. */
const targets = [...names, 'a+x', 'b+y'];
const registrable = [...names, 'a+x'];
const at = (name: string) => `${name}@example.org`;

const name = fc.constantFrom(...registrable);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('register' as const), name, key: fc.constantFrom('1', '2', '3') }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('alias' as const),
      name,
      targets: fc.uniqueArray(fc.constantFrom(...targets), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('remove' as const), name, target: fc.constantFrom(...targets) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('clear' as const), name }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Known {
  readonly keys: Set<string>;
  readonly targets: Set<string>;
}

class Model {
  readonly all = new Map<string, Known>(
    registrable.map((one) => [one, { keys: new Set(), targets: new Set() }]),
  );

  of(name: string): Known {
    return this.all.get(name) as Known;
  }

  /** The registered name that a text means, if there is one. */
  means(text: string): string | undefined {
    return [text, text.replace(/\+.*/, '')].find((one) => {
      const known = this.all.get(one);
      return known && known.keys.size + known.targets.size > 0;
    });
  }

  /** All names that are reached from a text. */
  reached(text: string, seen = new Set<string>()): Set<string> {
    const name = this.means(text);
    if (name === undefined || seen.has(name)) return seen;
    seen.add(name);
    for (const target of this.of(name).targets) this.reached(target, seen);
    return seen;
  }

  keys(text: string): string[] {
    return [...new Set([...this.reached(text)].flatMap((name) => [...this.of(name).keys]))].sort();
  }

  /** Whether an alias may be given these targets; it has them already while this is asked. */
  mayAlias(name: string, given: readonly string[]): boolean {
    return given.every((target) => this.keys(target).length > 0 && !this.reached(target).has(name));
  }
}

suite('aliases model', (test) => {
  test('mail for an address goes to other keys than a graph says', () => {
    let taken = 0;
    let refused = 0;
    void fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 24 }), (steps) => {
        const made = new TestRegistry();
        const model = new Model();
        try {
          for (const each of steps)
            if (take(each, made, model)) taken += 1;
            else refused += 1;
          made.open.check();
          compare(made, model);
        } finally {
          made.end();
        }
      }),
      { seed: 21, numRuns: 50 },
    );
    assert.ok(taken > 200 && refused > 200, `${taken} taken, ${refused} refused`);
  });
});

/** Does a step in both; tells whether it was taken. */
function take(each: Step, made: TestRegistry, model: Model): boolean {
  const known = model.of(each.name);
  if (each.do === 'clear') {
    assert.is(made.open.revoke(at(each.name)), known.keys.size + known.targets.size);
    known.keys.clear();
    known.targets.clear();
    return true;
  }
  if (each.do === 'remove') {
    assert.is(
      made.open.removeTargets(at(each.name), [at(each.target)]),
      known.targets.delete(each.target) ? 1 : 0,
    );
    return true;
  }
  if (each.do === 'register') {
    const may = known.targets.size === 0;
    assert.is(
      allowed(() => made.open.register(at(each.name), keyOf(each.key))),
      may,
    );
    if (may) known.keys.add(each.key);
    return may;
  }
  const added = each.targets.filter((target) => !known.targets.has(target));
  for (const target of added) known.targets.add(target);
  const may = known.keys.size === 0 && model.mayAlias(each.name, each.targets);
  if (!may) for (const target of added) known.targets.delete(target);
  assert.is(
    allowed(() => made.open.alias(at(each.name), each.targets.map(at))),
    may,
  );
  return may;
}

function allowed(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof Problem && error.kind !== 'damage') return false;
    throw error;
  }
}

function compare(made: TestRegistry, model: Model): void {
  const nameOf = new Map(['1', '2', '3'].map((key) => [hex(fingerprintOf(keyOf(key))), key]));
  for (const text of [...targets, 'c+z']) {
    const found = made.open.lookup({ localPart: text, domain: 'example.org' });
    const keys = (found?.keys ?? []).map(({ fingerprint }) => nameOf.get(hex(fingerprint)) as string);
    assert.equal(keys.sort(), model.keys(text), text);
    const name = model.means(text);
    if (!found || name === undefined) continue;
    const way = model.of(name).targets.size > 0 ? 'alias' : 'itself';
    assert.is(found.reached, name === text ? way : 'sub-address');
  }
  for (const [one, known] of model.all)
    assert.equal(
      made.open
        .targets(at(one))
        .map(({ target }) => target)
        .sort(),
      [...known.targets].map(at).sort(),
    );
  const active = new Set([...model.all.values()].flatMap(({ keys }) => [...keys]));
  assert.is(made.open.activeKeys().length, active.size);
  assert.is(made.rows('keys').length, rounded(active.size));
}
