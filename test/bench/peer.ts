/** What the bench asks of a receiver of mail, so that another one is another file in peers/. */

/** How a receiver is to be started. */
export interface PeerOptions {
  /** The largest content it must take, in bytes. */
  readonly maxSize: number;
}

/** A receiver that runs and takes mail from anyone to `benchRecipient`. */
export interface RunningPeer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The process whose CPU time and memory are read, its descendants included. */
  readonly pid: number;
  /**
   * Ends the process, removes its data, and gives the number of messages that were found in that data before; undefined
   * for a receiver that keeps nothing. Throws when the end was not clean.
   */
  stop(): Promise<number | undefined>;
}

/** A receiver of mail that may or may not be installed here. */
export interface Peer {
  /** How the table calls it; unique. */
  readonly name: string;
  /** Why it cannot run here, or undefined. */
  missing(): string | undefined;
  start(options: PeerOptions): Promise<RunningPeer>;
}

/** The one recipient of all mail. */
export const benchRecipient = 'user@example.org';
