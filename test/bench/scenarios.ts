/** The loads that are measured: how each is sent, and which columns of the table it fills. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Load, LoadResult, Plan } from './load.js';
import { benchRecipient, type RunningPeer } from './peer.js';
import { smtpServer } from './peers/smtp-server.js';
import { smtpSink } from './peers/smtp-sink.js';
import { cpuSeconds, resetPeak, residentMiB } from './proc.js';

const KiB = 1024;
const MiB = 1024 * KiB;

/** How long and how big. */
export interface Scale {
  /** Of one turn of small mail. */
  readonly seconds: number;
  readonly smallBytes: number;
  readonly largeBytes: number;
  readonly largeMessages: number;
  readonly giantBytes: number;
}

export const fullScale: Scale = {
  seconds: 2,
  smallBytes: 5 * KiB,
  largeBytes: 64 * MiB,
  largeMessages: 6,
  giantBytes: 1024 * MiB,
};

export const quickScale: Scale = {
  seconds: 0.4,
  smallBytes: 5 * KiB,
  largeBytes: 8 * MiB,
  largeMessages: 4,
  giantBytes: 64 * MiB,
};

/** One turn of one receiver: column → number. */
export type Numbers = Readonly<Record<string, number>>;

/** What one turn gave. */
export interface Turn {
  readonly accepted: number;
  readonly numbers: Numbers;
  readonly generatorShare?: number;
}

/** A column of the table, with the names of the receivers it is also shown as a multiple of. */
export interface Column {
  readonly name: string;
  readonly digits: number;
  readonly yardsticks: readonly string[];
}

/** A load and the columns it fills. */
export interface Scenario {
  title(scale: Scale): string;
  readonly columns: readonly Column[];
  /** Whether a receiver is started anew for each turn, or once for all. */
  readonly fresh: boolean;
  /** Loads a receiver that just started, unmeasured. */
  warmUp(peer: RunningPeer, load: Load, scale: Scale): Promise<LoadResult>;
  measure(peer: RunningPeer, load: Load, scale: Scale): Promise<Turn>;
}

function plan(peer: RunningPeer, wanted: Partial<Plan> & Pick<Plan, 'sessions' | 'size' | 'keep'>): Plan {
  const limits = { messages: 1e9, seconds: 3600, pipelining: false };
  return { ...limits, port: peer.port, from: 'bench@example.net', to: benchRecipient, ...wanted };
}

const small = (peer: RunningPeer, scale: Scale, keep: boolean, seconds: number) =>
  plan(peer, { sessions: 20, size: scale.smallBytes, keep, seconds });
const large = (peer: RunningPeer, scale: Scale, messages: number) =>
  plan(peer, { sessions: 2, size: scale.largeBytes, keep: true, messages });
const one = (peer: RunningPeer, size: number) => plan(peer, { sessions: 1, size, keep: true, messages: 1 });

const binary = (bytes: number) => (bytes >= MiB ? `${bytes / MiB} MiB` : `${bytes / KiB} KiB`);

const kept: Scenario = {
  title: (scale) => `kept: 20 sessions that stay open, ${binary(scale.smallBytes)} a message`,
  columns: [
    { name: 'kept msg/s', digits: 0, yardsticks: [smtpServer.name] },
    { name: 'CPU s per 1000', digits: 2, yardsticks: [] },
  ],
  fresh: false,
  warmUp: (peer, load, scale) => load(small(peer, scale, true, scale.seconds / 2)),
  async measure(peer, load, scale) {
    const before = cpuSeconds(peer.pid);
    const result = await load(small(peer, scale, true, scale.seconds));
    const spent = cpuSeconds(peer.pid) - before;
    const perThousand = (1000 * spent) / result.accepted;
    return { ...result, numbers: { 'kept msg/s': result.perSecond, 'CPU s per 1000': perThousand } };
  },
};

const fresh: Scenario = {
  title: (scale) => `new: 20 sessions at a time, one ${binary(scale.smallBytes)} message in each`,
  columns: [{ name: 'new msg/s', digits: 0, yardsticks: [smtpSink.name, smtpServer.name] }],
  fresh: false,
  warmUp: (peer, load, scale) => load(small(peer, scale, false, scale.seconds / 2)),
  async measure(peer, load, scale) {
    const result = await load(small(peer, scale, false, scale.seconds));
    return { ...result, numbers: { 'new msg/s': result.perSecond } };
  },
};

const largeMail: Scenario = {
  title: ({ largeMessages, largeBytes }) =>
    `large: 2 sessions, ${largeMessages} messages of ${binary(largeBytes)} in all; MB is 10^6 bytes`,
  columns: [{ name: 'large MB/s', digits: 0, yardsticks: [smtpServer.name] }],
  fresh: false,
  warmUp: (peer, load, scale) => load(large(peer, scale, 2)),
  async measure(peer, load, scale) {
    const result = await load(large(peer, scale, scale.largeMessages));
    return { ...result, numbers: { 'large MB/s': (result.perSecond * scale.largeBytes) / 1e6 } };
  },
};

const giant: Scenario = {
  title: ({ largeBytes, giantBytes }) =>
    `giant: memory in MiB of a fresh process that took 50 small mails: before, highest while it takes one of ${binary(giantBytes)}, growth; growth for one of ${binary(largeBytes)} sent first`,
  columns: ['RSS before', 'RSS peak', 'RSS growth', 'growth, large'].map((name) => ({
    name,
    digits: 0,
    yardsticks: [],
  })),
  fresh: true,
  warmUp: (peer, load, scale) =>
    load(plan(peer, { sessions: 5, size: scale.smallBytes, keep: true, messages: 50 })),
  async measure(peer, load, scale) {
    await delay(500); // what the warm-up left under way
    resetPeak(peer.pid);
    const before = residentMiB(peer.pid).now;
    const first = await load(one(peer, scale.largeBytes));
    const afterLarge = residentMiB(peer.pid).peak;
    const second = await load(one(peer, scale.giantBytes));
    const { peak } = residentMiB(peer.pid);
    return {
      accepted: first.accepted + second.accepted,
      numbers: {
        'RSS before': before,
        'RSS peak': peak,
        'RSS growth': peak - before,
        'growth, large': afterLarge - before,
      },
    };
  },
};

/** By the word that `--only` takes, in the order of the table. */
export const scenarios: Readonly<Record<string, Scenario>> = { kept, new: fresh, large: largeMail, giant };
