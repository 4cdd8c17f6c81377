/** Worker: what takes mail in and seals it into one lane. In the one process of a server, or in each of several. */
import type { Duplex } from 'node:stream';
import { freeSpace } from '../../journal/free-space.js';
import type { LanesPlace } from '../../journal/lane-folder.js';
import type { ErasedEnvelope } from '../../journal/segment-writer.js';
import { Certificates, type ServerCertificate } from '../../net/certificates.js';
import { realClock } from '../../net/clock.js';
import { defaultConnectionLimits, type NetworkEvent, shareOfLimits } from '../../net/limits.js';
import type { ListenAddress, Listener } from '../../net/listener.js';
import { parseNetworks } from '../../net/networks.js';
import { type ServeOptions, serveSmtp } from '../../net/serve-smtp.js';
import { takingTurns } from '../../net/taking-turns.js';
import type { Registry } from '../../registry/registry.js';
import { nodeAead } from '../../seal/aead.js';
import { recipientRoom } from '../../server/accepted.js';
import type { CountsSoFar } from '../../server/address-limits.js';
import type { ChangeOfKeys } from '../../server/change-of-keys.js';
import { type Bringing, importWriter } from '../../server/import-writer.js';
import { intake } from '../../server/intake.js';
import { type KeysInUse, laneKeys } from '../../server/lane-keys.js';
import { LiveRegistry } from '../../server/live-registry.js';
import { noticeWriter } from '../../server/notice-writer.js';
import { defaultSessionLimits } from '../../smtp/settings.js';
import { withPolicies } from '../../smtp/with-policies.js';
import { makeCollector } from '../data/collector.js';
import type { DataDirectory } from '../data/data-directory.js';
import { WatchedWorker, type WorkerLook } from '../figures/watched-worker.js';
import type { Log, Trouble } from '../log/log.js';
import { random } from '../random.js';
import { type AddressLimitOptions, startAddressLimits } from './address-limit-file.js';
import { connectionsUnder, descriptorLimit } from './descriptors.js';
import { takeUp } from './open-lane.js';
import { type PolicyOptions, startPolicies } from './start-policies.js';

/** A policy that takes longer over one question costs the client a 451. */
const policyMilliseconds = 30_000;

/** What of it may change while a server runs. */
export interface RereadableWords {
  readonly policies: PolicyOptions;
  readonly addressLimits: AddressLimitOptions;
}

/** How a server serves, as data: it goes to each of its processes. */
export interface ServingWords extends RereadableWords {
  readonly hostname: string;
  readonly limits: NonNullable<ServeOptions['limits']>;
  readonly earlyTalkers: 'answer' | 'refuse';
  /** Networks as people write them. */
  readonly proxies: readonly string[];
  readonly xclients: readonly string[];
  /** Undefined for those that are usual. */
  readonly neighbours: readonly string[] | undefined;
  /** Whether mail is taken inside TLS only. */
  readonly requireTls: boolean;
  /** Whether each session and each reply is told to the log. */
  readonly debug: boolean;
  /** Whether figures are counted. */
  readonly figures: boolean;
}

export interface WorkerOptions {
  readonly data: DataDirectory;
  readonly at: LanesPlace;
  readonly lane: Uint8Array;
  readonly registry: Registry;
  readonly listen: readonly (ListenAddress | Listener)[];
  readonly words: ServingWords;
  /** Without any there is no TLS. */
  readonly certificates: readonly ServerCertificate[] | undefined;
  /** How many workers share what is limited for the server. */
  readonly workers: number;
  /** What other workers had counted of addresses. */
  readonly had?: CountsSoFar | undefined;
  /** Told that files were read again, and the like. */
  readonly log: Log;
  /** Told that the lane's last segment is not what its checkpoint says. */
  readonly onChanged: () => void;
  /** Told of what happens on the network, and how often. */
  readonly onEvent: (event: NetworkEvent, times: number) => void;
  /** Told of errors that a client saw as 451 or 452. */
  readonly onTrouble: (trouble: Trouble) => void;
  readonly onSegment: (segment: number) => void;
  /** Told of each session and each reply, where that is asked for. */
  readonly onStep: Log;
  /** Told of mail to an address whose limits all workers hold. */
  readonly onCounted?: (counted: Counted) => void;
}

/** What was taken for an address that has limits. */
export type Counted = readonly [address: string, octets: number, mails: number];

