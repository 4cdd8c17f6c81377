/**
 * Torture: servers on real journals, killed and struck by faults under load, again and again, until so many runs are over.
 *
 *   npm run torture [-- --runs N --seed S]
 *
 * Each run is one journal with ten lives. `--runs 1 --seed S` repeats the run of a seed. SIGINT ends it after the run that
 * is under way, with the figures so far; to go on, give the seed after the one that was printed last.
 */
import { parseArgs } from 'node:util';
import { findProgram } from '../peers/program.js';
import { type Place, places } from './torture-fault.js';
import { livesPerRun, makeRig, type Outcome, run } from './torture-run.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const [runs, first] = [Number(values.runs), Number(values.seed)];
if (!findProgram('strace')) throw new Error('strace is not installed, and all faults but kills need it');

const outcomes: Outcome[] = [];
const begun = performance.now();
const rig = await makeRig(console.log);
let isStopped = false;
process.once('SIGINT', () => {
  isStopped = true;
  console.log('stops after this run');
});
for (let seed = first; seed < first + runs && !isStopped; seed++) {
  outcomes.push(await run(seed, rig));
  const minutes = (performance.now() - begun) / 60_000;
  const done = outcomes.length;
  console.log(
    `${done} of ${runs} runs, ${total((one) => one.injected + one.kills)} faults, ${minutes.toFixed(1)} minutes, ${((minutes / done) * (runs - done)).toFixed(0)} to go`,
  );
}
summary();

function total(count: (one: Outcome) => number): number {
  return outcomes.reduce((sum, one) => sum + count(one), 0);
}

function summary(): void {
  const line = (name: string, value: string | number) => console.log(`${name.padEnd(44)} ${value}`);
  line('journals, servers', `${outcomes.length}, ${outcomes.length * livesPerRun}`);
  line(
    'injected faults',
    total((one) => one.injected),
  );
  line(
    'kill -9 besides',
    total((one) => one.kills),
  );
  for (const place of places) line(`  of both: ${place}`, faultsAt(place));
  for (const phase of ['commands', 'content', 'reply'] as const)
    line(
      `sessions in ${phase} when a server went`,
      total((one) => one.phases.filter((at) => at === phase).length),
    );
  line(
    'mails sent',
    total((one) => one.sent),
  );
  line(
    'mails acknowledged',
    total((one) => one.acknowledged),
  );
  line('fewest acknowledged before a fault', Math.min(...outcomes.map((one) => one.fewestBefore)));
  line(
    'refusals for now (4xx)',
    total((one) => one.refused),
  );
  line(
    'read back, once for each recipient',
    total((one) => one.read),
  );
  line(
    'erased for good',
    total((one) => one.erased),
  );
  line(
    'acknowledged and lost',
    total((one) => one.lost.length),
  );
  line(
    'damaged beyond the fault',
    total((one) => one.broken.length),
  );
  line(
    'lost to disks that lied',
    total((one) => one.costOfLies.length),
  );
  for (const one of outcomes) for (const words of [...one.lost, ...one.broken]) console.log(words);
  if (total((one) => one.lost.length + one.broken.length) > 0) process.exitCode = 1;
}

function faultsAt(place: Place): number {
  return total((one) => one.faults.get(place) ?? 0);
}
