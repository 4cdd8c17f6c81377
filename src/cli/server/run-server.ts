/** The server: the process that owns a data directory. Lock, registry, control socket, forgetting; and workers, which take mail. */
import { chmod, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { equal, hex } from '../../core/bytes.js';
import { causeOf } from '../../core/cause.js';
import { Problem } from '../../core/errors.js';
import type { LaneWriters } from '../../journal/erasing.js';
import { Forgetting } from '../../journal/forgetting.js';
import { closeIdleLane } from '../../journal/idle-lane.js';
import { CalmLog } from '../../net/calm-log.js';
import { realClock } from '../../net/clock.js';
import { checkControlPath, serveControl } from '../../net/control.js';
import { defaultConnectionLimits, type NetworkEvent } from '../../net/limits.js';
import type { ListenAddress, Listener } from '../../net/listener.js';
import type { SharedSocket } from '../../net/shared-socket.js';
import { Erasures } from '../../server/erasures.js';
import { LiveAdministration } from '../../server/live-administration.js';
import { isFarAhead, oldBefore } from '../../server/retention.js';
import { answerControl } from '../data/administer.js';
import { type DataDirectory, mustBeInitialised, mustOwn, openDataRegistry } from '../data/data-directory.js';
import { takeDataLock } from '../data/data-lock.js';
import type { WorkerLook } from '../figures/watched-worker.js';
import { importConversation } from '../import/conversation.js';
import { timesOf } from '../log/fields.js';
import { eventOf, type Log, type Trouble } from '../log/log.js';
import { watchAddressRules } from './address-rules-file.js';
import { type PlannedLanes, planLanes } from './open-lane.js';
import { startTls, type TlsOptions } from './start-tls.js';
import type { TlsFilePair } from './tls-pairs.js';
import { type OwnWorker, type RereadableWords, type ServingWords, startWorker } from './worker.js';
import { WorkerPool } from './worker-pool.js';
import { onlyWorker, type Workers } from './workers.js';

export interface ServerOptions {
  readonly data: DataDirectory;
  readonly words: ServingWords;
  /** Bound before root was given up; none for one that serves streams only. */
  readonly listen:
    | { readonly workers: 1; readonly listeners: readonly Listener[] }
    | { readonly workers: number; readonly sockets: readonly SharedSocket[] };
  /** TLS with these certificates, or with one made here if there are none; undefined for no TLS at all. */
  readonly tls: TlsOptions | undefined;
  /** Segments in which all mail is older, in milliseconds, are dropped; undefined for none. */
  readonly retainAge?: number | undefined;
  readonly log: Log;
}

/** What a running server takes anew. */
export interface Rereadable {
  readonly words: RereadableWords;
  readonly tlsFiles: readonly TlsFilePair[];
  readonly retainAge: number | undefined;
}

export interface RunningServer {
  readonly addresses: readonly ListenAddress[];
  /** Serves one session over a stream, in a server of one process; resolves when it is over. */
  serveStream(stream: Duplex, protocol: 'smtp' | 'lmtp'): Promise<void>;
  /** Takes what may have changed, and reads certificates, lists and address rules again; resolves when what they say holds. */
  reload(changed: Rereadable): Promise<void>;
  /** As `Workers.look`. */
  look(): Promise<readonly (WorkerLook | undefined)[]>;
  /** Lets transactions under way finish for so long, then closes everything. */
  stop(withinMilliseconds: number): Promise<void>;
}

/** Drops what is old, and goes on whatever happens: it will be tried again with the next segment. */
async function retainBy(forgetting: Forgetting, age: number, log: Log): Promise<void> {
  const now = Date.now();
  try {
    const old = await forgetting.retain(oldBefore(age, now), (found) => !isFarAhead(found, now));
    if (old.segments.length > 0) log(isFarAhead(old, now) ? 'clock-ahead' : 'old-dropped');
  } catch (error) {
    log('old-kept', { cause: causeOf(error) });
  }
}

/** Closes what crashes left in lanes that have no worker, one after the other. */
function closeIdleLanes({ at, lanes }: PlannedLanes, count: number, log: Log) {
  const stopping = new AbortController();
  const changed = () => log('journal-changed');
  const closed = (async () => {
    for (const lane of lanes.slice(count))
      await closeIdleLane(at, lane, changed, stopping.signal).catch(() => changed());
  })();
  const stop = () => {
    stopping.abort();
    return closed;
  };
  return { closed, stop };
}

/** Starts a server on a data directory. Throws a Problem if another process owns it. */
export async function runServer(options: ServerOptions): Promise<RunningServer> {
  const { data, words, listen, log } = options;
  checkControlPath(data.control);
  await mustOwn(data, 'the server');
  await mustBeInitialised(data);
  const lock = await takeDataLock(data, 'the server');
  if (!lock)
    throw new Problem(
      'failure',
      `${data.path}: another obalka uses this data directory; stop it first, or choose another --data DIR`,
    );
  /** What was opened, to be closed last first. */
  const opened: (() => void | Promise<void>)[] = [() => lock.release()];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const rules = await watchAddressRules(data.addressRules, log);
    opened.push(() => rules.stop());
    const registry = await openDataRegistry(data, () => rules.value);
    opened.push(() => registry.close());
    if (registry.activeKeys().length === 0) log('nobody-registered');
    const planned = await planLanes(data, listen.workers, log);
    const idle = closeIdleLanes(planned, listen.workers, log);
    opened.push(idle.stop);

    let workers: Workers | undefined;
    const written = new Map<string, { lane: Uint8Array; segment: number }>();
    const writers: LaneWriters = {
      open: async (lane) => workers?.writers.open(lane),
      async erase(lane, segment, cells) {
        if (await workers?.writers.erase(lane, segment, cells)) return true;
        const isIdle = planned.lanes.slice(listen.workers).some((one) => equal(one, lane));
        if (isIdle) await idle.closed;
        return false;
      },
    };
    const forgetting = new Forgetting({ ...planned.at, writers, written: () => [...written.values()] });
    opened.push(() => forgetting.idle());
    let dropOld = () => {};

    const certify = (pairs: TlsOptions['pairs']) => workers?.certify(pairs);
    const tls = options.tls && (await startTls(options.tls, data, words.hostname, certify, log));
    if (tls) opened.push(() => tls.stop());
    const { logSeconds } = { ...defaultConnectionLimits, ...words.limits };
    const tell = (what: NetworkEvent | Trouble, times: number) => {
      const { code, fields } = eventOf(what);
      log(code, { ...fields, times: timesOf(times) });
    };
    const calm = new CalmLog<NetworkEvent | Trouble>(tell, realClock, logSeconds);
    opened.push(() => calm.end());
    const common = {
      data,
      words,
      log,
      onTrouble: (trouble: Trouble) => calm.tell(trouble),
      onSegment(lane: Uint8Array, segment: number) {
        written.set(hex(lane), { lane, segment });
        planned.onSegment(lane, segment);
        log('segment-begun');
        dropOld();
      },
    };
    let serveStream: OwnWorker['serveStream'] = () =>
      Promise.reject(new Error('no session but of listeners'));
    if ('listeners' in listen) {
      const lane = planned.lanes[0] as Uint8Array;
      const worker = await startWorker({
        ...common,
        at: planned.at,
        lane,
        registry,
        listen: listen.listeners,
        certificates: tls?.pairs,
        workers: 1,
        onEvent: tell,
        onStep: log,
        onChanged: () => log('journal-changed'),
        onSegment: (segment) => common.onSegment(lane, segment),
      });
      serveStream = worker.serveStream;
      workers = onlyWorker(worker);
    } else
      workers = await WorkerPool.start({
        ...common,
        journal: planned.at.journal,
        lanes: planned.lanes.slice(0, listen.workers),
        sockets: listen.sockets,
        certificates: () => tls?.pairs,
        onEvent: (event, times) => calm.tell(event, times),
        beforeAnother: () => forgetting.finish(),
      });
    const running = workers;
    opened.push(() => running.close());
    rules.onChange(() => void running.keys.changed());

    // A socket left by a process that was killed: the lock says that nobody listens there.
    await rm(data.control, { force: true });
    const erasures = new Erasures((orders) => forgetting.erase(orders));
    const powers = {
      administration: new LiveAdministration(registry, running.keys, running.notices),
      erase: erasures.erase.bind(erasures),
      retain: forgetting.retain.bind(forgetting),
    };
    const control = await serveControl(
      data.control,
      (question) => answerControl(powers, question),
      importConversation((address) => running.bring(address)),
    );
    opened.push(() => control.close());
    // Whoever waits for an erasure is answered before the socket is closed.
    opened.push(() => erasures.end());
    await chmod(data.control, 0o600);
    let retained: number | undefined;
    const retainFor = (age: number | undefined) => {
      if (age === retained) return;
      retained = age;
      dropOld = () => void (age !== undefined && retainBy(forgetting, age, log));
      dropOld();
    };
    retainFor(options.retainAge);
    return {
      addresses: running.addresses,
      serveStream,
      async reload({ words: others, tlsFiles, retainAge }) {
        retainFor(retainAge);
        await Promise.allSettled([tls?.again(tlsFiles), rules.again(), running.reload(others)]);
      },
      look: () => running.look(),
      async stop(withinMilliseconds) {
        await running.stop(withinMilliseconds);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
