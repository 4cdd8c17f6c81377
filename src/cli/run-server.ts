/** The server's parts put together: lock, registry, lane, channels, intake, listeners, control socket. */
import { chmod, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { Problem } from '../core/errors.js';
import { freeSpace } from '../journal/free-space.js';
import { CalmLog } from '../net/calm-log.js';
import { realClock } from '../net/clock.js';
import { serveControl } from '../net/control.js';
import { defaultConnectionLimits } from '../net/limits.js';
import type { ListenAddress } from '../net/listener.js';
import { type ServeOptions, serveSmtp } from '../net/serve-smtp.js';
import { nodeAead } from '../seal/aead.js';
import { Erasures } from '../server/erasures.js';
import { importWriter } from '../server/import-writer.js';
import { intake } from '../server/intake.js';
import { LiveRegistry } from '../server/live-registry.js';
import { noticeWriter } from '../server/notice-writer.js';
import { isFarAhead, oldBefore } from '../server/retention.js';
import { defaultSessionLimits } from '../smtp/settings.js';
import { withPolicies } from '../smtp/with-policies.js';
import { takeLock } from '../sqlite/process-lock.js';
import { type AddressLimitOptions, startAddressLimits } from './address-limit-file.js';
import { WatchedRules } from './address-rules-file.js';
import { answerControl } from './administer.js';
import { makeCollector } from './collector.js';
import { type DataDirectory, mustBeInitialised, mustOwn, openDataRegistry } from './data-directory.js';
import { connectionsUnder, descriptorLimit } from './descriptors.js';
import { importConversation } from './import/conversation.js';
import { type OpenedLane, openLane } from './open-lane.js';
import { random } from './random.js';
import { type PolicyOptions, startPolicies } from './start-policies.js';
import { startTls, type TlsOptions } from './start-tls.js';

/** A policy that takes longer over one question costs the client a 451. */
const policyMilliseconds = 30_000;

export interface ServerOptions {
  readonly data: DataDirectory;
  /** How connections are served: listeners, hostname, limits. */
  readonly serve: Omit<ServeOptions, 'service' | 'log' | 'certificates' | 'requireTls'>;
  /** TLS with these certificates, or with one made here if there are none; undefined for no TLS at all. */
  readonly tls: TlsOptions | undefined;
  readonly policies: PolicyOptions;
  /** Segments in which all mail is older, in milliseconds, are dropped; undefined for none. */
  readonly retainAge?: number | undefined;
  readonly addressLimits: AddressLimitOptions;
  /** Told of events by fixed words; never of a name, an address or a size. */
  readonly log: (event: string) => void;
}

export interface RunningServer {
  readonly addresses: readonly ListenAddress[];
  /** Serves one session over a stream; resolves when it is over. */
  serveStream(stream: Duplex, protocol: 'smtp' | 'lmtp'): Promise<void>;
  /** Reads certificates, lists and address rules again. */
  reload(): void;
  /** Lets transactions under way finish for so long, then closes everything. */
  stop(withinMilliseconds: number): Promise<void>;
}

/** "connection capped", or what stands for many of its kind. */
function counted(event: string, times: number): string {
  return times === 1 ? event : `${event} (${times} times)`;
}

/** Drops what is old, and goes on whatever happens: it will be tried again with the next segment. */
async function retainBy(lane: OpenedLane['lane'], age: number, log: (event: string) => void): Promise<void> {
  const now = Date.now();
  try {
    const old = await lane.retain(oldBefore(age, now), (found) => !isFarAhead(found, now));
    if (old.segments.length > 0)
      log(
        isFarAhead(old, now)
          ? 'the clock stands far ahead of the journal: nothing was dropped; see obalka retain'
          : 'old segments were dropped',
      );
  } catch (error) {
    log(`old segments cannot be dropped (${error instanceof Error && 'code' in error ? error.code : error})`);
  }
}

/** Starts a server on a data directory. Throws a Problem if another process owns it. */
export async function runServer(options: ServerOptions): Promise<RunningServer> {
  const { data, log } = options;
  await mustOwn(data);
  await mustBeInitialised(data);
  const lock = takeLock(data.lock);
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
    const rules = await WatchedRules.start(data.addressRules, log);
    opened.push(() => rules.stop());
    const registry = await openDataRegistry(data, () => rules.now);
    opened.push(() => registry.close());
    if (registry.activeKeys().length === 0) log('no address is registered: all mail will be refused');
    let dropOld = () => {};
    const { lane, channels } = await openLane(data, registry, log, () => dropOld());
    opened.push(() => lane.close());
    const { hostname } = options.serve;
    const notices = noticeWriter({ lane, aead: nodeAead, random, now: Date.now, hostname });
    const live = new LiveRegistry(registry, channels, lane, notices);
    rules.onChange(() => live.rulesChanged());
    // A socket left by a process that was killed: the lock says that nobody listens there.
    await rm(data.control, { force: true });
    const erasures = new Erasures((orders) => lane.erase(orders));
    const powers = {
      administration: live,
      erase: erasures.erase.bind(erasures),
      retain: lane.retain.bind(lane),
    };
    const bring = importConversation((address) =>
      importWriter(
        {
          ...{ lane, recipients: live, aead: nodeAead, random, now: Date.now },
          maxSize: { ...defaultSessionLimits, ...options.serve.limits }.content,
          diskReserve: options.policies.diskReserve,
          space: () => freeSpace(data.journal),
        },
        address,
      ),
    );
    const control = await serveControl(data.control, (question) => answerControl(powers, question), bring);
    opened.push(() => control.close());
    // Whoever waits for an erasure is answered before the socket is closed.
    opened.push(() => erasures.end());
    await chmod(data.control, 0o600);
    const tls = options.tls && (await startTls(options.tls, data, hostname, log));
    if (tls) opened.push(() => tls.stop());
    const policies = await startPolicies(options.policies, data.journal, log);
    opened.push(() => policies.stop());
    const addressLimits = await startAddressLimits(options.addressLimits, log);
    opened.push(() => addressLimits.stop());
    const { limits } = options.serve;
    const { connections, logSeconds } = { ...defaultConnectionLimits, ...limits };
    const troubles = new CalmLog<string>((code, times) => log(counted(code, times)), realClock, logSeconds);
    opened.push(() => troubles.end());
    const server = await serveSmtp({
      ...options.serve,
      ...(tls ? { certificates: tls.certificates, requireTls: tls.isRequired } : {}),
      limits: { ...limits, connections: connectionsUnder(descriptorLimit(), connections) },
      service: withPolicies(
        intake({
          lane,
          recipients: live,
          aead: nodeAead,
          random,
          now: Date.now,
          counts: addressLimits.counts,
          takes: policies.takes,
          onContent: makeCollector(),
          onTrouble: troubles.tell,
        }),
        policies.all,
        { after: realClock.after, milliseconds: policyMilliseconds },
      ),
      log: (event, times) => log(counted(event, times)),
    });
    const { retainAge } = options;
    if (retainAge !== undefined) {
      dropOld = () => void retainBy(lane, retainAge, log);
      dropOld();
    }
    return {
      addresses: server.addresses,
      serveStream: server.serveStream,
      reload() {
        void tls?.again();
        void policies.again();
        void rules.again();
        void addressLimits.again();
      },
      async stop(withinMilliseconds) {
        await server.stop(withinMilliseconds);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
