/** Settings of a server: what each may be, what it is without being said, and which option says it. */
import { hostname } from 'node:os';
import { Problem } from '../../core/errors.js';
import { isHostname } from '../../core/hostname.js';
import { parseNetworks } from '../../net/networks.js';
import { parseAge } from '../../server/retention.js';
import { defaultSessionLimits } from '../../smtp/settings.js';
import { checkListen, checkMetricsListen } from '../server/listen-words.js';
import { passedSockets } from '../server/passed-sockets.js';
import { pairFiles, type TlsFilePair } from '../server/tls-pairs.js';
import { oneOf, parts, path, several, text, whole, yesOrNo } from './kinds.js';
import type { Setting } from './setting.js';

const network = text('192.0.2.0/24', (written) => void parseNetworks([written]));

const listen: Setting<readonly string[]> = {
  kind: several(text('127.0.0.1:2525', checkListen), 1),
  usual: () => (passedSockets(process.env, process.pid).length > 0 ? ['systemd'] : ['127.0.0.1:2525']),
  usually: 'smtp://127.0.0.1:2525, or what systemd passed',
  options: [
    {
      flags: '--listen <ADDRESS>',
      help: 'HOST:PORT, unix:PATH[?mode=0660&owner=NAME&group=NAME], fd:N or systemd[:NAME], behind smtp://, smtps:// or lmtp://',
    },
  ],
};

const name: Setting<string> = {
  kind: text('mail.example.org', (written) => {
    if (!isHostname(written))
      throw new Problem('usage', 'not a host name; write one such as mail.example.org');
  }),
  usual: hostname,
  usually: 'that of the machine',
  options: [{ flags: '--hostname <NAME>', help: 'the name the server greets with' }],
};

const maxSize: Setting<number> = {
  kind: whole(1, 4 * 2 ** 30),
  usual: () => defaultSessionLimits.content,
  options: [{ flags: '--max-size <BYTES>', help: 'largest message taken' }],
};

const certificates: Setting<readonly TlsFilePair[]> = {
  kind: several(parts({ certificate: path, key: path })),
  usual: () => [],
  usually: 'one made here',
  options: [
    {
      flags: '--tls-cert <FILE>',
      help: 'certificate and chain, PEM; the first is for names that none has; repeatable',
    },
    { flags: '--tls-key <FILE>', help: 'the private key of each certificate, in the same order' },
  ],
  fromOptions: ({ tlsCert = [], tlsKey = [] }) => {
    const pairs = pairFiles(tlsCert as readonly string[], tlsKey as readonly string[]);
    return pairs.length > 0 ? pairs : undefined;
  },
  isReread: true,
};

export type TlsUse = 'offer' | 'require' | 'none';

const tls: Setting<TlsUse> = {
  kind: oneOf('offer', 'require', 'none'),
  usual: () => 'offer',
  options: [
    { flags: '--no-tls', help: 'offer no TLS' },
    { flags: '--require-tls', help: 'take mail inside TLS only' },
  ],
  fromOptions: (given) => {
    if (given.tls === false && given.requireTls === true)
      throw new Problem('usage', '--no-tls leaves no use for --require-tls; leave out one of them');
    if (given.tls === false) return 'none';
    return given.requireTls === true ? 'require' : undefined;
  },
};

const earlyTalkers: Setting<'refuse' | 'answer'> = {
  kind: oneOf('refuse', 'answer'),
  usual: () => 'refuse',
  options: [{ flags: '--early-talkers <WHAT>', help: 'clients that speak before the greeting' }],
};

const proxyFrom: Setting<readonly string[]> = {
  kind: several(network),
  usual: () => [],
  options: [
    { flags: '--proxy-from <NETWORK>', help: 'proxies, whose connections begin with a PROXY header' },
  ],
};

const xclientFrom: Setting<readonly string[]> = {
  kind: several(network),
  usual: () => [],
  options: [
    { flags: '--xclient-from <NETWORK>', help: 'programs that may say by XCLIENT who the client is' },
  ],
};

