/** A load that is measured: how it is sent, and which columns of the table it fills. */
import type { Load, LoadResult, Plan } from './load.js';
import { benchRecipient, type Peer, type PeerOptions, type RunningPeer } from './peer.js';
import type { Column, Numbers } from './results.js';

export const KiB = 1024;
export const MiB = 1024 * KiB;

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

/** A running receiver, what it was started with, and what it is loaded with. */
export interface Loaded {
  readonly peer: RunningPeer;
  readonly options: PeerOptions;
  readonly load: Load;
  readonly scale: Scale;
}

/** What one turn gave. */
export interface Turn {
  readonly accepted: number;
  readonly numbers: Numbers;
  readonly generatorShare?: number;
}

/** A load and the columns it fills. */
export interface Scenario {
  title(scale: Scale): string;
  readonly columns: readonly Column[];
  /** Whether a receiver is started anew for each turn, or once for all. */
  readonly fresh: boolean;
  /** Rounds at most: of what varies little and takes long. */
  readonly rounds?: number;
  /** Why a receiver is not measured so, or undefined. */
  without?(peer: Peer): string | undefined;
  /** How receivers are started; called for each start. */
  options(scale: Scale): PeerOptions;
  /** Loads a receiver that just started, unmeasured. */
  warmUp(loaded: Loaded): Promise<LoadResult>;
  measure(loaded: Loaded): Promise<Turn>;
  /** After a receiver has ended that was started with these options. */
  cleanUp?(options: PeerOptions): void;
}

/** A load of mail to `benchRecipient`; without an end unless `wanted` names one. */
export function plan(
  peer: RunningPeer,
  wanted: Partial<Plan> & Pick<Plan, 'sessions' | 'size' | 'keep'>,
): Plan {
  const limits = { messages: 1e9, seconds: 3600, pipelining: false };
  return { ...limits, port: peer.port, from: 'bench@example.net', to: benchRecipient, ...wanted };
}

/** Small mail for so many seconds in 20 sessions, or in `wanted`. */
export const small = ({ peer, scale }: Loaded, keep: boolean, seconds: number, wanted: Partial<Plan> = {}) =>
  plan(peer, { sessions: 20, size: scale.smallBytes, keep, seconds, ...wanted });

/** Columns that are no multiples of anything. */
export const plain = (digits: number, ...names: readonly string[]): Column[] =>
  names.map((name) => ({ name, digits, yardsticks: [] }));

/** Octets as words, in binary units. */
export const binary = (bytes: number) => (bytes >= MiB ? `${bytes / MiB} MiB` : `${bytes / KiB} KiB`);
