/** Worker pool: the processes that take mail for a server, each into a lane of its own; one that dies is replaced. */
import { fork } from 'node:child_process';
import { equal } from '../../core/bytes.js';
import { causeOf } from '../../core/cause.js';
import { Problem } from '../../core/errors.js';
import type { LaneWriters } from '../../journal/erasing.js';
import type { ServerCertificate } from '../../net/certificates.js';
import type { NetworkEvent } from '../../net/limits.js';
import type { ListenAddress } from '../../net/listener.js';
import type { SharedSocket } from '../../net/shared-socket.js';
import type { CountsSoFar } from '../../server/address-limits.js';
import type { Bringing } from '../../server/import-writer.js';
import type { KeysInUse } from '../../server/lane-keys.js';
import type { NoticeWriter } from '../../server/notice-writer.js';
import type { DataDirectory } from '../data/data-directory.js';
import type { WorkerLook } from '../figures/watched-worker.js';
import type { Log, Trouble } from '../log/log.js';
import { random } from '../random.js';
import type { RereadableWords, ServingWords } from './worker.js';
import { bringThrough } from './worker-bringing.js';
import {
  endedMeanwhile,
  type News,
  type Question,
  toProblem,
  WorkerChannel,
  WorkerGone,
} from './worker-channel.js';
import type { Workers } from './workers.js';

export interface WorkerPoolOptions {
  readonly data: DataDirectory;
  readonly journal: Uint8Array;
  /** One for each worker. */
  readonly lanes: readonly Uint8Array[];
  readonly sockets: readonly SharedSocket[];
  readonly words: ServingWords;
  /** Those in use now. */
  readonly certificates: () => readonly ServerCertificate[] | undefined;
  readonly log: Log;
  readonly onEvent: (event: NetworkEvent, times: number) => void;
  readonly onTrouble: (trouble: Trouble) => void;
  readonly onSegment: (lane: Uint8Array, segment: number) => void;
  /** To be done in a lane whose worker died, before it gets another. */
  readonly beforeAnother: () => Promise<unknown>;
}

const entry = new URL('./worker-process.js', import.meta.url);
/** Descriptors from here on are the sockets: after standard input, output, errors, and the channel. */
const firstSocket = 4;
/** What a worker waits that died soon after its beginning: it doubles each time. */
const firstPause = 200;
const longestPause = 30_000;
/** One that lived so long began well. */
const soon = 30_000;

/** One place for a worker, and who is there now. */
interface Place {
  readonly lane: Uint8Array;
  channel: WorkerChannel | undefined;
  /** Resolves when the process that is there now takes mail, or could not be had: until then it may read the lane. */
  begun: Promise<unknown>;
  /** Resolves when the process that is there now has ended. */
  ended: Promise<void>;
  /** Whether it takes mail. */
  isServing: boolean;
  pause: number;
  begunAt: number;
}

