/**
 * The bench: obalka and other receivers of mail on this machine, loaded in turn by the same generator.
 *
 *   npm run bench -- [--rounds N] [--quick] [--only kept,new,large,giant] [--peers BEGINNING OF A NAME,...] [--generator smtp-source]
 *
 * The table goes to stdout, progress to stderr. No number makes it fail; a mail refused or lost does.
 */
import { arch, cpus, release, tmpdir, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Load, ownLoad, smtpSourceLoad } from './load.js';
import type { Peer, RunningPeer } from './peer.js';
import { obalka, obalkaWorkers } from './peers/obalka.js';
import { smtpServer } from './peers/smtp-server.js';
import { smtpServerMaildir } from './peers/smtp-server-maildir.js';
import { smtpSink } from './peers/smtp-sink.js';
import { fullScale, type Numbers, quickScale, type Scenario, scenarios, type Turn } from './scenarios.js';
import { table } from './table.js';

const allPeers: readonly Peer[] = [obalka, obalkaWorkers, smtpServer, smtpServerMaildir, smtpSink];

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(scenarios).join(',') },
    peers: { type: 'string', default: '' },
    generator: { type: 'string', default: 'own' },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds wants a whole number from 1');
const scale = flags.quick ? quickScale : fullScale;
const chosen = flags.only.split(',').map((word) => {
  const scenario = scenarios[word];
  if (!scenario) throw new Error(`--only knows ${Object.keys(scenarios).join(', ')}; not ${word}`);
  return [word, scenario] as const;
});
const load = chooseLoad(flags.generator);

function chooseLoad(name: string): Load {
  if (name === 'own') return ownLoad;
  const other = name === 'smtp-source' ? smtpSourceLoad() : undefined;
  if (!other)
    throw new Error(`no generator ${name} here; there are own and, with Debian's postfix, smtp-source`);
  return other;
}

/** A started receiver that counts what it accepted, and is asked for it in the end. */
class Receiver {
  #accepted = 0;
  private constructor(
    readonly peer: Peer,
    readonly running: RunningPeer,
  ) {}

  static async start(peer: Peer, scenario: Scenario): Promise<Receiver> {
    const receiver = new Receiver(peer, await peer.start({ maxSize: 2 * scale.giantBytes }));
    try {
      receiver.#accepted += (await scenario.warmUp(receiver.running, load, scale)).accepted;
    } catch (error) {
      await receiver.running.stop().catch(() => undefined);
      throw error;
    }
    return receiver;
  }

  async turn(scenario: Scenario): Promise<Turn> {
    const turn = await scenario.measure(this.running, load, scale);
    this.#accepted += turn.accepted;
    return turn;
  }

  async stop(): Promise<void> {
    const found = await this.running.stop();
    if (found === undefined) return;
    if (found !== this.#accepted)
      throw new Error(`${this.peer.name}: accepted ${this.#accepted} messages, but ${found} are there`);
    console.error(`  ${this.peer.name}: all ${found} accepted messages are there`);
  }
}

/** Where the generator used more than 0.9 of a core. */
const outrun = new Set<string>();

/** All rounds of one load. Each round begins with another receiver, so that none is always the one after a certain other. */
async function play(word: string, scenario: Scenario, peers: readonly Peer[]) {
  console.error(scenario.title(scale));
  const turns = new Map<string, Numbers[]>(peers.map(({ name }) => [name, []]));
  const record = async (receiver: Receiver, round: number) => {
    const { numbers, generatorShare } = await receiver.turn(scenario);
    turns.get(receiver.peer.name)?.push(numbers);
    if (generatorShare !== undefined && generatorShare > 0.9) outrun.add(`${word}, ${receiver.peer.name}`);
    const text = Object.entries(numbers).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    console.error(`  round ${round + 1}, ${receiver.peer.name}: ${text.join(', ')}`);
  };
  const order = <T>(items: readonly T[], round: number) =>
    items.map((_, at) => items[(at + round) % items.length] as T);

  const receivers: Receiver[] = [];
  let ended = false;
  try {
    if (scenario.fresh) {
      for (let round = 0; round < rounds; round += 1) {
        for (const peer of order(peers, round)) {
          receivers.push(await Receiver.start(peer, scenario));
          await record(receivers[0] as Receiver, round);
          await receivers.shift()?.stop();
        }
      }
    } else {
      for (const peer of peers) receivers.push(await Receiver.start(peer, scenario));
      for (let round = 0; round < rounds; round += 1)
        for (const receiver of order(receivers, round)) await record(receiver, round);
      for (let next = receivers.shift(); next; next = receivers.shift()) await next.stop();
    }
    ended = true;
  } finally {
    if (!ended) await Promise.allSettled(receivers.map(({ running }) => running.stop()));
  }
  return { columns: scenario.columns, turns };
}

const wanted = flags.peers.split(',').filter((name) => name !== '');
const peers: Peer[] = [];
const skipped: string[] = [];
for (const peer of allPeers) {
  if (wanted.length > 0 && !wanted.some((name) => peer.name.startsWith(name))) continue;
  const reason = peer.missing();
  if (reason === undefined) peers.push(peer);
  else skipped.push(`skipped: ${peer.name}: ${reason}`);
}
for (const line of skipped) console.error(line);
if (peers.length === 0) throw new Error('no receiver to measure');

const results = [];
for (const [word, scenario] of chosen) results.push(await play(word, scenario, peers));

const [cpu] = cpus();
console.log(
  table(
    peers.map(({ name }) => name),
    results,
  ),
);
console.log('');
for (const [, scenario] of chosen) console.log(`- ${scenario.title(scale)}`);
console.log(`- medians of ${rounds} rounds in turn; × is the median of the ratios within each round`);
console.log(`- generator: ${flags.generator}`);
for (const what of outrun) console.log(`- the generator had no time left, so it was the limit: ${what}`);
console.log(
  `- machine: ${cpus().length} × ${cpu?.model.trim()} (${arch()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}, data under ${tmpdir()}`,
);
for (const line of skipped) console.log(`- ${line}`);
