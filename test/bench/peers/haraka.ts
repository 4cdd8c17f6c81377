/** Haraka in one process, throwing the mail away: a mail server in Node that people run. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import { accepts, startChild } from '../child.js';
import type { Peer } from '../peer.js';
import { installed, versionOf } from './installed.js';

/** As it is delivered, but for the size; all of it, as nothing stands in for what is left out. */
const connection = (maxSize: number) => `
[main]
[haproxy]
[headers]
max_lines=1000
max_received=100
[max]
bytes=${maxSize}
mime_parts=1000
line_length=512
data_line_length=992
[message]
helo=Haraka is at your service.
close=closing connection. Have a jolly good day.
[uuid]
banner_chars=6
deny_chars=0
`;

/** File below the folder → its text. One process; no questions to the DNS, which depend on where it runs. */
const configuration = (port: number, maxSize: number): Readonly<Record<string, string>> => ({
  'config/smtp.ini': `listen=127.0.0.1:${port}\nnodes=0\n`,
  'config/connection.ini': connection(maxSize),
  'config/log.ini': '[main]\nlevel=warn\n',
  'config/plugins': 'no_names\nrcpt_to.in_host_list\nqueue/discard\n',
  'config/host_list': 'example.org\n',
  'config/me': 'bench.example\n',
  'plugins/no_names.js': "exports.hook_lookup_rdns = (next) => next(OK, 'localhost');\n",
});

/** `peers`: the folder in which it is installed. */
export const haraka = (peers: string | undefined): Peer => ({
  name: 'Haraka, throws mail away',
  forEach: false,
  missing: () => installed(peers, 'haraka'),
  version: () => `Haraka ${versionOf(peers, 'haraka')}`,
  async start({ maxSize, launcher }) {
    const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-haraka-'));
    const port = await freePort();
    for (const [name, text] of Object.entries(configuration(port, maxSize))) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const program = join(peers ?? '', 'node_modules/haraka/bin/haraka');
    const discard = { YES_REALLY_DO_DISCARD: '1' };
    const child = startChild(process.execPath, [program, '-c', folder], discard, launcher);
    try {
      await accepts(child, port);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return {
      port,
      pid: child.pid,
      async stop() {
        try {
          await child.stop();
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
        return undefined;
      },
    };
  },
});
