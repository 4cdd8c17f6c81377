/** Patience: how long a connection is waited for, and how a server stops. */
import { replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';
import { eventually, pause } from './peer.js';
import { hello, mail, scene, transaction } from './scene.js';

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
      await client.send('NOOP\r\n').until(/^250 2\.0\.0 Ok: 1\r\n250 /m);
    }, limits));

  test('the time a refused content takes not counted as progress', () =>
    scene(async ({ clock, peer, service }) => {
      const client = peer().send(`${hello}${transaction}bad\nline`);
      await eventually(() => service.calls.includes('abort'), 'abort');
      for (let i = 0; i < 4; i++) {
        clock.pass(4);
        client.send('x');
        await pause(20);
      }
      await client.send('\r\n.\r\n').until(/^550 5\.6\.11 /m);
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

  test('a client that says QUIT behind replies it never takes keeps its place as long as an idle one', () =>
    scene(
      async ({ clock, peer, service }) => {
        const deaf = peer();
        await deaf.until(/^220 /m);
        deaf.socket.pause();
        for (let i = 0; i < 300; i++) deaf.socket.write(Buffer.from('HELP\r\n'.repeat(10_000)));
        deaf.socket.write('QUIT\r\n');
        await pause(200);
        for (let second = 0; second <= 4 && !service.calls.includes('close'); second++) {
          clock.pass(1);
          await pause(5);
        }
        await eventually(() => service.calls.includes('close'), 'closed');
      },
      { ...limits, talk: 1000 },
    ));
});

suite('connection: others', (test) => {
  test('one that pipelines without end is served alone', () =>
    scene(async ({ peer, service }) => {
      const busy = () => {
        for (const end = performance.now() + 1; performance.now() < end; );
        return undefined;
      };
      service.mood = (method) => (method === 'recipient' ? busy() : undefined);
      const greedy = peer().send(hello);
      const honest = peer().send(hello);
      for (const client of [greedy, honest]) await client.until(/^250 /m);
      greedy.send(`MAIL FROM:<>\r\n${'RCPT TO:<b@example.net>\r\n'.repeat(900)}`);
      await eventually(() => service.calls.includes('recipient'), 'the first');
      honest.received = '';
      await honest.send('NOOP\r\n').until(/^250 /m);
      const served = service.calls.filter((call) => call === 'recipient').length;
      assert.ok(served < 450, `${served} of 900 were served first`);
      await eventually(() => (greedy.received.match(/^250 2\.1\.5 /gm) ?? []).length === 900, 'all of them');
    }));
});

suite('connection: stopping', (test) => {
  test('an application that never answers keeps a place for ever, or the server from stopping', () =>
    scene(
      async ({ clock, peer, service, server }) => {
        let answer = () => {};
        service.mood = (method) =>
          method === 'mail'
            ? new Promise<undefined>((done) => {
                answer = () => done(undefined);
              })
            : undefined;
        const left = peer().send(`${hello}MAIL FROM:<>\r\n`);
        await eventually(() => service.calls.includes('mail'), 'asked');
        left.close();
        for (let second = 0; second < 4; second++) clock.pass(1);
        const next = peer();
        await next.until(/^220 /m);
        next.send(`${hello}MAIL FROM:<>\r\n`);
        await eventually(() => service.calls.filter((call) => call === 'mail').length === 2, 'asked');
        const stopped = server.stop(1000);
        clock.pass(2);
        await stopped;
        // It hears of the end when it has answered.
        answer();
        await eventually(() => service.calls.includes('close'), 'close');
      },
      { connections: 1, applicationSeconds: 2 },
    ));

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

  test('a second stop that cannot shorten the first', () =>
    scene(async ({ server, clock, peer, service }) => {
      const busy = peer().send(`${hello}${transaction}first\r\n`);
      await busy.until(/^354 /m);
      const stopped = server.stop(60_000);
      clock.pass(2);
      const again = server.stop(0);
      clock.pass(1);
      await Promise.all([stopped, again]);
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
