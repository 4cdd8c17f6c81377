/** One connection: applications that fail or are slow, clients that break off or never read. */
import { assert, suite } from '../support/suite.js';
import { eventually, pause } from './peer.js';
import { hello, mail, scene, transaction, withTls } from './scene.js';

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
          client.send(`${transaction}${line}\r\n${method === 'write' ? '' : '.\r\n'}`);
          if (method === 'write') {
            await eventually(() => log.length > 0, 'the failure');
            client.send('more\r\n');
            await pause(20);
            client.send('.\r\n');
          }
          client.send('NOOP\r\nVRFY x\r\n');
          await client.until(/^252 /m);
          const once = method === 'abort' || method === 'reset';
          assert.is(client.received.includes('451 4.3.0'), !once);
          broken = false;
          client.send(`RSET\r\n${hello}${mail}QUIT\r\n`);
          await client.untilEnd();
          assert.equal(codes(client.received).slice(-5), ['250', '250', '354', '250', '221']);
          assert.ok(log.includes('application failed'));
          if (method === 'write') assert.is(log.length, 1);
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
      const client = peer().send(`POST / HTTP/1.1\r\n\r\n${'x'.repeat(8_000_000)}`);
      await client.until(/421 4\.7\.0 This is SMTP\r\n$/);
      await new Promise((done) => client.socket.end().once('close', done));
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
      // An empty line first: no header is that long.
      const block = Buffer.from(`\r\n${'x'.repeat(60)}\r\n`.repeat(4096));
      // What the kernel's buffers take, and two chunks, is all that may leave the client.
      const sent = await client.sendWhileTaken(block, 256);
      assert.ok(sent < 96, `${sent * block.length} octets were read without being wanted`);
      service.mood = () => undefined;
      go();
      client.send('.\r\n');
      await client.until(/^250 2\.0\.0 Ok: 1/m);
      assert.is(service.written, (sent + 1) * block.length);
    }));

  for (const listener of [0, 1])
    test(`replies that nobody reads${listener ? ', inside TLS' : ''}: memory, and other clients`, () =>
      scene(
        async ({ peer }) => {
          const flood = peer(listener);
          await flood.until(/^220 /m);
          flood.socket.pause();
          const noops = Buffer.from('NOOP\r\n'.repeat(10_000));
          const sent = await flood.sendWhileTaken(noops, 700);
          // What the kernel's buffers take of commands, and of replies.
          assert.ok(sent < 300, `${sent * noops.length} octets of commands were read`);
          const other = peer(listener).send(`${hello}${mail}QUIT\r\n`);
          assert.match(await other.untilEnd(), /^221 /m);
          flood.received = '';
          let got = 0;
          flood.socket.removeAllListeners('data').on('data', (bytes) => (got += bytes.length));
          flood.socket.resume();
          await eventually(() => got >= (sent + 1) * 10_000 * '250 2.0.0 Ok\r\n'.length, 'all replies');
        },
        // What the kernel takes may be more commands than a session has.
        { talk: 10_000_000 },
        withTls(),
      ));
});
