/** Serving: from the moment a server accepts to its end, by signal or with its one session. */
import { rmSync } from 'node:fs';
import { Problem } from '../core/errors.js';
import { PairedStream } from '../net/paired-stream.js';
import { replies } from '../smtp/replies.js';
import type { DataDirectory } from './data-directory.js';
import { showListener } from './listen-words.js';
import { whileServing } from './next-steps.js';
import { print, write } from './output.js';
import { type Rereadable, type RunningServer, runServer, type ServerOptions } from './run-server.js';
import { onHangUp, untilEnded } from './signals.js';

/** What a server may be told anew while it serves. */
export interface ServingWays {
  /** Reads the configuration again. */
  readonly again: () => Promise<Rereadable>;
  readonly drainMilliseconds: () => number;
}

/** Says where it listens, serves until a signal, and stops. */
export async function serveUntilSignal(
  server: RunningServer,
  data: DataDirectory,
  ways: ServingWays,
): Promise<void> {
  const ended = untilEnded((exitCode) => {
    for (const address of server.addresses) if ('path' in address) rmSync(address.path, { force: true });
    process.exit(exitCode);
  });
  onHangUp(() => reload(server, ways));
  for (const address of server.addresses) await print(`listening ${showListener(address)}`);
  await whileServing(data, server.addresses);
  await ended;
  await server.stop(ways.drainMilliseconds());
}

function reload(server: RunningServer, ways: ServingWays): void {
  void ways.again().then((changed) => server.reload(changed));
}

/** Serves one session over standard input and output, and stops. If it cannot, the other side is told by 421. */
export async function serveStdio(
  options: ServerOptions,
  protocol: 'smtp' | 'lmtp',
  ways: ServingWays,
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
  onHangUp(() => reload(server, ways));
  const session = server.serveStream(new PairedStream(process.stdin, process.stdout), protocol);
  await Promise.race([session, ended]);
  await server.stop(ways.drainMilliseconds());
  // What the other side never takes of the output would keep the process.
  process.exit();
}
