/**
 * The bench: obalka and other receivers of mail on this machine, loaded in turn by the same generator.
 *
 *   npm run bench -- --help
 *
 * The page goes to stdout, progress to stderr. No number makes it fail; a mail refused or lost does.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ReaderRow } from './goals.js';
import { measureGrowth } from './growth.js';
import { machine, versions } from './machine.js';
import { help, type Options, readOptions } from './options.js';
import type { Peer } from './peer.js';
import { installPeers } from './peers/installed.js';
import { allPeers } from './peers.js';
import { play, type Race } from './play.js';
import { page, type Report, write } from './report.js';
import { Results } from './results.js';

const root = resolve(import.meta.dirname, '../../..');
const args = process.argv.slice(2);
const options = readOptions(args);

if (options.help) console.log(help);
else if (options.install !== undefined) installPeers(resolve(options.install));
else await run(options);

/** Those that are wanted and there, and lines about those that are not there. */
function choosePeers({ receivers, peers: folder }: Options): { peers: Peer[]; skipped: string[] } {
  const peers: Peer[] = [];
  const skipped: string[] = [];
  for (const peer of allPeers(folder && resolve(folder))) {
    if (receivers.length > 0 && !receivers.some((name) => peer.name.startsWith(name))) continue;
    const reason = peer.missing();
    if (reason === undefined) peers.push(peer);
    else skipped.push(`not measured: ${peer.name}: ${reason}`);
  }
  if (peers.length === 0) throw new Error('no receiver to measure');
  return { peers, skipped };
}

/** The rows of the reader's bench. */
function measureReader(quick: boolean): readonly ReaderRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'obalka-bench-rows-'));
  try {
    const rows = join(folder, 'rows');
    const words = [join(import.meta.dirname, 'reader.js'), '--rows', rows, ...(quick ? ['--quick'] : [])];
    const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`the reader's bench ended with ${status}`);
    return JSON.parse(readFileSync(rows, 'utf8')) as ReaderRow[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function notes(chosen: Options, race: Race, peers: readonly Peer[], skipped: readonly string[]): string[] {
  const { scale, rounds, generator } = chosen;
  const fewer = chosen.chosen.flatMap(([word, scenario]) =>
    scenario.rounds !== undefined && scenario.rounds < rounds ? [`${word}: ${scenario.rounds}`] : [],
  );
  const but = fewer.length > 0 ? ` (${fewer.join(', ')})` : '';
  return [
    ...chosen.chosen.map(([, scenario]) => scenario.title(scale)),
    `medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} in turn${but}; × is the median of the ratios within each round`,
    `generator, on the same cores: ${generator}`,
    'memory is the sum over all processes of a receiver, so that what they share counts more than once',
    'smtp-server waits 100 ms before it greets a new session',
    ...[...race.outrun].map((what) => `the generator had no time left, so it was the limit: ${what}`),
    ...[...race.failed].map((what) => `failed, and left out from there: ${what}`),
    ...versions(peers),
    ...skipped,
  ];
}

/** The words that repeat this run; whose folder it was is nobody's business. */
function command(): string {
  const words = args.map((word, at) =>
    args[at - 1] === '--peers' ? 'DIR' : word.replace(/^--peers=.*/, '--peers=DIR'),
  );
  return ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}

async function run(chosen: Options): Promise<void> {
  const { peers, skipped } = choosePeers(chosen);
  for (const line of skipped) console.error(line);
  const { load, scale, rounds } = chosen;
  const race: Race = { load, scale, rounds, results: new Results(), outrun: new Set(), failed: new Set() };
  for (const [word, scenario] of chosen.chosen) await play(word, scenario, peers, race);
  const growth = chosen.growth ? await measureGrowth(peers, race) : undefined;
  const reader = chosen.reader ? measureReader(chosen.quick) : [];
  const report: Report = {
    command: command(),
    receivers: peers.map(({ name }) => name),
    columns: chosen.chosen.flatMap(([, { columns }]) => columns),
    results: race.results,
    growth,
    reader,
    machine: machine(),
    notes: notes(chosen, race, peers, skipped),
  };
  console.log(page(report, false));
  if (chosen.write) for (const name of write(report, root)) console.error(`wrote ${name}`);
}
