/** One connection: applications that fail or are slow, clients that break off, stall, or never read. */
import { type ServeOptions, type SmtpServer, serveSmtp } from '../../src/net/serve-smtp.js';
import { replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';
import { HandClock } from './hand-clock.js';
import { MemoryService } from './memory-service.js';
import { eventually, Peer, pause } from './peer.js';

interface Scene {
  readonly server: SmtpServer;
  readonly service: MemoryService;
  readonly clock: HandClock;
  readonly log: string[];
  peer(): Peer;
}

async function scene(
  run: (scene: Scene) => Promise<void>,
  limits: ServeOptions['limits'] = {},
): Promise<void> {
  const service = new MemoryService();
  const clock = new HandClock();
  const log: string[] = [];
  const server = await serveSmtp({
    listen: [{ host: '127.0.0.1', port: 0 }],
    service,
    hostname: 'mx.example',
    limits,
    clock,
    log: (event) => void log.push(event),
  });
  const peers: Peer[] = [];
  const peer = () => {
    const made = new Peer(server.addresses[0] as { host: string; port: number });
    peers.push(made);
    return made;
  };
  try {
    await run({ server, service, clock, log, peer });
  } finally {
    for (const made of peers) made.close();
    const stopped = server.stop(1000);
    clock.pass(2);
    await stopped;
  }
}

const hello = 'EHLO client.example\r\n';
const transaction = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';
const mail = `${transaction}content\r\n.\r\n`;
const finals = (text: string) => text.match(/^\d{3} .*$/gm) ?? [];
const codes = (text: string) => finals(text).map((line) => line.slice(0, 3));

suite('connection: the application', (test) => {
  for (const method of ['hello', 'mail', 'recipient', 'content', 'write', 'commit', 'abort', 'reset'])
    for (const how of ['throws', 'rejects'])
      test(`${method} ${how}: more than a 451, or less`, () =>
        scene(async ({ service, log, peer }) => {
          let broken = true;
          service.mood = (called) => {
            if (called !== method || !broken) return undefined;
            if (how === 'throws' || method === 'abort' || method === 'reset') throw new Error('secret words');
            return Promise.reject(new Error('secret words'));
          };
          const client = peer().send(`${hello}MAIL FROM:<x@example.org>\r\nRSET\r\n`);
          const line = method === 'write' || method === 'commit' ? 'good line' : 'bad\nline';
          client.send(`${transaction}${line}\r\n.\r\n`);
          client.send('NOOP\r\nVRFY x\r\n');
          await client.until(/^252 /m);
          const once = method === 'abort' || method === 'reset';
          assert.is(client.received.includes('451 4.3.0'), !once);
          broken = false;
          client.send(`RSET\r\n${hello}${mail}QUIT\r\n`);
          await client.untilEnd();
          assert.equal(codes(client.received).slice(-5), ['250', '250', '354', '250', '221']);
          assert.ok(log.includes('application failed'));
          assert.not.match(`${client.received}${log}`, /secret/);
        }));

  test('commit fails: 250, or a session that ends', () =>
    scene(async ({ service, peer }) => {
      service.mood = (called) => (called === 'commit' ? Promise.reject(new Error()) : undefined);
      const client = peer().send(`${hello}${mail}QUIT\r\n`);
      await client.untilEnd();
      assert.equal(codes(client.received).slice(-3), ['354', '451', '221']);
    }));

  test('connect fails: a client that waits', () =>
    scene(async ({ service, peer }) => {
      service.mood = () => Promise.reject(new Error());
      assert.is(await peer().untilEnd(), '421 4.3.0 Service not available, try again later\r\n');
    }));

  test('connect takes its time: early talkers answered before the greeting', () =>
    scene(async ({ service, peer }) => {
      let go = () => {};
      const wait = new Promise<undefined>((done) => (go = () => done(undefined)));
      service.mood = (called) => (called === 'connect' ? wait : undefined);
      const client = peer().send(`${hello}QUIT\r\n`);
      await pause(50);
      assert.is(client.received, '');
      go();
      assert.match(await client.untilEnd(), /^220 .*\n221 /s);
    }));

  test('replies of a pipelined group sent one by one', () =>
    scene(async ({ peer }) => {
      const client = peer();
      await client.until(/^220 /m);
      let segments = 0;
      client.socket.on('data', () => (segments += 1));
      client.send(`${hello}${transaction}`);
      await client.until(/^354 /m);
      assert.is(segments, 1);
    }));
});

suite('connection: the client', (test) => {
  test('a content that breaks off kept, or its session left open', () =>
    scene(async ({ service, peer, log }) => {
      for (const way of ['reset', 'end'] as const) {
        service.calls.length = 0;
        const client = peer().send(`${hello}${transaction}half`);
        await client.until(/^354 /m);
        if (way === 'reset') client.socket.resetAndDestroy();
        else client.socket.end();
        await eventually(() => service.calls.includes('close'), 'close');
        assert.equal(service.calls.slice(-3), ['content', 'abort', 'close']);
      }
      assert.is(service.messages.length, 0);
      assert.equal(log, ['connection broken']);
    }));

  test('a client that goes while the application is asked: close before the answer', () =>
    scene(async ({ service, peer }) => {
      for (const method of ['mail', 'content', 'write', 'commit']) {
        service.calls.length = 0;
        let go = () => {};
        const wait = new Promise<undefined>((done) => (go = () => done(undefined)));
        service.mood = (called) => (called === method ? wait : undefined);
        const client = peer().send(`${hello}${mail}`);
        await eventually(() => service.calls.includes(method === 'write' ? 'content' : method), method);
        client.socket.resetAndDestroy();
        await pause(30);
        assert.not(service.calls.includes('close'));
        go();
        await eventually(() => service.calls.includes('close'), 'close');
        const aborted = method === 'content' || method === 'write';
        assert.is(service.calls.includes('abort'), aborted, method);
        assert.is(service.calls.at(-1), 'close');
      }
    }));

  test('a half-closed client that gets no replies', () =>
    scene(async ({ service, peer }) => {
      service.mood = (called) => (called === 'commit' ? pause(20).then(() => undefined) : undefined);
      const client = peer();
      client.socket.end(Buffer.from(`${hello}${mail}`));
      assert.match(await client.untilEnd(), /^250 2\.0\.0 Ok: 1$/m);
    }));

  test('the last reply lost because octets after it were not read', () =>
    scene(async ({ peer }) => {
      const client = peer().send(`POST / HTTP/1.1\r\n\r\n${'x'.repeat(1_000_000)}`);
      assert.match(await client.untilEnd(), /421 4\.7\.0 This is SMTP\r\n$/);
      assert.not(client.broken);
    }));

  test('a slow application that makes the server read on', () =>
    scene(async ({ service, peer }) => {
      service.keep = false;
      let go = () => {};
      const wait = new Promise<undefined>((done) => (go = () => done(undefined)));
      service.mood = (called) => (called === 'write' ? wait : undefined);
      const client = peer().send(`${hello}${transaction}`);
      await client.until(/^354 /m);
      const block = Buffer.from(`${'x'.repeat(62)}\r\n`.repeat(4096));
      for (let i = 0; i < 256; i++) client.socket.write(block);
      await pause(300);
      // What the two sockets' buffers in the kernel take, and two chunks, is all that may have left.
      const sent = client.socket.bytesWritten - client.socket.writableLength;
      assert.ok(sent < 24 * 1024 * 1024, `${sent} octets were read without being wanted`);
      service.mood = () => undefined;
      go();
      client.send('.\r\n');
      await client.until(/^250 2\.0\.0 Ok: 1/m);
      assert.is(service.written, 256 * block.length);
    }));

  test('replies that nobody reads: memory, and other clients', () =>
    scene(async ({ peer }) => {
      const flood = peer();
      await flood.until(/^220 /m);
      flood.socket.pause();
      const noops = Buffer.from('NOOP\r\n'.repeat(10_000));
      for (let i = 0; i < 400; i++) flood.socket.write(noops);
      await pause(300);
      const sent = flood.socket.bytesWritten - flood.socket.writableLength;
      assert.ok(sent < 16 * 1024 * 1024, `${sent} octets of commands were read`);
      const other = peer().send(`${hello}${mail}QUIT\r\n`);
      assert.match(await other.untilEnd(), /^221 /m);
      flood.received = '';
      let got = 0;
      flood.socket.removeAllListeners('data').on('data', (bytes) => (got += bytes.length));
      flood.socket.resume();
      await eventually(() => got >= 4_000_000 * '250 2.0.0 Ok\r\n'.length, 'all replies');
    }));
});

suite('connection: time', (test) => {
  const limits = { commandSeconds: 10, contentSeconds: 5, sessionSeconds: 100, lingerSeconds: 2 };

  test('a client that says nothing, or trickles half a command', () =>
    scene(async ({ clock, peer, log }) => {
      const silent = peer();
      const trickler = peer();
      await Promise.all([silent.until(/^220 /m), trickler.until(/^220 /m)]);
      for (let i = 0; i < 10; i++) {
        trickler.send('N');
        await pause(5);
        clock.pass(1);
      }
      assert.not(silent.ended || trickler.ended);
      clock.pass(1);
      for (const client of [silent, trickler])
        assert.match(await client.untilEnd(), /\n421 4\.4\.2 Waited too long\r\n$/);
      assert.equal(log, ['connection timed out', 'connection timed out']);
    }, limits));

  test('a client that works thrown out, or one that stalls in mid-content kept', () =>
    scene(async ({ clock, peer, service }) => {
      const client = peer();
      await client.until(/^220 /m);
      for (let i = 0; i < 3; i++) {
        clock.pass(9);
        client.received = '';
        await client.send('NOOP\r\n').until(/^250 /m);
      }
      client.send(`${hello}${transaction}`);
      await client.until(/^354 /m);
      for (let i = 0; i < 3; i++) {
        clock.pass(4);
        client.send('x');
        await eventually(() => service.written === i + 1, 'the octet');
      }
      clock.pass(6);
      assert.match(await client.untilEnd(), /\n421 4\.4\.2 /);
      await eventually(() => service.calls.at(-1) === 'close', 'close');
      assert.ok(service.calls.includes('abort'));
    }, limits));

  test('a session without end', () =>
    scene(async ({ clock, peer }) => {
      const client = peer();
      await client.until(/^220 /m);
      for (let i = 0; i < 10; i++) {
        clock.pass(10);
        client.received = '';
        await client.send('NOOP\r\n').until(/^250 /m);
      }
      clock.pass(1);
      assert.match(await client.untilEnd(), /421 4\.4\.2 /);
    }, limits));

  test('the time an application takes counted against the client', () =>
    scene(async ({ clock, peer, service }) => {
      let go = () => {};
      const wait = new Promise<undefined>((done) => (go = () => done(undefined)));
      service.mood = (called) => (called === 'commit' ? wait : undefined);
      const client = peer().send(`${hello}${mail}`);
      await eventually(() => service.calls.includes('commit'), 'commit');
      clock.pass(50);
      go();
      await client.until(/^250 2\.0\.0 Ok: 1/m);
    }, limits));

  test('a client that never closes after QUIT, and one that reads nothing, kept for ever', () =>
    scene(async ({ clock, peer, service }) => {
      const stays = peer().send('QUIT\r\n');
      await stays.until(/^221 /m);
      const deaf = peer();
      await deaf.until(/^220 /m);
      deaf.socket.pause();
      for (let i = 0; i < 300; i++) deaf.socket.write(Buffer.from('NOOP\r\n'.repeat(10_000)));
      await pause(200);
      clock.pass(30);
      await eventually(() => service.calls.filter((call) => call === 'close').length === 2, 'both closed');
    }, limits));
});

suite('connection: stopping', (test) => {
  test('a transaction under way cut off, or an idle client waited for', () =>
    scene(async ({ server, peer, service }) => {
      const idle = peer().send(hello);
      const busy = peer().send(`${hello}${transaction}first\r\n`);
      await Promise.all([idle.until(/^250 /m), busy.until(/^354 /m)]);
      const stopped = server.stop(60_000);
      assert.match(await idle.untilEnd(), /\n421 4\.3\.2 Shutting down\r\n$/);
      const refused = peer();
      await eventually(() => refused.broken, 'a refused connection');
      busy.send(`last\r\n.\r\n${mail}`);
      assert.match(await busy.untilEnd(), /\n250 2\.0\.0 Ok: 1\r\n421 4\.3\.2 Shutting down\r\n$/);
      await stopped;
      assert.equal(
        service.messages.map((one) => one.content.toString()),
        ['first\r\nlast\r\n'],
      );
    }));

  test('a stop that waits for ever', () =>
    scene(async ({ server, clock, peer, service }) => {
      const busy = peer().send(`${hello}${transaction}first\r\n`);
      await busy.until(/^354 /m);
      const stopped = server.stop(5000);
      clock.pass(6);
      await stopped;
      assert.equal(service.calls.slice(-2), ['abort', 'close']);
    }));

  test('a stop that forgets a commit', () =>
    scene(async ({ server, peer, service }) => {
      service.mood = (called) =>
        called === 'commit' ? pause(50).then(() => replies.queued('late')) : undefined;
      const client = peer().send(`${hello}${mail}`);
      await eventually(() => service.calls.includes('commit'), 'commit');
      await server.stop(60_000);
      assert.match(await client.untilEnd(), /\n250 2\.0\.0 Ok: late\r\n421 4\.3\.2 /);
    }));
});
