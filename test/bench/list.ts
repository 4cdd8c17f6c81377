/**
 * How long `obalka list` takes on a large journal: the first time, without any cache.
 *
 *   node dist/test/bench/list.js [--quick] [--keep FOLDER]
 *
 * 1 000 000 envelope cells, 100 000 of them ours, 10 000 channel cells of 50 keys in 200 segments; a tenth with --quick.
 */
import { spawnSync } from 'node:child_process';
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
  await makeLargeJournal(plan);
  const identityFile = join(folder, 'identity');
  await writeFile(identityFile, `${encodeIdentity(identity.seed)}\n`, { mode: 0o600 });
  console.log(
    `made in ${((performance.now() - started) / 1000).toFixed(1)} s: ${plan.envelopes} envelope cells, ${plan.mine} ours, ${plan.channels} channel cells`,
  );
  const program = resolve(import.meta.dirname, '../../src/cli/obalka.js');
  for (const [name, ...extra] of [
    ['list --limit 50', '--limit', '50'],
    ['list --json', '--json'],
  ]) {
    const begun = performance.now();
    const { stdout, status } = spawnSync(
      process.execPath,
      [program, 'list', '--identity', identityFile, '--data', plan.folder, ...extra],
      { maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines = stdout.toString('latin1').split('\n').length - 1;
    console.log(
      `${name}: ${((performance.now() - begun) / 1000).toFixed(2)} s, ${lines} lines, exit ${status}`,
    );
  }
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
