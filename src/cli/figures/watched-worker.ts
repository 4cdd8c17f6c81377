/** Watched worker: where a worker's sessions, replies and commits are counted, or told to the log, or neither. */
import type { Lane } from '../../journal/lane.js';
import type { ServeOptions } from '../../net/serve-smtp.js';
import type { PendingEnvelope } from '../../server/channel-table.js';
import { replyCodeOf } from '../log/fields.js';
import type { Log } from '../log/log.js';
import type { Pulse } from '../service/watchdog.js';
import { type Counts, figureKey, Tally } from './tally.js';

/** How a worker goes, with what it has counted; without figures nothing is. */
export interface WorkerLook extends Pulse {
  /** Its process: a successor counts anew. */
  readonly pid: number;
  readonly sessions: number;
  /** Mails that wait for the disk. */
  readonly waiting: number;
  readonly counts: Counts;
}

export interface WatchOptions {
  readonly countsFigures: boolean;
  /** Told of each session and each reply; undefined for no word of them. */
  readonly log: Log | undefined;
  readonly onEvent: NonNullable<ServeOptions['log']>;
  readonly onContent: (octets: number) => void;
}

export class WatchedWorker {
  readonly #tally: Tally | undefined;
  /** To be told of what goes on: none of them where nobody wants to know. */
  readonly sessions: Pick<ServeOptions, 'onSession' | 'onReply'>;
  readonly onEvent: NonNullable<ServeOptions['log']>;
  readonly onContent: (octets: number) => void;
  readonly onCommit: ((milliseconds: number) => void) | undefined;

  constructor({ countsFigures, log, onEvent, onContent }: WatchOptions) {
    const tally = countsFigures ? new Tally() : undefined;
    this.#tally = tally;
    this.sessions =
      tally || log
        ? {
            onSession(protocol, step) {
              tally?.session(protocol, step);
              log?.(step === 'began' ? 'session-began' : 'session-over', { protocol });
            },
            onReply(code) {
              tally?.reply(code);
              log?.('replied', { reply: replyCodeOf(code) });
            },
          }
        : {};
    this.onEvent = (event, times) => {
      tally?.event(event, times);
      onEvent(event, times);
    };
    this.onContent = tally
      ? (octets) => {
          tally.content(octets);
          onContent(octets);
        }
      : onContent;
    this.onCommit = tally && ((milliseconds) => tally.sync(milliseconds));
  }

  look(lane: Lane<PendingEnvelope>): WorkerLook {
    const { ended, waiting } = lane.progress;
    const counts = new Map(this.#tally?.counts);
    if (this.#tally)
      for (const [stream, cells] of Object.entries(lane.cells))
        counts.set(figureKey('obalka_cells_total', stream), cells);
    return {
      commits: ended,
      isCommitting: waiting > 0,
      waiting,
      pid: process.pid,
      sessions: this.#tally?.open ?? 0,
      counts,
    };
  }
}
