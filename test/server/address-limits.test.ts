/** Limits of addresses by a clock that is turned by hand: what they allow, for how long, and what they remember. */

import { parseAddressWords } from '../../src/cli/server/limit-words.js';
import { Problem } from '../../src/core/errors.js';
import { parseAddressLimits } from '../../src/server/address-limit-list.js';
import { AddressCounts, type AddressLimits, defaultAddressLimits } from '../../src/server/address-limits.js';
import { chance } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const minute = 60_000;
const hour = 60 * minute;

function counts(limits: Partial<AddressLimits>, mostAddresses = 1000) {
  const clock = { now: 1e9 + 0.1 };
  let all = { ...defaultAddressLimits, ...limits };
  const counts = new AddressCounts({
    limitsOf: () => all,
    random: chance('address limits'),
    now: () => clock.now,
    mostAddresses,
  });
  /** Mails that are allowed one after the other, at most so many. */
  const taken = (address: string, octets: number, most = 1000) => {
    let mails = 0;
    for (; mails < most && made.allows(address); mails++) made.count(address, octets);
    return mails;
  };
  const set = (more: Partial<AddressLimits>) => {
    all = { ...all, ...more };
  };
  const made = {
    allows: (address: string) => counts.allows(address),
    count: (address: string, octets: number) => counts.count(address, octets),
    get size() {
      return counts.size;
    },
    set,
  };
  return { made, clock, taken };
}

suite('limits of addresses', (test) => {
  test('a process that begins later knows nothing of what others counted, or by its own clock another time', () => {
    const limitsOf = () => ({ ...defaultAddressLimits, addressMailsPerHour: 2 });
    const clocks = [5 * hour, 90 * hour];
    const options = (at: number) => ({
      limitsOf,
      random: chance(`from ${at}`),
      now: () => clocks[at] as number,
    });
    const old = new AddressCounts(options(0));
    old.count('ann', 10);
    old.count('ann', 10);
    const young = new AddressCounts({ ...options(1), had: structuredClone(old.soFar()) });
    assert.equal([young.allows('ann'), young.allows('bob')], [false, true]);
    clocks[1] = 90.5 * hour + 1;
    assert.ok(young.allows('ann'));
    young.count('ann', 10);
    assert.not(young.allows('ann'));
    assert.not(old.allows('ann'), 'the other is as it was');
  });

  test('another number of mails than the limit is taken at once, or in the long run', () => {
    for (const limit of [1, 2, 3, 7, 60, 997]) {
      const { clock, taken } = counts({ addressMailsPerHour: limit });
      assert.is(taken('ann', 1), limit, `${limit} at once`);
      assert.is(taken('bob', 1), limit, 'the limit of one is that of another');
      clock.now += hour / limit;
      assert.is(taken('ann', 1), 1, 'one part of the hour allows one');
      clock.now += 10 * hour;
      assert.is(taken('ann', 1), limit, 'rest is not saved up beyond the limit');
    }
  });

  test('a day does not hold where hours do', () => {
    const { clock, taken } = counts({ addressMailsPerHour: 10, addressMailsPerDay: 24 });
    let mails = 0;
    for (let passed = 0; passed < 24; passed++, clock.now += hour) mails += taken('ann', 1);
    assert.ok(mails >= 24 && mails <= 48, String(mails));
  });

  test('octets count before they came, or one mail closes an address for days', () => {
    const { clock, taken } = counts({ addressOctetsPerHour: 1000 });
    assert.is(taken('ann', 400), 3);
    clock.now += hour / 4;
    assert.is(taken('ann', 10, 1), 1);
    assert.is(taken('bob', 1_000_000_000), 1);
    clock.now += hour;
    assert.is(taken('bob', 1), 1000);
  });

  test('another limit does not hold at once', () => {
    const { made, clock, taken } = counts({ addressMailsPerHour: 2, addressOctetsPerDay: 500 });
    assert.is(taken('ann', 100), 2);
    made.set({ addressMailsPerHour: 4 });
    assert.is(taken('ann', 100), 2);
    made.set({ addressMailsPerHour: 0, addressOctetsPerDay: 0 });
    assert.is(taken('ann', 100), 1000);
    made.set({ addressMailsPerHour: 1 });
    clock.now += 2 * hour;
    assert.is(
      taken('ann', 100),
      1,
      'what was counted under another limit counts for two of this one at most',
    );
  });

  test('no limit limits, or remembers', () => {
    const { made, taken } = counts({});
    assert.is(taken('ann', 1e9), 1000);
    assert.is(made.size, 0);
  });

  test('it remembers for ever, or more than it may', () => {
    const { made, clock, taken } = counts({ addressMailsPerHour: 2 }, 100);
    for (let number = 0; number < 300; number++) taken(`address ${number}`, 1);
    assert.is(made.size, 100);
    assert.is(taken('address 299', 1), 0);
    assert.is(taken('address 0', 1), 2, 'the oldest are forgotten first');
    clock.now += 2 * hour;
    taken('ann', 1);
    assert.is(made.size, 1);
  });

  test('a line of the file is taken for another, or a wrong one passes', () => {
    const read = (text: string) =>
      parseAddressLimits(
        text,
        'limits.txt',
        { ...defaultAddressLimits, addressMailsPerDay: 9 },
        parseAddressWords,
      );
    const found = read(
      '# all\n\nAnn@Example.org addressMailsPerHour=5 addressOctetsPerDay=10000000000 # much\r\n*@example.org addressMailsPerDay=0\n',
    );
    assert.equal(
      [...found.values()],
      [
        { ...defaultAddressLimits, addressMailsPerHour: 5, addressMailsPerDay: 9, addressOctetsPerDay: 1e10 },
        defaultAddressLimits,
      ],
    );
    assert.is(Buffer.from([...found.keys()][0] as string, 'hex').toString(), '\u0001ann@example.org');
    for (const [text, words] of [
      ['ann', /line 1: "ann" is not an address/],
      ['\nann@example.org', /line 2: write limits behind the address/],
      [
        'ann@example.org mails=3',
        /line 1: mails=3: no such limit; write NAME=NUMBER, NAME being one of addressMailsPerHour, /,
      ],
      [
        'ann@example.org addressMailsPerDay=1 addressMailsPerDay=1',
        /line 1: addressMailsPerDay is given twice/,
      ],
      ['ann@example.org addressMailsPerDay=9999999999', /line 1: .* from 0 to 1000000000$/],
      ['a@b addressMailsPerDay=1\nA@B addressMailsPerDay=1', /line 2: this address stands there twice/],
    ] as const)
      assert.throws(
        () => read(text),
        (error: unknown) =>
          error instanceof Problem &&
          error.kind === 'usage' &&
          words.test(error.message) &&
          error.message.startsWith('limits.txt, '),
        text,
      );
  });
});
