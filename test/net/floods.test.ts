/** Floods: many connections at a time, many resets, large contents; others go on being served. */
import { createTransport } from 'nodemailer';
import type { Test } from 'uvu';
import { networkOf } from '../../src/net/network-of.js';
import { type ServeOptions, serveSmtp } from '../../src/net/serve-smtp.js';
import { assert, suite } from '../support/suite.js';
import { MemoryService } from './memory-service.js';
import { eventually, Peer } from './peer.js';
import { withTls } from './scene.js';

type Address = { host: string; port: number; protocol: 'smtp' | 'smtps' };

async function withServer(
  protocol: Address['protocol'],
  limits: ServeOptions['limits'] & object,
  run: (address: Address, service: MemoryService) => Promise<void>,
): Promise<void> {
  const service = new MemoryService();
  const listen = [{ host: '127.0.0.1', port: 0, protocol }];
  const { certificates } = withTls();
  const server = await serveSmtp({ listen, service, hostname: 'mx.example', limits, certificates });
  try {
    await run(server.addresses[0] as Address, service);
  } finally {
    await server.stop(100);
  }
}

async function deliver(address: Address, count: number): Promise<void> {
  const { host, port, protocol } = address;
  const secure = protocol === 'smtps';
  const tls = { rejectUnauthorized: false };
  const transport = createTransport({
    pool: true,
    maxConnections: 4,
    host,
    port,
    secure,
    tls,
    ignoreTLS: true,
  });
  const envelope = { from: 'a@example.org', to: 'b@example.net' };
  await Promise.all(Array.from({ length: count }, () => transport.sendMail({ envelope, raw: 'x\r\n' })));
  transport.close();
}

function floods(test: Test, protocol: Address['protocol']): void {
  test('200 idle connections and 20 tricklers: others wait', () =>
    withServer(protocol, {}, async (address, service) => {
      const idle = Array.from({ length: 200 }, () => new Peer(address));
      await Promise.all(idle.map((peer) => peer.until(/^220 /m)));
      const tricklers = idle.slice(0, 20);
      const trickle = setInterval(() => {
        for (const peer of tricklers) peer.send('N');
      }, 20);
      await deliver(address, 100);
      clearInterval(trickle);
      assert.is(service.messages.length, 100);
      for (const peer of idle) peer.close();
      await eventually(() => service.calls.filter((call) => call === 'close').length >= 200, 'all closed');
    }));

  test('500 connections that reset at once: a slot lost for each', () =>
    withServer(protocol, { connections: 50, connectionsPerNetwork: 50 }, async (address, service) => {
      for (let round = 0; round < 10; round++) {
        const peers = Array.from({ length: 50 }, () => new Peer(address));
        await Promise.all(
          peers.map(
            (peer) =>
              new Promise<void>((done) => {
                peer.raw.once('connect', () => {
                  peer.send('EHLO x\r\n').raw.resetAndDestroy();
                  done();
                });
              }),
          ),
        );
      }
      const opened = () => service.calls.filter((call) => call === 'connect').length;
      const closed = () => service.calls.filter((call) => call === 'close').length;
      await eventually(() => opened() === closed(), 'all closed');
      await deliver(address, 20);
      assert.is(service.messages.length, 20);
    }));

  test('a cap that is silent, or never lifted', () =>
    withServer(protocol, { connections: 5, connectionsPerNetwork: 3 }, async (address) => {
      const first = [new Peer(address), new Peer(address), new Peer(address)];
      await Promise.all(first.map((peer) => peer.until(/^220 /m)));
      const refused = new Peer(address);
      refused.send('EHLO x\r\n');
      assert.is(await refused.untilEnd(), protocol === 'smtp' ? '421 4.7.0 Too many connections\r\n' : '');
      first[0]?.close();
      for (let tries = 0; ; tries++) {
        const again = new Peer(address);
        await eventually(() => again.ended || again.received !== '', 'a greeting, or an end');
        again.close();
        if (again.received.startsWith('220')) break;
        assert.ok(tries < 100);
      }
      for (const peer of first) peer.close();
    }));

  test('the cap in all passed by many networks', () =>
    withServer(protocol, { connections: 4, connectionsPerNetwork: 2 }, async (address) => {
      const from = (localAddress: string) => {
        const peer = new Peer({ ...address, localAddress } as Address);
        return peer;
      };
      const peers = ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2'].map(from);
      await Promise.all(peers.map((peer) => peer.until(/^220 /m)));
      const more = from('127.0.0.3');
      assert.match(await more.untilEnd(), protocol === 'smtp' ? /^421 / : /^$/);
      for (const peer of peers) peer.close();
    }));

  if (protocol === 'smtp')
    test('a 256 MiB content held in memory', () =>
      withServer(protocol, { content: 2 ** 30 }, async (address, service) => {
        service.keep = false;
        const peer = new Peer(address);
        peer.send('EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n');
        await peer.until(/^354 /m);
        // An empty line first: no header is that long.
        const block = Buffer.from(`\r\n${'x'.repeat(60)}\r\n`.repeat(1024));
        const before = process.memoryUsage.rss();
        let most = before;
        for (let sent = 0; sent < 4096; sent++) {
          if (!peer.socket.write(block)) await new Promise((done) => peer.socket.once('drain', done));
          if (sent % 64 === 0) most = Math.max(most, process.memoryUsage.rss());
        }
        await peer.send('.\r\n').until(/^250 2\.0\.0 Ok: 1/m);
        assert.is(service.written, 4096 * block.length);
        // V8 lets tens of MiB of read buffers gather before it collects them.
        assert.ok(most - before < 100 * 1024 * 1024, `${(most - before) / 1024 / 1024} MiB`);
        peer.close();
      }));
}

suite('floods', (test) => floods(test, 'smtp'));
suite('floods inside TLS', (test) => floods(test, 'smtps'));

const of = (address: string) => networkOf(address, { v4: 32, v6: 64 });

suite('networks', (test) => {
  test('neighbours of one IPv6 network counted as many, or strangers as one', () => {
    const same = ['2001:db8::1', '2001:db8::ffff:1', '2001:db8:0:0:1:2:3:4'];
    assert.is(new Set(same.map(of)).size, 1);
    const others = [
      '2001:db8:0:1::1',
      '2001:db8:1::1',
      '::1',
      'fe80::1',
      '192.0.2.1',
      '192.0.2.2',
      '1:2:3:4::',
    ];
    assert.is(new Set(others.map(of)).size, others.length);
    assert.is(of('::ffff:192.0.2.1'), of('192.0.2.1'));
    const wide = { v4: 24, v6: 48 };
    assert.is(networkOf('192.0.2.1', wide), networkOf('192.0.2.254', wide));
    assert.is.not(networkOf('192.0.2.1', wide), networkOf('192.0.3.1', wide));
    assert.is(networkOf('2001:db8:1:2::1', wide), networkOf('2001:db8:1:3::1%eth0', wide));
    assert.is.not(networkOf('2001:db8:1:2::1', wide), networkOf('2001:db8:2:2::1', wide));
    assert.is(
      networkOf('64:ff9b::192.0.2.1', { v4: 32, v6: 128 }),
      networkOf('64:ff9b::c000:201', { v4: 32, v6: 128 }),
    );
  });
});