export class WorkerPool implements Workers {
  addresses: readonly ListenAddress[] = [];
  readonly keys: KeysInUse;
  readonly notices: NoticeWriter;
  readonly writers: LaneWriters;
  readonly #options: WorkerPoolOptions;
  readonly #places: readonly Place[];
  /** Those that a worker begins with that takes the place of another. */
  #words: ServingWords;
  #isStopping = false;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#words = options.words;
    this.#places = options.lanes.map((lane) => ({
      lane,
      channel: undefined,
      begun: Promise.resolve(),
      ended: Promise.resolve(),
      isServing: false,
      pause: firstPause,
      begunAt: 0,
    }));
    this.keys = {
      changed: () => this.#askAll({ ask: 'changed' }),
      opened: (keys) => this.#askAll({ ask: 'opened', keys }),
      dropped: (keys) => this.#askAll({ ask: 'dropped', keys }),
    };
    this.notices = { tell: async (changes) => (await this.#askAny({ ask: 'tell', changes })) as number };
    const askOf = async (lane: Uint8Array, question: Question) => {
      const place = this.#places.find((one) => equal(one.lane, lane));
      await place?.begun;
      return place?.channel?.ask(question);
    };
    this.writers = {
      open: (lane) => askOf(lane, { ask: 'open' }) as Opened,
      erase: async (lane, segment, cells) => (await askOf(lane, { ask: 'erase', segment, cells })) === true,
    };
  }

  /** Starts all; resolves when they take mail. Throws a Problem if one of them cannot, and then none is left. */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const begun = await Promise.allSettled(pool.#places.map((place, at) => pool.#begin(place, at)));
    const [first] = begun;
    const failed = begun.find((one) => one.status === 'rejected');
    if (failed || first?.status !== 'fulfilled') {
      await pool.close();
      throw failed?.reason instanceof WorkerGone
        ? new Problem(
            'failure',
            'a process of the server ended before it could begin; what it said stands above',
          )
        : failed?.reason;
    }
    // Of a descriptor that was passed only who listens knows the address.
    pool.addresses = options.sockets.map(({ address }, at) => {
      const found = first.value[at];
      return 'fd' in address && found && 'host' in found ? found : address;
    });
    for (const [at, place] of pool.#places.entries()) void pool.#keep(place, at);
    return pool;
  }

  async bring(address: string): Promise<Bringing> {
    return bringThrough(this.#any(), address);
  }

  certify(pairs: readonly ServerCertificate[]): void {
    for (const { channel } of this.#places) channel?.say({ word: 'certificates', pairs });
  }

  reload(words: RereadableWords): Promise<void> {
    this.#words = { ...this.#words, ...words };
    return this.#askAll({ ask: 'reload', words });
  }

  look(): Promise<readonly (WorkerLook | undefined)[]> {
    return Promise.all(
      this.#places.map(async ({ isServing, channel }) => {
        if (!isServing || !channel) return undefined;
        return (await channel.ask({ ask: 'look' }).catch(() => undefined)) as WorkerLook | undefined;
      }),
    );
  }

  async stop(within: number): Promise<void> {
    this.#isStopping = true;
    for (const socket of this.#options.sockets) await socket.close();
    await Promise.allSettled(this.#places.map(({ channel }) => channel?.ask({ ask: 'stop', within })));
  }

  async close(): Promise<void> {
    this.#isStopping = true;
    for (const socket of this.#options.sockets) await socket.close();
    await Promise.all(
      this.#places.map(async (place) => {
        await place.channel?.ask({ ask: 'close' }).catch(() => undefined);
        place.channel?.end();
        await place.ended;
      }),
    );
  }

  /** Starts a worker in a place; resolves when it takes mail, with the addresses that it found. */
  #begin(place: Place, at: number): Promise<readonly ListenAddress[]> {
    const begun = this.#beginNow(place, at);
    place.begun = begun.catch(() => undefined);
    return begun;
  }

  async #beginNow(place: Place, at: number): Promise<readonly ListenAddress[]> {
    const { data, journal, sockets, certificates } = this.#options;
    place.begunAt = performance.now();
    const had = await this.#soFar();
    const child = fork(entry, [data.path, data.pepper], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...sockets.map(({ fd }) => fd)],
    });
    let locked = () => {};
    const isLocked = new Promise<void>((done) => {
      locked = done;
    });
    const channel = new WorkerChannel(child, (news) =>
      news.news === 'locked' ? locked() : this.#hear(place, news),
    );
    place.channel = channel;
    place.ended = new Promise((done) => {
      const over = () => {
        place.isServing = false;
        place.channel = undefined;
        channel.over();
        locked();
        done();
      };
      child.on('exit', over);
      child.on('error', () => child.pid === undefined && over());
    });
    await isLocked;
    if (this.#isStopping) throw new WorkerGone();
    const addresses = (await channel.ask({
      ask: 'begin',
      plan: {
        journal,
        lane: place.lane,
        listen: sockets.map(({ address: { protocol = 'smtp' } }, index) => ({
          protocol,
          fd: firstSocket + index,
        })),
        words: this.#words,
        certificates: certificates(),
        workers: this.#places.length,
        speaks: at === 0,
        had,
      },
    })) as readonly ListenAddress[];
    place.isServing = true;
    return addresses;
  }

  /** Sees to it that there is a worker in a place, as long as the server runs. */
  async #keep(place: Place, at: number): Promise<void> {
    for (;;) {
      await place.ended;
      if (this.#isStopping) return;
      this.#options.log('worker-ended');
      place.pause =
        performance.now() - place.begunAt > soon ? firstPause : Math.min(2 * place.pause, longestPause);
      await new Promise((done) => setTimeout(done, place.pause).unref());
      if (this.#isStopping) return;
      await this.#options.beforeAnother().catch(() => undefined);
      if (this.#isStopping) return;
      await this.#begin(place, at).catch((error: unknown) => {
        if (!(error instanceof WorkerGone)) this.#options.log('worker-not-begun', { cause: causeOf(error) });
        place.channel?.end();
      });
    }
  }

  #hear(place: Place, news: News): void {
    const { log, onEvent, onTrouble, onSegment } = this.#options;
    switch (news.news) {
      case 'said':
        log(news.code, news.fields);
        break;
      case 'event':
        onEvent(news.event, news.times);
        break;
      case 'trouble':
        onTrouble(news.trouble);
        break;
      case 'segment':
        onSegment(place.lane, news.segment);
        break;
      case 'counted':
        for (const other of this.#places)
          if (other !== place) other.channel?.say({ word: 'counted', mails: news.mails });
    }
  }

  /** What another worker has counted of addresses. */
  async #soFar(): Promise<CountsSoFar | undefined> {
    const serving = this.#places.find(({ isServing }) => isServing);
    const found = await serving?.channel?.ask({ ask: 'soFar' }).catch(() => undefined);
    return found as CountsSoFar | undefined;
  }

  /** Asks all workers that there are. One that dies meanwhile needs to know nothing: its successor begins with what is true then. */
  async #askAll(question: Question): Promise<void> {
    const asked = await Promise.allSettled(this.#places.map(({ channel }) => channel?.ask(question)));
    for (const one of asked)
      if (one.status === 'rejected' && !(one.reason instanceof WorkerGone)) throw one.reason;
  }

  /** One of those that take mail, any: so nobody can tell by its lane what it was asked. */
  #any(): WorkerChannel {
    const serving = this.#places.filter(({ isServing }) => isServing);
    const [high = 0, low = 0] = random(2);
    const channel = serving[((high << 8) | low) % serving.length]?.channel;
    if (!channel) throw endedMeanwhile();
    return channel;
  }

  async #askAny(question: Question): Promise<unknown> {
    return this.#any().ask(question).catch(toProblem);
  }
}

type Opened = ReturnType<LaneWriters['open']>;
