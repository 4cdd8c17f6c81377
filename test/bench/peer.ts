/** What the bench asks of a receiver of mail, so that another one is another file in peers/. */

/** How a receiver is to be started. */
export interface PeerOptions {
  /** The largest content it must take, in bytes. */
  readonly maxSize: number;
  /** How many of `benchRecipients` get mail; 1 if it is not said. */
  readonly recipients?: number;
  /** Words before those that start the program: what runs it and becomes it, such as strace. */
  readonly launcher?: readonly string[];
}

/** A receiver that runs and takes mail from anyone to `benchRecipient`. */
export interface RunningPeer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The process whose CPU time and memory are read, its descendants included. */
  readonly pid: number;
  /** Resolves when all that was accepted has arrived; not there if it has arrived when it is accepted. */
  settled?(): Promise<void>;
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
  /** Whether a mail to ten recipients is more work than one to one: it keeps or seals something for each. */
  readonly forEach: boolean;
  /** Why it cannot run here, or undefined. */
  missing(): string | undefined;
  /** Of its programs, in words; only asked if nothing is missing. */
  version(): string;
  start(options: PeerOptions): Promise<RunningPeer>;
}

/** The one recipient of all mail. */
export const benchRecipient = 'user@example.org';

/** The first is `benchRecipient`. */
export function benchRecipients(count: number): string[] {
  return Array.from({ length: count }, (_, at) => (at === 0 ? benchRecipient : `user${at + 1}@example.org`));
}
