/**
 * How long `obalka list` takes on a large journal: without a cache, the first time with one, and later.
 *
 *   node dist/test/bench/list.js [--quick] [--keep FOLDER]
 *
 * 1 000 000 envelope cells, 100 000 of them ours, 10 000 channel cells of 50 keys in 200 segments; a tenth with --quick. A folder that
 * is kept is used again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../../src/cli/random.js';
import { encodeIdentity, identityOf } from '../../src/seal/keys.js';
import { makeLargeJournal } from './large-journal.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, keep: { type: 'string' } } });
const scale = values.quick ? 0.1 : 1;
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'obalka-list-')));
const identity = identityOf(random(32));
const plan = {
  folder: join(folder, 'journal'),
  identity,
  segments: 200 * scale,
  channels: 10_000 * scale,
  envelopes: 1_000_000 * scale,
  mine: 100_000 * scale,
  random,
};
try {
  const started = performance.now();
  const identityFile = join(folder, 'identity');
  if (!existsSync(identityFile)) {
    await makeLargeJournal(plan);
    await writeFile(identityFile, `${encodeIdentity(identity.seed)}\n`, { mode: 0o600 });
  }
  console.log(
    `made in ${((performance.now() - started) / 1000).toFixed(1)} s: ${plan.envelopes} envelope cells, ${plan.mine} ours, ${plan.channels} channel cells`,
  );
  const program = resolve(import.meta.dirname, '../../packed/obalka.js');
  const cache = join(folder, 'cache');
  const run = (name: string, ...words: string[]) => {
    const begun = performance.now();
    const { stdout, status } = spawnSync(
      '/usr/bin/time',
      ['-f', '%M %U', '-o', join(folder, 'time'), process.execPath, program, ...words],
      {
        maxBuffer: 2 ** 30,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, OBALKA_PINS: join(folder, 'pins') },
      },
    );
    const seconds = (performance.now() - begun) / 1000;
    const [kilobytes = '', user = ''] = readFileSync(join(folder, 'time'), 'utf8').trim().split(' ');
    const lines = stdout.toString('latin1').split('\n').length - 1;
    console.log(
      `${name.padEnd(34)} ${seconds.toFixed(2).padStart(6)} s  ${user.padStart(6)} s of the processor  ${(Number(kilobytes) / 1024).toFixed(0).padStart(4)} MiB  ${lines} lines, exit ${status}`,
    );
  };
  const list = (name: string, ...words: string[]) =>
    run(name, 'list', '--identity', identityFile, '--data', plan.folder, ...words);
  run('--version', '--version');
  list('list --limit 50 --cache none', '--limit', '50', '--cache', 'none');
  await rm(cache, { recursive: true, force: true });
  list('list --limit 50, first', '--limit', '50', '--cache', cache);
  for (let time = 0; time < 3; time++) list('list --limit 50, later', '--limit', '50', '--cache', cache);
  list('list --json, all', '--json', '--cache', cache);
  list('list --from, a few', '--from', 'someone42@', '--limit', '10', '--cache', cache);
  run('count', 'count', '--identity', identityFile, '--data', plan.folder, '--cache', cache);
  // Two segments of the newest mail come while nobody looks.
  const lane = join(plan.folder, readdirSync(plan.folder).find((name) => name.startsWith('lane-')) as string);
  const newest = readdirSync(lane)
    .filter((name) => name.startsWith('segment-'))
    .sort()
    .slice(-2);
  for (const name of newest) renameSync(join(lane, name), join(folder, name));
  await rm(cache, { recursive: true, force: true });
  list('list --limit 1, without the newest', '--limit', '1', '--cache', cache);
  for (const name of newest) renameSync(join(folder, name), join(lane, name));
  list(`list --limit 50, ${(2 * plan.mine) / plan.segments} are new`, '--limit', '50', '--cache', cache);
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
