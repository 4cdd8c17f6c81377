/** The leak game's reverse control: a program that leaks on purpose is caught, each by what it tells. */

import { assert, suite } from '../support/suite.js';
import type { Replacements } from './altered-program.js';
import { type Beginning, begin, type PlayedGame, playGame } from './game.js';
import { count, repeatsIn, unevenIn } from './statistics.js';

/** All that a played game tells: differences of its worlds, words found, and cells that are not even or repeat. */
function everythingOf({ tells, worlds }: PlayedGame): string[] {
  const cells = (stream: 'envelopes' | 'blocks') => worlds.flatMap((world) => world.cells[stream]);
  return [
    ...tells,
    ...unevenIn(count(cells('envelopes'))).map((one) => `envelopes: ${one}`),
    ...unevenIn(count(cells('blocks'))).map((one) => `blocks: ${one}`),
    ...repeatsIn([...cells('envelopes'), ...cells('blocks')]).map((one) => `twice: ${one}`),
  ];
}

const segment = 'journal/lane-\\w+/segment-\\d+';

/** What leaks → the build that does it, and what must be told. */
const controls: Readonly<Record<string, readonly [Replacements, RegExp, seed?: string]>> = {
  'the length of content in a cell': [
    { 'seal/envelope.js': 'length-in-nonce' },
    /^envelopes: octet 3[2-7], /,
  ],
  'the fingerprint of a key in a cell': [{ 'server/channel-table.js': 'key-in-nonce' }, /^twice: /],
  'the times of files': [
    { 'journal/disk.js': 'times-stay' },
    new RegExp(`^after mail \\d+: ${segment}/blocks: `),
  ],
  'a subject in the clear': [{ 'seal/envelope.js': 'summary-in-clear' }, /^found: .*envelopes: "/],
  'the number of recipients': [
    { 'journal/chance.js': 'no-filling-up' },
    new RegExp(`^after mail \\d+: ${segment}/envelopes: `),
  ],
  'when a key gets its first mail': [
    { 'server/channel-table.js': 'channels-when-needed' },
    new RegExp(`^after mail \\d+: ${segment}/channels: `),
  ],
  'a line of the log with an address': [{ 'server/intake.js': 'says-recipient' }, /^found: printed: "/],
  'a temporary file': [{ 'server/message-writer.js': 'spool' }, /^after mail \d+: temp\/spool-\d: /],
  'a look-up that writes to the registry': [
    { 'server/live-registry.js': 'last-seen' },
    /^octets of registry\.sqlite, its header/,
  ],
  // In one of its worlds somebody gets a second key, in the other a stranger the first.
  'whether anybody was told of a change of keys': [
    { 'server/notice-writer.js': 'silent-where-nobody-is-told' },
    new RegExp(`^after a registration: ${segment}/blocks: `),
    'control 4',
  ],
};

/** Few mails are enough, but where a statistic has to tell. */
const letters = 4;

const gamesAtOnce = 3;

suite('leak game: controls', (test) => {
  const played = new Map<string, string[]>();
  let beginning: Beginning;
  test.before(async () => {
    beginning = await begin('controls');
    const queue = [...Object.entries(controls), ['nothing', [{}, /^$/]] as const];
    const next = async () => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        const count = one[0].startsWith('the length') ? 3 * letters : letters;
        const [replacements, , seed = 'control'] = one[1];
        played.set(one[0], everythingOf(await playGame(seed, beginning, replacements, count)));
      }
    };
    await Promise.all(Array.from({ length: gamesAtOnce }, next));
  });
  test.after(() => beginning.made.end());

  for (const [what, [, told]] of Object.entries(controls))
    test(`not caught: ${what}`, () => {
      const all = played.get(what) ?? [];
      assert.ok(
        all.some((one) => told.test(one)),
        all.slice(0, 5).join('\n'),
      );
    });

  test('a program that does not leak is taken for one that does', () => {
    assert.equal(played.get('nothing'), []);
  });
});
