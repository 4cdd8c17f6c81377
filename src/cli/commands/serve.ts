/** obalka serve: takes mail in, and seals it. */
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { ListenAddress } from '../../net/serve-smtp.js';
import { defaultSessionLimits } from '../../smtp/settings.js';
import { dataDirectory } from '../data-directory.js';
import { collect } from '../options.js';
import { print, say } from '../output.js';
import { runServer } from '../run-server.js';

interface ServeOptions {
  readonly listen: readonly string[];
  readonly hostname: string;
  readonly maxSize: string;
  readonly data?: string;
}

const drainMilliseconds = 10_000;
const largestMaxSize = 4 * 2 ** 30;
/** sockaddr_un holds 108 octets, one of them a NUL. */
const maxSocketPathOctets = 107;

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('take mail in over SMTP and seal it')
    .option(
      '--listen <ADDRESS>',
      'HOST:PORT or unix:PATH, smtp:// before it if you like; repeatable (default 127.0.0.1:2525)',
      collect,
      [],
    )
    .option('--hostname <NAME>', 'the name the server greets with', hostname())
    .option('--max-size <BYTES>', 'largest message taken', String(defaultSessionLimits.content))
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .action(async (options: ServeOptions) => {
      const listen = options.listen.length > 0 ? options.listen : ['127.0.0.1:2525'];
      const server = await runServer({
        data: dataDirectory(options.data),
        listen: listen.map(parseListen),
        hostname: checkHostname(options.hostname),
        maxSize: parseSize(options.maxSize),
        log: (event) => say(`obalka: ${event}`),
      });
      const ended = new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
      });
      for (const address of server.addresses) await print(`listening smtp ${showAddress(address)}`);
      await ended;
      await server.stop(drainMilliseconds);
    });
}

/** HOST:PORT, [IPV6]:PORT or unix:PATH. */
function parseListen(text: string): ListenAddress {
  const [, scheme, rest] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(text) as unknown as [
    string,
    string | undefined,
    string,
  ];
  if (scheme !== undefined && scheme !== 'smtp')
    throw new Problem(
      'usage',
      `--listen ${text}: ${scheme} is not offered; write smtp://HOST:PORT or smtp://unix:PATH`,
    );
  if (rest.startsWith('unix:') && rest.length > 5) {
    // Node would cut a longer path off in silence and listen somewhere else.
    if (Buffer.byteLength(rest) - 5 > maxSocketPathOctets)
      throw new Problem(
        'usage',
        `--listen ${text}: too long for a socket; write a path of at most ${maxSocketPathOctets} octets`,
      );
    return { path: rest.slice(5) };
  }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(rest);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new Problem(
      'usage',
      `--listen ${text}: write HOST:PORT, such as 127.0.0.1:2525 or [::1]:2525, or unix:PATH`,
    );
  return { host: match[1] ?? (match[2] as string), port };
}

function showAddress(address: ListenAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function checkHostname(name: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/.test(name))
    throw new Problem('usage', `--hostname ${name}: not a host name; write one such as mail.example.org`);
  return name;
}

function parseSize(text: string): number {
  const size = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (size < 1 || size > largestMaxSize)
    throw new Problem('usage', `--max-size ${text}: write a number of octets from 1 to ${largestMaxSize}`);
  return size;
}
