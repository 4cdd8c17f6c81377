/** obalka serve: takes mail in, and seals it. */
import { type Command, Option } from 'commander';
import { Problem } from '../../core/errors.js';
import { Listener } from '../../net/listener.js';
import { PagesListener } from '../../net/pages.js';
import { SharedSocket } from '../../net/shared-socket.js';
import { configurationInUse } from '../config/in-use.js';
import { LiveSettings } from '../config/rereading.js';
import { rereadable, servingWords } from '../config/server-settings.js';
import type { Given } from '../config/setting.js';
import type { Settled } from '../config/settings.js';
import { clashes, settle } from '../config/settled.js';
import { dataDirectory } from '../data/data-directory.js';
import { sayFaults } from '../log/faults.js';
import { logTo } from '../log/log.js';
import { pepperHelp } from '../options.js';
import { become, findAccount } from '../server/accounts.js';
import { parseListen, parseMetricsListen } from '../server/listen-words.js';
import { openListeners } from '../server/open-listeners.js';
import { passedSockets } from '../server/passed-sockets.js';
import { type Rereadable, runServer, type ServerOptions } from '../server/run-server.js';
import { serveOptions } from '../server/serve-options.js';
import { serveStdio, serveUntilSignal } from '../server/serving.js';
import { readTlsFiles } from '../server/tls-files.js';
import { serviceManager } from '../service/service-manager.js';

interface ServeOptions extends Given {
  readonly stdio?: 'smtp' | 'lmtp';
  readonly listen?: readonly string[];
  readonly data?: string;
  readonly pepper?: string;
}

export function serveCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('take mail in over SMTP and LMTP, and seal it')
    .addOption(
      new Option('--stdio <PROTOCOL>', 'one session over standard input and output').choices([
        'smtp',
        'lmtp',
      ]),
    );
  serveOptions(command);
  command
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .option('--pepper <FILE>', pepperHelp)
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const { stdio } = options;
  const file = configurationInUse();
  const all = settle(options, file);
  mustGoTogether(options, all);
  const { value: user } = all['serve.user'];
  const account = user === undefined ? undefined : findAccount(user);
  const { words, figures } = listenWords(options, all);
  const { value: files } = all['serve.certificates'];
  const usesTls = all['serve.tls'].value !== 'none' && stdio === undefined;
  // Keys and ports may be for root alone, so they come before root is given up, and the data after.
  const pairs = await readTlsFiles(files);
  const workers = stdio === undefined ? all['serve.workers'].value : 1;
  const listen =
    workers === 1
      ? { workers: 1 as const, listeners: await openListeners(words, (address) => Listener.bind(address)) }
      : { workers, sockets: await openListeners(words, (address) => SharedSocket.bind(address)) };
  const log = logTo({ debug: all['serve.debug'].value });
  sayFaults(log);
  const live = new LiveSettings(options, file?.path, all, log);
  // What names the manager is not for the processes that are started later.
  const manager = serviceManager(process.env, process.pid, () => log('manager-deaf'));
  let listener: PagesListener | undefined;
  try {
    [listener] = await openListeners(figures, (address) => PagesListener.bind(address));
    if (account !== undefined) become(account);
    const server: ServerOptions = {
      data: dataDirectory(options.data, options.pepper),
      tls: usesTls ? { files, pairs } : undefined,
      listen,
      words: { ...servingWords(all), figures: listener !== undefined },
      retainAge: rereadable(all).retainAge,
      log,
    };
    const ways = {
      again: (take: (changed: Rereadable) => Promise<void>) => live.again((now) => take(rereadable(now))),
      drainMilliseconds: () => 1000 * live.now['serve.drain-seconds'].value,
      manager,
      figures: listener && {
        listener,
        journal: server.data.journal,
        diskReserve: () => live.now['serve.disk-reserve'].value,
      },
    };
    if (stdio !== undefined) await serveStdio(server, stdio, ways);
    else await serveUntilSignal(await runServer(server), server.data, ways);
  } catch (error) {
    const opened = 'listeners' in listen ? listen.listeners : listen.sockets;
    await Promise.all([...opened, ...(listener ? [listener] : [])].map((one) => one.close()));
    throw error;
  }
}

/** Throws a usage Problem for what leaves no sense to something else. */
function mustGoTogether({ stdio, listen }: ServeOptions, all: Settled): void {
  if (stdio !== undefined && listen !== undefined)
    throw new Problem('usage', '--stdio serves one session and ends; give either --stdio or --listen');
  const { value: workers, source } = all['serve.workers'];
  if (stdio !== undefined && workers > 1 && source.kind === 'option')
    throw new Problem('usage', '--stdio serves one session by one process; leave out --workers');
  const { source: ofMetrics } = all['serve.metrics'];
  if (stdio !== undefined && ofMetrics.kind === 'option')
    throw new Problem('usage', '--stdio serves one session, which has no figures; leave out --metrics');
  // Who serves standard input and output listens nowhere.
  const [clash] = clashes(all).filter(({ key }) => stdio === undefined || key !== 'serve.listen');
  if (clash) throw new Problem('usage', clash.what);
}

function listenWords({ stdio }: ServeOptions, all: Settled) {
  const passed = passedSockets(process.env, process.pid);
  // They are for this process, not for those it may start.
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete process.env[name];
  const { value: metrics } = all['serve.metrics'];
  if (stdio !== undefined) return { words: [], figures: [] };
  return {
    words: all['serve.listen'].value.flatMap((text) => parseListen(text, passed)),
    figures: metrics === undefined ? [] : [parseMetricsListen(metrics, passed)],
  };
}
