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

/** A program that leaks in several ways, each told by what no other of its leaks tells. */
interface Control {
  readonly replacements: Replacements;
  readonly letters: number;
  readonly seed?: string;
  /** What leaks → what must be told. */
  readonly told: Readonly<Record<string, RegExp>>;
}

/** Few mails are enough, but where a statistic has to tell. */
const letters = 4;

const controls: readonly Control[] = [
  {
    replacements: {
      'seal/envelope.js': 'length-in-nonce',
      'journal/disk.js': 'times-stay',
      'server/intake.js': 'says-recipient',
      'server/message-writer.js': 'spool',
    },
    letters: 3 * letters,
    told: {
      'the length of content in a cell': /^envelopes: octet 3[2-7], /,
      'the times of files': new RegExp(`^after mail \\d+: ${segment}/blocks: `),
      'a line of the log with an address': /^found: printed: "/,
      'a temporary file': /^after mail \d+: temp\/spool-\d: /,
    },
  },
  {
    replacements: { 'server/channel-table.js': 'key-in-nonce', 'journal/chance.js': 'no-filling-up' },
    letters,
    told: {
      'the fingerprint of a key in a cell': /^twice: /,
      'the number of recipients': new RegExp(`^after mail \\d+: ${segment}/envelopes: `),
    },
  },
  {
    replacements: {
      'seal/envelope.js': 'summary-in-clear',
      'server/channel-table.js': 'channels-when-needed',
      'server/live-registry.js': 'last-seen',
    },
    letters: 3 * letters,
    told: {
      'a subject in the clear': /^found: .*envelopes: "/,
      'when a key gets its first mail': new RegExp(`^after mail \\d+: ${segment}/channels: `),
      'a look-up that writes to the registry': /^octets of registry\.sqlite, its header/,
    },
  },
  // In one of its worlds somebody gets a second key, in the other a stranger the first.
  {
    replacements: { 'server/notice-writer.js': 'silent-where-nobody-is-told' },
    letters,
    seed: 'control 4',
    told: {
      'whether anybody was told of a change of keys': new RegExp(
        `^after a registration: ${segment}/blocks: `,
      ),
    },
  },
];

const gamesAtOnce = 3;

suite('leak game: controls', (test) => {
  const played = new Map<Replacements, string[]>();
  const none: Control = { replacements: {}, letters, told: {} };
  let beginning: Beginning;
  test.before(async () => {
    beginning = await begin('controls');
    const queue = [...controls, none];
    const next = async () => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        const { replacements, letters, seed = 'control' } = one;
        played.set(replacements, everythingOf(await playGame(seed, beginning, replacements, letters)));
      }
    };
    await Promise.all(Array.from({ length: gamesAtOnce }, next));
  });
  test.after(() => beginning.made.end());

  for (const { replacements, told } of controls)
    for (const [what, wanted] of Object.entries(told))
      test(`not caught: ${what}`, () => {
        const all = played.get(replacements) ?? [];
        assert.ok(
          all.some((one) => wanted.test(one)),
          all.slice(0, 5).join('\n'),
        );
      });

  test('a program that does not leak is taken for one that does', () => {
    assert.equal(played.get(none.replacements), []);
  });
});
