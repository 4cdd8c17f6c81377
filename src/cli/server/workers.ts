/** Workers: all that take mail for a server, as one. */
import { equal } from '../../core/bytes.js';
import type { LaneWriters } from '../../journal/erasing.js';
import type { ServerCertificate } from '../../net/certificates.js';
import type { ListenAddress } from '../../net/listener.js';
import type { Bringing } from '../../server/import-writer.js';
import type { KeysInUse } from '../../server/lane-keys.js';
import type { NoticeWriter } from '../../server/notice-writer.js';
import type { WorkerLook } from '../figures/watched-worker.js';
import type { RereadableWords, Worker } from './worker.js';

export interface Workers {
  readonly addresses: readonly ListenAddress[];
  readonly keys: KeysInUse;
  readonly notices: NoticeWriter;
  readonly writers: LaneWriters;
  /** As `Worker.bring`, of one of them. */
  bring(address: string): Promise<Bringing>;
  certify(pairs: readonly ServerCertificate[]): void;
  /** As `Worker.reload`, of all. */
  reload(words: RereadableWords): Promise<void>;
  /** As `Worker.look`, of all that should be there; undefined for one that is not, and takes no mail. */
  look(): Promise<readonly (WorkerLook | undefined)[]>;
  /** As `Worker.stop`, of all. */
  stop(withinMilliseconds: number): Promise<void>;
  /** As `Worker.close`, of all. */
  close(): Promise<void>;
}

/** The one worker of a server that is one process. */
export function onlyWorker(worker: Worker): Workers {
  return {
    addresses: worker.addresses,
    keys: worker.keys,
    notices: worker,
    writers: {
      open: async (lane) => (equal(lane, worker.lane) ? worker.open() : undefined),
      erase: async (lane, segment, cells) => equal(lane, worker.lane) && worker.erase(segment, cells),
    },
    bring: (address) => worker.bring(address),
    certify: (pairs) => worker.certify(pairs),
    reload: (words) => worker.reload(words),
    look: async () => [await worker.look()],
    stop: (within) => worker.stop(within),
    close: () => worker.close(),
  };
}
