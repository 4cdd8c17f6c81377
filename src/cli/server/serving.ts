/** Serving: from the moment a server accepts to its end, by signal or with its one session. */
import { rmSync } from 'node:fs';
import { Problem } from '../../core/errors.js';
import type { PagesListener } from '../../net/pages.js';
import { PairedStream } from '../../net/paired-stream.js';
import { replies } from '../../smtp/replies.js';
import type { DataDirectory } from '../data/data-directory.js';
import { exitCodes } from '../exit-codes.js';
import { sayFault } from '../log/faults.js';
import { reloading, type ServiceManager } from '../service/service-manager.js';
import { startWatchdog } from '../service/watchdog.js';
import { onHangUp, untilEnded } from '../signals.js';
import { whileServing } from '../terminal/next-steps.js';
import { print, write } from '../terminal/output.js';
import { showEndpoint, showListener } from './listen-words.js';
import { type Rereadable, type RunningServer, runServer, type ServerOptions } from './run-server.js';

/** What a server asks, and whom it tells, while it serves. */
export interface ServingWays {
  /** Reads the configuration again; `take` gets what may have changed. */
  readonly again: (take: (changed: Rereadable) => Promise<void>) => Promise<void>;
  readonly drainMilliseconds: () => number;
  /** Hears of each step. */
  readonly manager: ServiceManager | undefined;
  readonly figures: FiguresOptions | undefined;
}

/** Says where it listens, serves until a signal, and stops. */
export async function serveUntilSignal(
  server: RunningServer,
  data: DataDirectory,
  { again, drainMilliseconds, manager, figures }: ServingWays,
): Promise<void> {
  const observer = figures && (await observe(server, figures));
  const ended = untilEnded((exitCode) => {
    for (const address of [...server.addresses, ...(figures ? [figures.listener.address] : [])])
      if ('path' in address) removeSocket(address.path);
    process.exit(exitCode);
  });
  onHangUp(async () => {
    await manager?.tell(...reloading());
    await again((changed) => server.reload(changed));
    await manager?.tell('READY=1');
  });
  for (const address of server.addresses) await print(`listening ${showListener(address)}`);
  if (figures) await print(`figures ${showEndpoint(figures.listener.address)}`);
  await manager?.tell('READY=1');
  const stopWatchdog = watchdogOf(server, manager);
  await whileServing(data, server.addresses);
  await ended;
  void manager?.tell('STOPPING=1');
  observer?.stop();
  await stop(server, drainMilliseconds());
  stopWatchdog?.();
  await figures?.listener.close();
}

/** In a folder of root's it stays, and the next start removes it. */
function removeSocket(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** What goes wrong now may know of mail: it is told as a fault, and not by its message. */
async function stop(server: RunningServer, drainMilliseconds: number): Promise<void> {
  try {
    await server.stop(drainMilliseconds);
  } catch (error) {
    sayFault(error);
    process.exitCode = exitCodes.failure;
  }
}

export interface FiguresOptions {
  /** Bound before root was given up. */
  readonly listener: PagesListener;
  readonly journal: string;
  readonly diskReserve: () => number | undefined;
}

async function observe(server: RunningServer, { listener, journal, diskReserve }: FiguresOptions) {
  // Most servers do without.
  const { Observer } = await import('../figures/observer.js');
  const observer = await Observer.start({ journal, diskReserve, look: () => server.look() });
  listener.serve(observer.pages);
  return observer;
}

function watchdogOf(server: RunningServer, manager: ServiceManager | undefined): (() => void) | undefined {
  const milliseconds = manager?.watchdogMilliseconds;
  if (!manager || milliseconds === undefined) return undefined;
  return startWatchdog({
    milliseconds,
    pulses: () => server.look(),
    onWell: () => manager.tell('WATCHDOG=1'),
  });
}

/** Serves one session over standard input and output, and stops. If it cannot, the other side is told by 421. */
export async function serveStdio(
  options: ServerOptions,
  protocol: 'smtp' | 'lmtp',
  { again, drainMilliseconds }: ServingWays,
): Promise<void> {
  let server: RunningServer;
  try {
    server = await runServer(options);
  } catch (error) {
    await write(replies.notAvailable.bytes);
    // Another process has the data directory now, which it may not have when the mail is brought again.
    if (error instanceof Problem && error.kind === 'failure') throw new Problem('later', error.message);
    throw error;
  }
  const ended = untilEnded((exitCode) => process.exit(exitCode));
  onHangUp(() => again((changed) => server.reload(changed)));
  const session = server.serveStream(new PairedStream(process.stdin, process.stdout), protocol);
  await Promise.race([session, ended]);
  await stop(server, drainMilliseconds());
  // What the other side never takes of the output would keep the process.
  process.exit();
}
