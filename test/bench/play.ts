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
  /** Filled with what went wrong with receivers that are not ours. */
  readonly failed: Set<string>;
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
 * A mail that obalka refuses or loses rejects; another receiver that does so takes no more part in this load.
 */
export async function play(
  word: string,
  scenario: Scenario,
  all: readonly Peer[],
  race: Race,
): Promise<void> {
  console.error(scenario.title(race.scale));
  const rounds = Math.min(race.rounds, scenario.rounds ?? race.rounds);
  const out = new Set<Peer>(all.filter((peer) => scenario.without?.(peer) !== undefined));
  const running = new Map<Peer, Receiver>();

  const attempt = async (peer: Peer, action: () => Promise<void>) => {
    if (out.has(peer)) return;
    try {
      await action();
    } catch (error) {
      if (peer.name.startsWith('obalka')) throw error;
      const message = `${word}, ${peer.name}: ${(error as Error).message.trim().split('\n').at(-1)}`;
      console.error(`  failed: ${message}`);
      race.failed.add(message);
      out.add(peer);
      await running
        .get(peer)
        ?.running.stop()
        .catch(() => undefined);
      running.delete(peer);
    }
  };
  const start = async (peer: Peer) => {
    running.set(peer, await Receiver.start(peer, scenario, race));
  };
  const stop = async (peer: Peer) => {
    const receiver = running.get(peer);
    running.delete(peer);
    await receiver?.stop(scenario);
  };
  const turn = async (peer: Peer, round: number) => {
    const { numbers, generatorShare } = await (running.get(peer) as Receiver).turn(scenario);
    race.results.add(peer.name, numbers);
    if (generatorShare !== undefined && generatorShare > 0.9) race.outrun.add(`${word}, ${peer.name}`);
    const text = Object.entries(numbers).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    console.error(`  round ${round + 1}, ${peer.name}: ${text.join(', ')}`);
  };

  try {
    if (!scenario.fresh) for (const peer of all) await attempt(peer, () => start(peer));
    for (let round = 0; round < rounds; round += 1) {
      for (const peer of rotated(all, round)) {
        if (scenario.fresh) await attempt(peer, () => start(peer));
        await attempt(peer, () => turn(peer, round));
        if (scenario.fresh) await attempt(peer, () => stop(peer));
      }
    }
    for (const peer of all) await attempt(peer, () => stop(peer));
  } finally {
    // Those that are left, after a failure.
    await Promise.allSettled([...running.values()].map((receiver) => receiver.running.stop()));
  }
}