/** One worker, as the process that owns the data directory sees it. */
export interface Worker {
  readonly lane: Uint8Array;
  readonly addresses: readonly ListenAddress[];
  readonly keys: KeysInUse;
  /** As NoticeWriter. */
  tell(changes: readonly ChangeOfKeys[]): Promise<number>;
  /** As LaneWriters, of its lane. */
  open(): Promise<{ readonly segment: number; readonly claimed: number } | undefined>;
  erase(segment: number, cells: readonly ErasedEnvelope[]): Promise<boolean>;
  /** Where old mail of an address is taken in. Throws a Problem. */
  bring(address: string): Promise<Bringing>;
  /** Takes other certificates. */
  certify(pairs: readonly ServerCertificate[]): void;
  /** Takes other words, and reads lists and limits again. */
  reload(words: RereadableWords): Promise<void>;
  /** How it goes. */
  look(): Promise<WorkerLook>;
  /** Another worker took mail for an address that has limits. */
  counted(counted: Counted): void;
  /** Takes no more mail, and lets transactions under way finish for so long. */
  stop(withinMilliseconds: number): Promise<void>;
  /** Ends the lane's segment. To be called after `stop`. */
  close(): Promise<void>;
}

/** A worker in this process. */
export interface OwnWorker extends Worker {
  /** Serves one session over a stream; resolves when it is over. */
  serveStream(stream: Duplex, protocol: 'smtp' | 'lmtp'): Promise<void>;
  /** What was counted of addresses, for a worker that begins now. */
  soFar(): CountsSoFar;
}

/** Starts to take mail. Throws a Problem if it cannot; then nothing is left open. */
export async function startWorker(options: WorkerOptions): Promise<OwnWorker> {
  const { data, at, registry, words, workers, log } = options;
  const { hostname, limits } = words;
  const opened: (() => void | Promise<void>)[] = [];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const watched = new WatchedWorker({
      countsFigures: words.figures,
      log: words.debug ? options.onStep : undefined,
      onEvent: options.onEvent,
      onContent: makeCollector(),
    });
    const { onChanged, onSegment } = options;
    const told = { onChanged, onSegment, onCommit: watched.onCommit };
    const { lane, channels } = await takeUp(at, options.lane, registry, told);
    opened.push(() => lane.close());
    const live = new LiveRegistry(registry, { isTold: true });
    const notices = noticeWriter({ lane, aead: nodeAead, random, now: Date.now, hostname });
    let { diskReserve } = words.policies;
    const policies = await startPolicies(words.policies, data.journal, log);
    opened.push(() => policies.stop());
    const addressLimits = await startAddressLimits(words.addressLimits, log, options.had);
    opened.push(() => addressLimits.stop());
    const { counts } = addressLimits;
    const { onCounted } = options;
    const certificates = options.certificates && new Certificates(options.certificates);
    const shared: Partial<typeof limits> =
      workers === 1 ? limits : { ...limits, ...shareOfLimits(limits, workers) };
    const { connections, logSeconds: calm } = { ...defaultConnectionLimits, ...shared };
    // Of several, each tells the first process, which tells of all of them together.
    const logSeconds = workers === 1 ? calm : Math.min(calm, 1);
    const server = await serveSmtp({
      listen: options.listen,
      hostname,
      earlyTalkers: words.earlyTalkers,
      proxies: parseNetworks(words.proxies),
      xclients: parseNetworks(words.xclients),
      ...(words.neighbours ? { neighbours: parseNetworks(words.neighbours) } : {}),
      ...(certificates ? { certificates, requireTls: words.requireTls } : {}),
      ...(workers > 1 ? { onAccepted: takingTurns(realClock.now) } : {}),
      limits: { ...shared, logSeconds, connections: connectionsUnder(descriptorLimit(), connections) },
      service: withPolicies(
        intake({
          lane,
          recipients: live,
          aead: nodeAead,
          random,
          now: Date.now,
          counts: onCounted
            ? {
                allows: (address, besides) => counts.allows(address, besides),
                count(address, octets, mails = 1) {
                  counts.count(address, octets, mails);
                  onCounted([address, octets, mails]);
                },
              }
            : counts,
          takes: policies.takes,
          recipientRoom: Math.ceil(recipientRoom / workers),
          onContent: watched.onContent,
          onTrouble: options.onTrouble,
        }),
        policies.all,
        { after: realClock.after, milliseconds: policyMilliseconds },
      ),
      log: watched.onEvent,
      ...watched.sessions,
    });
    return {
      lane: options.lane,
      addresses: server.addresses,
      keys: laneKeys(live, channels, lane),
      tell: (changes) => notices.tell(changes),
      bring: async (address) =>
        importWriter(
          {
            ...{ lane, recipients: live, aead: nodeAead, random, now: Date.now },
            maxSize: { ...defaultSessionLimits, ...limits }.content,
            diskReserve,
            space: () => freeSpace(data.journal),
          },
          address,
        ),
      open: async () => lane.open,
      erase: (segment, cells) => lane.erase(segment, cells),
      certify: (pairs) => certificates?.replace(pairs),
      async reload(others) {
        diskReserve = others.policies.diskReserve;
        await Promise.all([policies.again(others.policies), addressLimits.again(others.addressLimits)]);
      },
      look: async () => watched.look(lane),
      counted: (given) => counts.count(...given),
      soFar: () => counts.soFar(),
      serveStream: server.serveStream,
      stop: (within) => server.stop(within),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
