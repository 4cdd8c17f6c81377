/** A race: receivers are started, loaded in turn over several rounds, and asked in the end whether they have what they accepted. */
import type { Load } from './load.js';
import type { Peer, PeerOptions, RunningPeer } from './peer.js';
import type { Results } from './results.js';
import type { Scale, Scenario, Turn } from './scenario.js';

/** What stays the same in all of a race. */
export interface Race {
  readonly load: Load;
  readonly scale: Scale;
  readonly rounds: number;
  readonly results: Results;
  /** Filled with the loads for which the generator used more than 0.9 of a core, so that it may have been the limit. */
  readonly outrun: Set<string>;
}

/** A started receiver that counts what it accepted, and is asked for it in the end. */
class Receiver {
  #accepted = 0;
  private constructor(
    readonly peer: Peer,
    readonly running: RunningPeer,
    readonly options: PeerOptions,
    readonly race: Race,
  ) {}

  static async start(peer: Peer, scenario: Scenario, race: Race): Promise<Receiver> {
    const options = scenario.options(race.scale);
    const receiver = new Receiver(peer, await peer.start(options), options, race);
    try {
      receiver.#accepted += (await scenario.warmUp(receiver.loaded())).accepted;
    } catch (error) {
      await receiver.running.stop().catch(() => undefined);
      throw error;
    }
    return receiver;
  }

  async turn(scenario: Scenario): Promise<Turn> {
    const turn = await scenario.measure(this.loaded());
    this.#accepted += turn.accepted;
    return turn;
  }

  async stop(scenario: Scenario): Promise<void> {
    const found = await this.running.stop();
    scenario.cleanUp?.(this.options);
    if (found === undefined) return;
    if (found !== this.#accepted)
      throw new Error(`${this.peer.name}: accepted ${this.#accepted} messages, but ${found} are there`);
    console.error(`  ${this.peer.name}: all ${found} accepted messages are there`);
  }

  loaded() {
    return { peer: this.running, options: this.options, load: this.race.load, scale: this.race.scale };
  }
}

const rotated = <T>(items: readonly T[], by: number) =>
  items.map((_, at) => items[(at + by) % items.length] as T);

/**
 * All rounds of one load. Each round begins with another receiver, so that none is always the one after a certain other.
 * A mail refused or lost rejects.
 */
export async function play(
  word: string,
  scenario: Scenario,
  all: readonly Peer[],
  race: Race,
): Promise<void> {
  console.error(scenario.title(race.scale));
  const rounds = Math.min(race.rounds, scenario.rounds ?? race.rounds);
  const peers = all.filter((peer) => scenario.without?.(peer) === undefined);
  const record = async (receiver: Receiver, round: number) => {
    const { numbers, generatorShare } = await receiver.turn(scenario);
    race.results.add(receiver.peer.name, numbers);
    if (generatorShare !== undefined && generatorShare > 0.9)
      race.outrun.add(`${word}, ${receiver.peer.name}`);
    const text = Object.entries(numbers).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    console.error(`  round ${round + 1}, ${receiver.peer.name}: ${text.join(', ')}`);
  };

  const receivers: Receiver[] = [];
  try {
    if (!scenario.fresh) for (const peer of peers) receivers.push(await Receiver.start(peer, scenario, race));
    for (let round = 0; round < rounds; round += 1) {
      if (scenario.fresh) {
        for (const peer of rotated(peers, round)) {
          const receiver = await Receiver.start(peer, scenario, race);
          receivers.push(receiver);
          await record(receiver, round);
          receivers.pop();
          await receiver.stop(scenario);
        }
      } else for (const receiver of rotated(receivers, round)) await record(receiver, round);
    }
    for (let next = receivers.pop(); next; next = receivers.pop()) await next.stop(scenario);
  } finally {
    // Those that are left, after a failure.
    await Promise.allSettled(receivers.map(({ running }) => running.stop()));
  }
}
