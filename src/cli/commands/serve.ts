/** obalka serve: takes mail in, and seals it. */
import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import { Problem } from '../../core/errors.js';
import { isHostname } from '../../core/hostname.js';
import { Listener } from '../../net/listener.js';
import { parseNetworks } from '../../net/networks.js';
import { PagesListener } from '../../net/pages.js';
import { SharedSocket } from '../../net/shared-socket.js';
import { parseAge } from '../../server/retention.js';
import { defaultSessionLimits } from '../../smtp/settings.js';
import { become, findAccount } from '../accounts.js';
import { dataDirectory } from '../data-directory.js';
import { parseLimits } from '../limit-words.js';
import { parseListen, parseMetricsListen } from '../listen-words.js';
import { sayFaults } from '../log/faults.js';
import { logTo } from '../log/log.js';
import { openListeners } from '../open-listeners.js';
import { collect, pepperHelp } from '../options.js';
import { passedSockets } from '../passed-sockets.js';
import { runServer, type ServerOptions } from '../run-server.js';
import { serviceManager } from '../service/service-manager.js';
import { serveStdio, serveUntilSignal } from '../serving.js';
import { pairFiles, readTlsFiles } from '../tls-files.js';

interface ServeOptions {
  readonly listen: readonly string[];
  readonly stdio?: 'smtp' | 'lmtp';
  readonly hostname: string;
  readonly maxSize: string;
  readonly set: readonly string[];
  readonly tls: boolean;
  readonly tlsCert: readonly string[];
  readonly tlsKey: readonly string[];
  readonly requireTls?: true;
  readonly earlyTalkers: 'answer' | 'refuse';
  readonly drainSeconds: string;
  readonly proxyFrom: readonly string[];
  readonly xclientFrom: readonly string[];
  readonly neighbour: readonly string[];
  readonly allow?: string;
  readonly deny?: string;
  readonly addressLimits?: string;
  readonly checkHeaders?: true;
  readonly diskReserve?: string;
  readonly retain?: string;
  readonly workers: string;
  readonly debug?: true;
  readonly metrics?: string;
  readonly user?: string;
  readonly data?: string;
  readonly pepper?: string;
}

