/** The server's parts put together: lock, registry, lane, channels, intake, listeners, control socket. */
import { chmod, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { Problem } from '../core/errors.js';
import { isoWeek } from '../core/week.js';
import { createJournal } from '../journal/create-journal.js';
import { nodeDisk } from '../journal/disk.js';
import { Lane } from '../journal/lane.js';
import { realClock } from '../net/clock.js';
import { serveControl } from '../net/control.js';
import { defaultConnectionLimits } from '../net/limits.js';
import type { ListenAddress } from '../net/listener.js';
import { type ServeOptions, serveSmtp } from '../net/serve-smtp.js';
import { nodeAead } from '../seal/aead.js';
import { fingerprintOf } from '../seal/keys.js';
import { ChannelTable, type PendingEnvelope } from '../server/channel-table.js';
import { Erasures } from '../server/erasures.js';
import { intake } from '../server/intake.js';
import { LiveRegistry } from '../server/live-registry.js';
import { withPolicies } from '../smtp/with-policies.js';
import { takeLock } from '../sqlite/process-lock.js';
import { answerControl } from './administer.js';
import { makeCollector } from './collector.js';
import { type DataDirectory, mustBeInitialised, mustOwn, openDataRegistry } from './data-directory.js';
import { connectionsUnder, descriptorLimit } from './descriptors.js';
import { random } from './random.js';
import { keptSigners } from './signers.js';
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
  /** Told of events by fixed words; never of a name, an address or a size. */
  readonly log: (event: string) => void;
}

export interface RunningServer {
  readonly addresses: readonly ListenAddress[];
  /** Serves one session over a stream; resolves when it is over. */
  serveStream(stream: Duplex, protocol: 'smtp' | 'lmtp'): Promise<void>;
  /** Reads certificates and lists again. */
  reload(): void;
  /** Lets transactions under way finish for so long, then closes everything. */
  stop(withinMilliseconds: number): Promise<void>;
}

/** Starts a server on a data directory. Throws a Problem if another process owns it. */
export async function runServer(options: ServerOptions): Promise<RunningServer> {
  const { data, log } = options;
  await mustBeInitialised(data);
  await mustOwn(data);
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
    const registry = await openDataRegistry(data);
    opened.push(() => registry.close());
    if (registry.activeKeys().length === 0) log('no address is registered: all mail will be refused');
    const channels = new ChannelTable({
      activeKeys: () =>
        registry.activeKeys().map((publicKey) => ({ publicKey, fingerprint: fingerprintOf(publicKey) })),
      random,
    });
    const lane = await Lane.open<PendingEnvelope>({
      disk: nodeDisk,
      folder: data.journal,
      journal: (await createJournal(nodeDisk, data.journal, random)).id,
      sealing: channels,
      random,
      signers: keptSigners(data.signers),
      onChanged: () => log('the journal was changed while the server did not run: see obalka verify'),
      week: () => isoWeek(Date.now()),
    });
    opened.push(() => lane.close());
    const live = new LiveRegistry(registry, channels, lane);
    // A socket left by a process that was killed: the lock says that nobody listens there.
    await rm(data.control, { force: true });
    const erasures = new Erasures((orders) => lane.erase(orders));
    opened.push(() => erasures.end());
    const powers = { administration: live, erase: erasures.erase.bind(erasures) };
    const control = await serveControl(data.control, (question) => answerControl(powers, question));
    opened.push(() => control.close());
    await chmod(data.control, 0o600);
    const tls = options.tls && (await startTls(options.tls, data, options.serve.hostname, log));
    if (tls) opened.push(() => tls.stop());
    const policies = await startPolicies(options.policies, log);
    opened.push(() => policies.stop());
    const { limits } = options.serve;
    const { connections } = { ...defaultConnectionLimits, ...limits };
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
          onContent: makeCollector(),
          onTrouble: log,
        }),
        policies.all,
        { after: realClock.after, milliseconds: policyMilliseconds },
      ),
      log,
    });
    return {
      addresses: server.addresses,
      serveStream: server.serveStream,
      reload() {
        void tls?.again();
        void policies.again();
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
