/**
 * The leak game, played many times. By hand it takes the number of games and the beginning of their seeds:
 *
 *   node dist/test/leaks/game.test.js 500 tonight
 */
import { randomBytes } from 'node:crypto';
import { cellSizes, checkSize } from '../../src/format/cell.js';
import { openChannel } from '../../src/seal/channel.js';
import { assert, suite } from '../support/suite.js';
import { begin, type PlayedGame, playGame } from './game.js';
import { coefficientsOf, count, repeatsIn, tooFar, unevenIn, unlikeIn, unlikeness } from './statistics.js';

const [number = '12', prefix = 'game'] = process.argv.slice(2);
const gamesAtOnce = 4;

/** Octets of a channel cell that no X-Wing ciphertext is in. */
const sealedPart = 1120;

async function playAll(): Promise<PlayedGame[]> {
  const seeds = Array.from({ length: Number(number) }, (_, at) => `${prefix} ${at}`);
  const played: PlayedGame[] = [];
  const next = async (beginning: Awaited<ReturnType<typeof begin>>) => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift())
      played.push(await playGame(seed, beginning));
  };
  await Promise.all(
    Array.from({ length: gamesAtOnce }, async (_, at) => {
      const beginning = await begin(`${prefix} ${at}`);
      await next(beginning).finally(() => beginning.made.end());
    }),
  );
  return played;
}

suite('leak game', (test) => {
  let games: readonly PlayedGame[] = [];
  const all = (world: 0 | 1, stream: 'channels' | 'envelopes' | 'blocks') =>
    games.flatMap(({ worlds }) => worlds[world].cells[stream]);

  test('two runs that differ only in who wrote to whom, the subjects, or the lengths within the same total of blocks leave other names, modes, lengths, counts, times or words', async () => {
    games = await playAll();
    for (const { plan, tells } of games) assert.equal(tells, [], `seed ${plan.seed}`);
    const letters = games.flatMap(({ plan }) => plan.worlds.flatMap((world) => world.letters));
    assert.ok(new Set(letters.map(({ content }) => content.length)).size > letters.length / 2);
    assert.ok(new Set(letters.map(({ to }) => new Set(to).size)).size === 4, 'one to four recipients');
  });

  test('two such runs of a server of two workers leave other names, modes, lengths, counts, times or words', async () => {
    const beginning = await begin(`${prefix} workers`);
    try {
      const { plan, tells, worlds } = await playGame(`${prefix} workers`, beginning, {}, undefined, 2);
      assert.equal(tells, [], `seed ${plan.seed}`);
      const lanes = new Set(worlds[0].channels.map(({ at }) => Buffer.from(at.lane).toString('hex')));
      assert.is(lanes.size, 2, 'both took mail');
    } finally {
      await beginning.made.end();
    }
  });

  test('octets of sealed cells are not as even as chance, at some place or as a whole', () => {
    for (const stream of ['envelopes', 'blocks'] as const) {
      const cells = [...all(0, stream), ...all(1, stream)];
      assert.ok(cells.every(({ length }) => length === cellSizes[stream] - checkSize));
      assert.equal(unevenIn(count(cells)), [], `${cells.length} cells of ${stream}`);
    }
    const channels = [...all(0, 'channels'), ...all(1, 'channels')];
    assert.equal(unevenIn(count(channels.map((cell) => cell.subarray(sealedPart)))), [], 'channels');
  });

  test('a statistic of cells tells one world from the other', () => {
    for (const stream of ['channels', 'envelopes', 'blocks'] as const)
      assert.equal(unlikeIn(count(all(0, stream)), count(all(1, stream))), [], stream);
  });

  test('a piece of ten octets comes up twice', () => {
    for (const { plan, worlds } of games)
      assert.equal(
        repeatsIn(worlds.flatMap(({ cells }) => [...cells.channels, ...cells.envelopes, ...cells.blocks])),
        [],
        `seed ${plan.seed}`,
      );
  });

  test('a decoy looks otherwise than a channel', () => {
    const channels: Buffer[] = [];
    const decoys: Buffer[] = [];
    for (const { worlds, identities } of games)
      for (const { body, at, number } of worlds.flatMap((world) => world.channels)) {
        const own = identities.some((identity) => openChannel(body, identity, at, number));
        (own ? channels : decoys).push(body);
      }
    assert.ok(
      channels.length > 4 * games.length && decoys.length > games.length,
      `${channels.length} and ${decoys.length}`,
    );
    const far = unlikeness(coefficientsOf(channels), coefficientsOf(decoys));
    assert.ok(far < tooFar, `coefficients: ${far}`);
    assert.equal(unlikeIn(count(channels), count(decoys)), []);
    // Octets of chance in the place of decoys would be told.
    const random = coefficientsOf(decoys.map((cell) => randomBytes(cell.length)));
    assert.ok(unlikeness(coefficientsOf(channels), random) > tooFar);
  });
});