const neighbour: Setting<readonly string[]> = {
  kind: several(network),
  usual: () => ['127.0.0.0/8', '::1'],
  usually: '127.0.0.0/8 and ::1',
  options: [{ flags: '--neighbour <NETWORK|none>', help: 'clients that are never slowed down' }],
  fromOptions: ({ neighbour: words }) => {
    if (!Array.isArray(words)) return undefined;
    return several(network).fromWords((words as string[]).filter((word) => word !== 'none'));
  },
};

const allow: Setting<string | undefined> = {
  kind: path,
  usual: () => undefined,
  options: [{ flags: '--allow <FILE>', help: 'clients and reverse-paths that --deny does not hold for' }],
  isReread: true,
};

const deny: Setting<string | undefined> = {
  kind: path,
  usual: () => undefined,
  options: [
    { flags: '--deny <FILE>', help: 'networks, reverse-paths and domains that are refused, one a line' },
  ],
  isReread: true,
};

const addressLimits: Setting<string | undefined> = {
  kind: path,
  usual: () => undefined,
  options: [{ flags: '--address-limits <FILE>', help: 'limits of single addresses, one address a line' }],
  isReread: true,
};

const checkHeaders: Setting<boolean> = {
  kind: yesOrNo,
  usual: () => false,
  options: [{ flags: '--check-headers', help: 'refuse mail whose header is not one' }],
  isReread: true,
};

const diskReserve: Setting<number | undefined> = {
  kind: whole(0, Number.MAX_SAFE_INTEGER),
  usual: () => undefined,
  usually: '64 MiB, or a sixteenth of a small disk',
  options: [{ flags: '--disk-reserve <BYTES>', help: 'refuse mail when less is free' }],
  isReread: true,
};

const retain: Setting<string | undefined> = {
  kind: text('90d', (written) => void parseAge(written)),
  usual: () => undefined,
  options: [{ flags: '--retain <AGE>', help: 'drop mail that is older, such as 90d, 12w or 2y' }],
  isReread: true,
};

const workers: Setting<number> = {
  kind: whole(1, 64),
  usual: () => 1,
  options: [{ flags: '--workers <NUMBER>', help: 'processes that take mail, each into a lane of its own' }],
};

const drainSeconds: Setting<number> = {
  kind: whole(0, 3600),
  usual: () => 10,
  options: [
    { flags: '--drain-seconds <NUMBER>', help: 'time for transactions under way when the server stops' },
  ],
  isReread: true,
};

const metrics: Setting<string | undefined> = {
  kind: text('127.0.0.1:9465', checkMetricsListen),
  usual: () => undefined,
  options: [
    {
      flags: '--metrics <ADDRESS>',
      help: 'figures and health over HTTP: HOST:PORT of this machine, unix:PATH, or systemd[:NAME]',
    },
  ],
};

const debug: Setting<boolean> = {
  kind: yesOrNo,
  usual: () => false,
  options: [
    {
      flags: '--debug',
      help: 'a line for each session and each reply: that there was one, and no more',
    },
  ],
};

const user: Setting<string | undefined> = {
  kind: text('obalka:obalka', (written) => {
    if (!/^[^:]+(?::[^:]+)?$/.test(written)) throw new Problem('usage', 'write NAME or NAME:GROUP');
  }),
  usual: () => undefined,
  options: [
    {
      flags: '--user <NAME[:GROUP]>',
      help: 'whom to become after the addresses are bound, when started as root',
    },
  ],
};

export const serveSettings = {
  'serve.listen': listen,
  'serve.hostname': name,
  'serve.max-size': maxSize,
  'serve.tls': tls,
  'serve.certificates': certificates,
  'serve.early-talkers': earlyTalkers,
  'serve.proxy-from': proxyFrom,
  'serve.xclient-from': xclientFrom,
  'serve.neighbour': neighbour,
  'serve.allow': allow,
  'serve.deny': deny,
  'serve.address-limits': addressLimits,
  'serve.check-headers': checkHeaders,
  'serve.disk-reserve': diskReserve,
  'serve.retain': retain,
  'serve.workers': workers,
  'serve.drain-seconds': drainSeconds,
  'serve.metrics': metrics,
  'serve.debug': debug,
  'serve.user': user,
};
