/** Listening: what cannot be had is said in words, and nothing is left behind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../src/core/errors.js';
import type { ListenAddress } from '../../src/net/listener.js';
import { serveSmtp } from '../../src/net/serve-smtp.js';
import { assert, suite } from '../support/suite.js';
import { MemoryService } from './memory-service.js';
import { Peer } from './peer.js';

const serve = (...listen: ListenAddress[]) =>
  serveSmtp({ listen, service: new MemoryService(), hostname: 'mx.example' });

async function problemOf(...listen: ListenAddress[]): Promise<string> {
  try {
    const server = await serve(...listen);
    await server.stop(0);
  } catch (error) {
    assert.instance(error, Problem);
    return (error as Problem).message;
  }
  throw new Error('it listens');
}

suite('listening', (test) => {
  test('a port in use: no reason, or the other addresses kept', async () => {
    const first = await serve({ host: '127.0.0.1', port: 0 });
    const taken = first.addresses[0] as { host: string; port: number };
    const other = await serve({ host: '127.0.0.1', port: 0 });
    const free = other.addresses[0] as { host: string; port: number };
    await other.stop(0);
    assert.match(
      await problemOf(free, taken),
      `cannot listen on 127.0.0.1 port ${taken.port}: the port is in use`,
    );
    const again = await serve(free);
    await again.stop(0);
    await first.stop(0);
  });

  test('other reasons', async () => {
    assert.match(await problemOf({ host: '192.0.2.1', port: 0 }), /this machine has no such address/);
    const folder = mkdtempSync(join(tmpdir(), 'obalka-net-'));
    const path = join(folder, 'there');
    writeFileSync(path, '');
    assert.match(await problemOf({ path }), /the socket file exists/);
    assert.match(await problemOf({ path: join(folder, 'no', 'folder') }), /cannot listen on .*no\/folder: /);
    rmSync(folder, { recursive: true });
  });

  test('a banner that names the program or its version; stopping twice', async () => {
    const server = await serve({ host: '127.0.0.1', port: 0 }, { host: '::1', port: 0 });
    for (const address of server.addresses) {
      const peer = new Peer(address);
      assert.is(await peer.until(/\r\n$/), '220 mx.example ESMTP\r\n');
      peer.close();
    }
    await Promise.all([server.stop(100), server.stop(100)]);
  });
});
