/**
 * The working tree beside an older revision, loaded in turn: is it faster?
 *
 *   npm run bench:compare -- REVISION [--rounds N] [--seconds N] [--only new,kept,large] [--workers N] [--generator NAME]
 *
 * Both are loaded in each round, and the order changes; what is printed is the ratio within rounds, with its spread.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './machine.js';
import { buildOlder } from './older.js';
import { readOptions } from './options.js';
import { obalkaOf } from './peers/obalka.js';
import { play, type Race } from './play.js';
import { Results } from './results.js';
import { spread } from './statistics.js';
import { markdown } from './table.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string', default: 'new,kept,large' },
    workers: { type: 'string' },
    generator: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [revision] = positionals;
if (values.help || revision === undefined || positionals.length > 1) {
  console.error(
    'npm run bench:compare -- REVISION [--rounds 9] [--seconds 1] [--only new,kept,large] [--workers N] [--generator NAME]',
  );
  process.exit(values.help ? 0 : 2);
}

const { rounds, seconds, only, workers, generator } = values;
const words = ['--rounds', rounds, '--seconds', seconds, '--only', only];
const chosen = readOptions([...words, ...(generator === undefined ? [] : ['--generator', generator])]);
const root = resolve(import.meta.dirname, '../../..');
const options = workers === undefined ? [] : ['--workers', workers];

console.error(`building ${revision}`);
const older = await buildOlder(root, revision);
try {
  const before = obalkaOf({ name: older.commit, root: older.root, options });
  const after = obalkaOf({ name: 'working tree', options });
  const { load, scale } = chosen;
  const results = new Results();
  const race: Race = { load, scale, rounds: chosen.rounds, results, outrun: new Set(), failed: new Set() };
  for (const [word, scenario] of chosen.chosen) await play(word, scenario, [before, after], race);

  const rows = chosen.chosen.flatMap(([, { columns }]) =>
    columns.map(({ name, digits }) => {
      const middle = [before, after].map(
        (peer) => race.results.median(peer.name, name)?.toFixed(digits) ?? '',
      );
      const ratio = spread(race.results.ratios(after.name, before.name, name));
      const figures = ratio ? [ratio.median, ratio.least, ratio.most] : [];
      return [name, ...middle, ...figures.map((figure) => figure.toFixed(3))];
    }),
  );
  console.log(
    markdown(['median of rounds', before.name, after.name, 'ratio, median', 'least', 'most'], rows),
  );
  console.log(`\n${chosen.rounds} rounds, generator ${chosen.generator}; ${machine()}`);
} finally {
  await older.remove();
}
