/** Observer: looks at the workers from time to time, for those who ask how the server goes. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rounded } from '../../core/rounded.js';
import { freeSpace } from '../../journal/free-space.js';
import { segmentNumber } from '../../journal/names.js';
import type { Page, Pages } from '../../net/pages.js';
import { defaultReserve } from '../../server/disk-reserve.js';
import { random } from '../random.js';
import { Wellness } from '../service/watchdog.js';
import { coarseSpace } from './coarse.js';
import { ShownFigures } from './shown-figures.js';
import type { WorkerLook } from './watched-worker.js';

export interface ObserverOptions {
  /** The folder of the journal. */
  readonly journal: string;
  /** Octets that should be free now; undefined for as many as suit the disk. */
  readonly diskReserve: () => number | undefined;
  readonly look: () => Promise<readonly (WorkerLook | undefined)[]>;
  /** Milliseconds between two looks; figures change at every sixth. */
  readonly milliseconds?: number;
}

const usualMilliseconds = 10_000;
const looksPerRenewal = 6;

export class Observer {
  readonly #options: ObserverOptions;
  readonly #every: number;
  readonly #timer: NodeJS.Timeout;
  readonly #wellness = new Wellness();
  readonly #figures = new ShownFigures(random);
  #looks = 0;
  #isLooking = false;
  #isStopping = false;
  /** When all was well, by the clock of this process. */
  #wellAt: number;

  private constructor(options: ObserverOptions) {
    this.#options = options;
    this.#every = options.milliseconds ?? usualMilliseconds;
    this.#wellAt = performance.now();
    this.#timer = setInterval(() => void this.#look(), this.#every);
    this.#timer.unref();
  }

  static async start(options: ObserverOptions): Promise<Observer> {
    const observer = new Observer(options);
    await observer.#look();
    return observer;
  }

  readonly pages: Pages = {
    '/metrics': async () => ({ status: 200, type: this.#figures.type, body: await this.#figures.text() }),
    '/healthz': () => verdict(performance.now() - this.#wellAt < 3.5 * this.#every),
    '/readyz': async () => verdict(await this.#isReady()),
  };

  /** From here on it is not ready. */
  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    // One that does not answer holds up the next look: silence says enough.
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const looks = await this.#options.look();
      if (this.#wellness.look(looks)) this.#wellAt = performance.now();
      if (this.#looks++ % looksPerRenewal === 0) await this.#renew(looks);
    } finally {
      this.#isLooking = false;
    }
  }

  async #renew(all: readonly (WorkerLook | undefined)[]): Promise<void> {
    const looks = all.filter((look) => look !== undefined);
    const space = freeSpace(this.#options.journal);
    this.#figures.renew(looks, {
      obalka_segments: rounded(await segmentsIn(this.#options.journal)),
      obalka_disk_free_bytes: space ? coarseSpace(space) : Number.NaN,
      obalka_disk_bytes: space?.total ?? Number.NaN,
      obalka_workers: looks.length,
      obalka_ready: Number(this.#takesMail(looks)),
    });
  }

  /** A worker is there, so journal and registry are open; and the disk has room. */
  #takesMail(looks: readonly (WorkerLook | undefined)[]): boolean {
    const space = freeSpace(this.#options.journal);
    const hasRoom = !space || space.free >= (this.#options.diskReserve() ?? defaultReserve(space));
    return !this.#isStopping && hasRoom && looks.some((look) => look !== undefined);
  }

  async #isReady(): Promise<boolean> {
    const late = new Promise<readonly []>((done) => setTimeout(done, 3000, []).unref());
    return this.#takesMail(await Promise.race([this.#options.look(), late]));
  }
}

function verdict(isWell: boolean): Page {
  return { status: isWell ? 200 : 503, type: 'text/plain; charset=utf-8', body: isWell ? 'yes\n' : 'no\n' };
}

async function segmentsIn(journal: string): Promise<number> {
  const names = (folder: string) => readdir(folder).catch(() => []);
  let count = 0;
  for (const lane of await names(journal))
    for (const name of lane.startsWith('lane-') ? await names(join(journal, lane)) : [])
      if (segmentNumber(name) !== undefined) count++;
  return count;
}