const mostWorkers = 64;
const largestMaxSize = 4 * 2 ** 30;

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('take mail in over SMTP and LMTP, and seal it')
    .option(
      '--listen <ADDRESS>',
      'HOST:PORT, unix:PATH[?mode=0660&owner=NAME&group=NAME], fd:N or systemd[:NAME], behind smtp://, smtps:// or lmtp:// (default smtp://127.0.0.1:2525)',
      collect,
      [],
    )
    .addOption(
      new Option('--stdio <PROTOCOL>', 'one session over standard input and output').choices([
        'smtp',
        'lmtp',
      ]),
    )
    .addOption(
      new Option('--hostname <NAME>', 'the name the server greets with').default(
        hostname(),
        'that of the machine',
      ),
    )
    .option('--max-size <BYTES>', 'largest message taken', String(defaultSessionLimits.content))
    .option('--set <NAME=NUMBER>', 'another limit, see spec/smtp.md', collect, [])
    .option(
      '--tls-cert <FILE>',
      'certificate and chain, PEM; the first is for names that none has',
      collect,
      [],
    )
    .option('--tls-key <FILE>', 'the private key of each certificate, in the same order', collect, [])
    .option('--no-tls', 'offer no TLS')
    .option('--require-tls', 'take mail inside TLS only')
    .addOption(
      new Option('--early-talkers <WHAT>', 'clients that speak before the greeting')
        .choices(['answer', 'refuse'])
        .default('refuse'),
    )
    .option('--proxy-from <NETWORK>', 'proxies, whose connections begin with a PROXY header', collect, [])
    .option('--xclient-from <NETWORK>', 'programs that may say by XCLIENT who the client is', collect, [])
    .option(
      '--neighbour <NETWORK|none>',
      'clients that are never slowed down (default 127.0.0.0/8 and ::1)',
      collect,
      [],
    )
    .option('--allow <FILE>', 'clients and reverse-paths that --deny does not hold for')
    .option('--deny <FILE>', 'networks, reverse-paths and domains that are refused, one a line')
    .option('--address-limits <FILE>', 'limits of single addresses, one address a line')
    .option('--check-headers', 'refuse mail whose header is not one')
    .option(
      '--disk-reserve <BYTES>',
      'refuse mail when less is free (default 64 MiB, or a sixteenth of a small disk)',
    )
    .option('--retain <AGE>', 'drop mail that is older, such as 90d, 12w or 2y')
    .option('--workers <NUMBER>', 'processes that take mail, each into a lane of its own', '1')
    .option('--drain-seconds <NUMBER>', 'time for transactions under way when the server stops', '10')
    .option(
      '--metrics <ADDRESS>',
      'figures and health over HTTP: HOST:PORT of this machine, unix:PATH, or systemd[:NAME]',
    )
    .option('--debug', 'say of each session and each reply that it was there, still with nothing about it')
    .option('--user <NAME[:GROUP]>', 'whom to become after the addresses are bound, when started as root')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .option('--pepper <FILE>', pepperHelp)
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const { stdio } = options;
  if (stdio !== undefined && options.listen.length > 0)
    throw new Problem('usage', '--stdio serves one session and ends; give either --stdio or --listen');
  const idle = options.requireTls ? '--require-tls' : options.tlsCert.length > 0 ? '--tls-cert' : undefined;
  if (!options.tls && idle !== undefined)
    throw new Problem('usage', `--no-tls leaves no use for ${idle}; leave out one of them`);
  const drainMilliseconds = 1000 * wholeNumber('--drain-seconds', options.drainSeconds, 0, 3600);
  const hostname = checkHostname(options.hostname);
  const { serving, addresses } = parseLimits(options.set);
  const limits = {
    ...serving,
    content: wholeNumber('--max-size', options.maxSize, 1, largestMaxSize),
  };
  const workers = wholeNumber('--workers', options.workers, 1, mostWorkers);
  if (stdio !== undefined && workers > 1)
    throw new Problem('usage', '--stdio serves one session by one process; leave out --workers');
  const account = options.user === undefined ? undefined : findAccount(options.user);
  const { words, figures } = listenWords(options);
  if (!options.tls && words.some(({ address }) => address.protocol === 'smtps'))
    throw new Problem('usage', '--no-tls leaves no way to listen for smtps://; leave out one of them');
  const files = pairFiles(options.tlsCert, options.tlsKey);
  // Keys and ports may be for root alone, so they come before root is given up, and the data after.
  const pairs = await readTlsFiles(files);
  const listen =
    workers === 1
      ? { workers: 1 as const, listeners: await openListeners(words, (address) => Listener.bind(address)) }
      : { workers, sockets: await openListeners(words, (address) => SharedSocket.bind(address)) };
  const log = logTo({ debug: options.debug === true });
  sayFaults(log);
  // What names the manager is not for the processes that are started later.
  const manager = serviceManager(process.env, process.pid, () => log('manager-deaf'));
  let listener: PagesListener | undefined;
  try {
    [listener] = await openListeners(figures, (address) => PagesListener.bind(address));
    if (account !== undefined) become(account);
    const settings: ServerOptions = {
      data: dataDirectory(options.data, options.pepper),
      tls: options.tls && stdio === undefined ? { files, pairs } : undefined,
      listen,
      words: {
        hostname,
        limits,
        earlyTalkers: options.earlyTalkers,
        requireTls: options.requireTls === true,
        debug: options.debug === true,
        figures: listener !== undefined,
        ...networks(options),
        policies: {
          lists: { allow: options.allow, deny: options.deny },
          checkHeaders: options.checkHeaders === true,
          diskReserve:
            options.diskReserve === undefined
              ? undefined
              : wholeNumber('--disk-reserve', options.diskReserve, 0, Number.MAX_SAFE_INTEGER),
        },
        addressLimits: { limits: addresses, file: options.addressLimits },
      },
      retainAge: options.retain === undefined ? undefined : parseAge(options.retain),
      log,
    };
    if (stdio !== undefined) await serveStdio(settings, stdio, drainMilliseconds);
    else
      await serveUntilSignal(await runServer(settings), settings.data, drainMilliseconds, {
        manager,
        figures: listener && {
          listener,
          journal: settings.data.journal,
          diskReserve: settings.words.policies.diskReserve,
        },
      });
  } catch (error) {
    const opened = 'listeners' in listen ? listen.listeners : listen.sockets;
    await Promise.all([...opened, ...(listener ? [listener] : [])].map((one) => one.close()));
    throw error;
  }
}

function listenWords({ listen, stdio, metrics }: ServeOptions) {
  if (stdio !== undefined && metrics !== undefined)
    throw new Problem('usage', '--stdio serves one session, which has no figures; leave out --metrics');
  if (stdio !== undefined) return { words: [], figures: [] };
  const passed = passedSockets(process.env, process.pid);
  // They are for this process, not for those it may start.
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete process.env[name];
  const texts = listen.length > 0 ? listen : [passed.length > 0 ? 'systemd' : '127.0.0.1:2525'];
  return {
    words: texts.flatMap((text) => parseListen(text, passed)),
    figures: metrics === undefined ? [] : [parseMetricsListen(metrics, passed)],
  };
}

/** As they were written, once it is sure that they can be read. */
function networks({ proxyFrom, xclientFrom, neighbour }: ServeOptions) {
  const neighbours = neighbour.filter((text) => text !== 'none');
  for (const texts of [proxyFrom, xclientFrom, neighbours]) parseNetworks(texts);
  return {
    proxies: proxyFrom,
    xclients: xclientFrom,
    neighbours: neighbour.length > 0 ? neighbours : undefined,
  };
}

function checkHostname(name: string): string {
  if (!isHostname(name))
    throw new Problem('usage', `--hostname ${name}: not a host name; write one such as mail.example.org`);
  return name;
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (number < least || number > most)
    throw new Problem('usage', `${option} ${text}: write a number from ${least} to ${most}`);
  return number;
}
