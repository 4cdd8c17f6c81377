/** Proxies: who may say who the client is, and what that changes. */
import { parseNetworks } from '../../src/net/networks.js';
import { assert, suite } from '../support/suite.js';
import { eventually, Peer, pause } from './peer.js';
import { hello, mail, scene, strangers, transaction, withTls } from './scene.js';

const atOnce = { bannerSeconds: 0 };
const here = parseNetworks(['127.0.0.0/8']);
const elsewhere = parseNetworks(['192.0.2.0/24']);
const header = 'PROXY TCP4 198.51.100.7 192.0.2.1 56324 25\r\n';
const headerV2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc6336407c0000201dc040019', 'hex');

suite('PROXY', (test) => {
  for (const [name, bytes] of [
    ['version 1', Buffer.from(header)],
    ['version 2', headerV2],
  ] as const)
    for (const way of ['in one segment', 'octet by octet', 'before TLS'])
      test(`${name}, ${way}: the client's address lost, or a command behind the header`, () =>
        scene(
          async ({ server, peer, service }) => {
            if (way === 'octet by octet') {
              const client = peer();
              for (const octet of bytes) {
                client.send(Uint8Array.of(octet));
                await pause(1);
              }
              assert.match(await client.send(`${hello}${mail}QUIT\r\n`).untilEnd(), /^220 .*\n221 /s);
            } else if (way === 'in one segment') {
              const client = peer().send(Buffer.concat([bytes, Buffer.from(`${hello}${mail}QUIT\r\n`)]));
              assert.match(await client.untilEnd(), /^220 .*\n221 /s);
            } else {
              const { port } = server.addresses[1] as { port: number };
              const client = new Peer({ host: '127.0.0.1', port }).send(bytes);
              const inside = client.inTls();
              assert.match(await inside.send(`${hello}${mail}QUIT\r\n`).untilEnd(), /^220 .*\n221 /s);
            }
            assert.is(service.messages.length, 1);
            assert.is(service.clients[0]?.address, '198.51.100.7');
            assert.is(service.clients[0]?.port, 56324);
            assert.is(service.hellos[0]?.tls !== undefined, way === 'before TLS');
          },
          atOnce,
          { ...withTls(), proxies: here },
        ));

  test('UNKNOWN and LOCAL: no address, or a refusal', () =>
    scene(
      async ({ peer, service }) => {
        const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
        for (const start of [Buffer.from('PROXY UNKNOWN\r\n'), local])
          assert.match(await peer().send(start).send('QUIT\r\n').untilEnd(), /^220 .*\n221 /s);
        assert.equal(
          service.clients.map(({ address }) => address),
          ['127.0.0.1', '127.0.0.1'],
        );
      },
      atOnce,
      { proxies: here },
    ));

  test('a proxy without a header, or with a broken one, is served', () =>
    scene(
      async ({ peer, service, log, clock }) => {
        for (const start of [
          hello,
          'PROXY TCP4 198.51.100.7 192.0.2.1 56324\r\n',
          '\x16\x03\x01',
          '\r\n\r\nx',
        ])
          assert.is(await peer().send(start).untilEnd(), '');
        const half = peer().send(header.slice(0, 20));
        const silent = peer();
        await pause(50);
        assert.not(half.ended || silent.ended);
        clock.pass(31);
        assert.is(`${await half.untilEnd()}${await silent.untilEnd()}`, '');
        assert.equal(new Set(log), new Set(['proxy header refused']));
        assert.is(log.length, 6);
        assert.is(service.calls.length, 0);
      },
      atOnce,
      { proxies: here },
    ));

  test('a stranger that says PROXY is believed', () =>
    scene(
      async ({ peer, service }) => {
        for (const start of [Buffer.from(header), headerV2]) {
          const client = peer().send(start).send(hello);
          assert.match(await client.untilEnd(), /^220 .*\r\n421 4\.7\.0 This is SMTP\r\n$/);
        }
        assert.equal(
          service.clients.map(({ address }) => address),
          ['127.0.0.1', '127.0.0.1'],
        );
        assert.not(service.calls.includes('hello'));
      },
      atOnce,
      { proxies: elsewhere },
    ));

  test('limits count the proxy and not the client', () =>
    scene(
      async ({ peer }) => {
        const from = (address: string) => peer().send(header.replace('198.51.100.7', address));
        const first = [from('198.51.100.7'), from('198.51.100.7'), from('198.51.100.8')];
        await Promise.all(first.map((client) => client.until(/^220 /m)));
        assert.match(await from('198.51.100.7').untilEnd(), /^421 4\.7\.0 Too many connections\r\n$/);
        first[0]?.close();
        await pause(30);
        await from('198.51.100.7').until(/^220 /m);
      },
      { ...atOnce, connectionsPerNetwork: 2 },
      { proxies: here },
    ));
});

suite('XCLIENT', (test) => {
  const xclient = (address: string) => `XCLIENT ADDR=${address} PORT=99\r\n`;

  test('the client that it names is not the one that counts', () =>
    scene(
      async ({ peer, service }) => {
        const client = peer();
        assert.match(await client.send(hello).until(/^250 /m), /^250 XCLIENT NAME ADDR /m);
        client.send(`${xclient('198.51.100.7')}${hello}${mail}QUIT\r\n`);
        assert.match(await client.untilEnd(), /\r\n220 mx\.example ESMTP\r\n250-.*\n221 /s);
        assert.equal(
          service.clients.map(({ address }) => address),
          ['127.0.0.1', '198.51.100.7'],
        );
        assert.equal(
          service.hellos.map(({ address, port }) => [address, port > 0]),
          [
            ['127.0.0.1', true],
            ['198.51.100.7', true],
          ],
        );
        await eventually(() => service.calls.filter((call) => call === 'close').length === 2, 'both closed');
      },
      atOnce,
      { xclients: here },
    ));

  test('one client more than its network may have, or a place never given back', () =>
    scene(
      async ({ peer }) => {
        const first = peer().send(`${hello}${xclient('IPV6:2001:db8::1')}NOOP\r\n`);
        await first.until(/^250 2\.0\.0 /m);
        const second = peer().send(`${hello}${xclient('IPV6:2001:db8::2')}NOOP\r\n`);
        assert.match(await second.untilEnd(), /\r\n421 4\.7\.0 Too many connections\r\n$/);
        first.close();
        await pause(30);
        const third = peer().send(`${hello}${xclient('IPV6:2001:db8::3')}NOOP\r\n`);
        await third.until(/^250 2\.0\.0 /m);
      },
      { ...atOnce, connectionsPerNetwork: 1 },
      { xclients: here },
    ));

  test('a stranger that says XCLIENT is believed, or goes on', () =>
    scene(
      async ({ peer, service }) => {
        const client = peer().send(`${hello}${xclient('198.51.100.7')}${transaction}`);
        assert.match(await client.untilEnd(), /\r\n421 4\.7\.0 This is SMTP\r\n$/);
        assert.not.match(client.received, /XCLIENT/);
        assert.equal(service.clients.length, 1);
      },
      atOnce,
      { ...strangers, xclients: elsewhere },
    ));
});
