/** Limits of those who are no neighbours: early talkers, faults, guesses, slow contents, new connections. */
import { Pace } from '../../src/net/pace.js';
import { replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';
import { eventually, Peer, pause } from './peer.js';
import { hello, scene, strangers, transaction, withTls } from './scene.js';

/** Lets time pass until something holds. */
async function until(
  clock: { pass(seconds: number): void },
  test: () => boolean,
  what: string,
): Promise<void> {
  for (let second = 0; second < 200 && !test(); second++) {
    clock.pass(1);
    await pause(5);
  }
  assert.ok(test(), what);
}

suite('early talkers', (test) => {
  for (const listener of [0, 1])
    test(`${listener ? 'inside TLS' : 'in plaintext'}: one that does not wait is served, one that waits is not`, () =>
      scene(
        async ({ peer, clock, log }) => {
          const patient = peer(listener);
          let said = '';
          // On a loaded machine octets may be under way for longer than the greeting is kept back.
          for (let tries = 0; tries < 5 && !said.startsWith('421'); tries++) {
            const early = peer(listener).send(`${hello}QUIT\r\n`);
            await pause(60);
            if (tries === 0) assert.is(early.received + patient.received, '');
            await eventually(() => {
              clock.pass(1);
              return early.received !== '';
            }, 'an answer');
            said = await early.untilEnd();
          }
          assert.is(said, '421 4.7.0 Wait for the greeting\r\n');
          // On a slow machine it may have come late, and wait for as long again.
          await eventually(() => {
            clock.pass(1);
            return /^220 /m.test(patient.received);
          }, 'the greeting');
          await patient.send(`${hello}QUIT\r\n`).untilEnd();
          assert.match(patient.received, /\r\n221 /);
          assert.equal(log, ['early talker refused']);
        },
        { bannerSeconds: 2 },
        { ...withTls(), ...strangers },
      ));

  test('answered afterwards, in order, if so wished; neighbours at once', async () => {
    await scene(
      async ({ peer, clock }) => {
        const early = peer().send(`${hello}NOOP\r\nQUIT\r\n`);
        await pause(30);
        assert.is(early.received, '');
        clock.pass(2);
        assert.match(await early.untilEnd(), /^220 .*\r\n250 2\.0\.0 .*\r\n221 /s);
      },
      { bannerSeconds: 2 },
      { ...strangers, earlyTalkers: 'answer' },
    );
    await scene(
      async ({ peer }) => {
        assert.match(await peer().send(`${hello}QUIT\r\n`).untilEnd(), /^220 .*\r\n221 /s);
      },
      { bannerSeconds: 60 },
    );
  });

  test('one that goes before its greeting keeps its place', () =>
    scene(
      async ({ peer, clock }) => {
        const gone = peer();
        await new Promise((done) => gone.socket.once('connect', done));
        gone.socket.resetAndDestroy();
        await pause(30);
        const next = peer();
        await pause(30);
        clock.pass(2);
        await next.until(/^220 /m);
      },
      { bannerSeconds: 2, connections: 1 },
      strangers,
    ));
});

suite('tarpit', (test) => {
  test('faults cost no time, or what comes after them is lost', () =>
    scene(
      async ({ peer, clock }) => {
        const client = peer().send('NO\r\n'.repeat(3));
        await client.until(/(^500 .*\r\n){3}/m);
        client.received = '';
        client.send('NO\r\nNO\r\nNOOP\r\n');
        await pause(30);
        assert.is(client.received, '');
        clock.pass(3);
        await pause(30);
        assert.is(client.received, '');
        await until(clock, () => client.received.includes('250 2.0.0'), 'NOOP');
        assert.match(client.received, /^500 .*\r\n500 .*\r\n250 2\.0\.0 Ok\r\n$/);
      },
      { bannerSeconds: 0, quickErrors: 3, errorSeconds: 2 },
      strangers,
    ));

  test('guessed recipients are quick over many sessions, or slow down other networks', () =>
    scene(
      async ({ service, peer, clock, server }) => {
        service.mood = (method, detail) =>
          method === 'recipient' && detail.startsWith('no') ? replies.noSuchRecipient : undefined;
        const { port } = server.addresses[0] as { port: number };
        const guess = 'RCPT TO:<no@example.org>\r\n';
        const begin = `${hello}MAIL FROM:<>\r\n`;
        const quick = peer().send(begin + guess.repeat(3));
        await quick.until(/(^550 5\.1\.1 .*\r\n){3}/m);
        // Another session of the same network waits its turn; the pipelined guess behind it too.
        const second = peer()
          .send(begin)
          .send(guess + guess);
        await pause(60);
        assert.not.match(second.received, /^550/m);
        const neighbour = new Peer({
          host: '127.0.0.1',
          port,
          localAddress: '127.0.0.9',
        } as never);
        await neighbour.send(`${begin}${guess}QUIT\r\n`).untilEnd();
        assert.match(neighbour.received, /\r\n550 5\.1\.1 .*\r\n221 /);
        clock.pass(3);
        await pause(30);
        assert.is(second.received.match(/^550/gm)?.length, 1);
        await until(clock, () => second.received.match(/^550/gm)?.length === 2, 'the second guess');
        assert.ok(!second.ended);
      },
      { bannerSeconds: 0, quickGuesses: 3, guessSeconds: 3 },
      strangers,
    ));

  test('a network in debt learns of an address, or its accepted recipients cost something', () =>
    scene(
      async ({ service, peer, clock }) => {
        service.mood = (method, detail) =>
          method === 'recipient' && detail.startsWith('no') ? replies.noSuchRecipient : undefined;
        const begin = `${hello}MAIL FROM:<>\r\n`;
        const good = peer().send(begin + 'RCPT TO:<b@example.org>\r\n'.repeat(50));
        await good.until(/(^250 2\.1\.5 .*\r\n){50}/m);
        // Ten sessions guess at one time: the account goes beyond what anybody may wait.
        const guessers = Array.from({ length: 10 }, () =>
          peer().send(`${begin}RCPT TO:<no@example.org>\r\n`),
        );
        await eventually(() => service.calls.filter((call) => call === 'recipient').length >= 55, 'guesses');
        await pause(30);
        const calls = service.calls.length;
        const late = peer().send(`${begin}RCPT TO:<b@example.org>\r\n`);
        assert.match(await late.untilEnd(), /\r\n421 4\.7\.0 Too many errors\r\n$/);
        assert.not(service.calls.slice(calls).includes('recipient'));
        clock.pass(120);
        await pause(30);
        const later = peer().send(`${begin}RCPT TO:<b@example.org>\r\n`);
        await later.until(/^250 2\.1\.5 /m);
        for (const client of guessers) client.close();
      },
      { bannerSeconds: 0, quickGuesses: 1, guessSeconds: 10, tarpitSeconds: 40 },
      strangers,
    ));

  test('a client that goes while its reply is held back keeps its place', () =>
    scene(
      async ({ peer, service }) => {
        const client = peer();
        await client.until(/^220 /m);
        client.send('NO\r\n');
        await pause(30);
        client.socket.resetAndDestroy();
        await eventually(() => service.calls.includes('close'), 'close');
      },
      { bannerSeconds: 0, quickErrors: 0, errorSeconds: 600 },
      strangers,
    ));
});

suite('rates', (test) => {
  test('a content that trickles keeps its place for hours', () =>
    scene(
      async ({ peer, clock, service, log }) => {
        const client = peer().send(`${hello}${transaction}`);
        await client.until(/^354 /m);
        for (let second = 0; second < 61 && !log.length; second += 10) {
          client.send('x'.repeat(99));
          await eventually(() => service.written >= (99 * (second + 10)) / 10, 'octets');
          clock.pass(10);
        }
        assert.match(await client.untilEnd(), /\r\n421 4\.4\.2 Waited too long\r\n$/);
        assert.equal(log, ['connection too slow']);
        await eventually(() => service.calls.at(-1) === 'close', 'close');
        assert.ok(service.calls.includes('abort'));
      },
      { contentRate: 10 },
    ));

  test('a content at the least rate is given up', () =>
    scene(
      async ({ peer, clock, service, log }) => {
        const client = peer().send(`${hello}${transaction}`);
        await client.until(/^354 /m);
        for (let minute = 1; minute <= 4; minute++) {
          client.send(`${'x'.repeat(600)}`);
          await eventually(() => service.written === 600 * minute, 'octets');
          clock.pass(60);
        }
        assert.equal(log, []);
        await client.send('\r\n.\r\n').until(/^250 2\.0\.0 Ok: 1/m);
      },
      { contentRate: 10 },
    ));

  test('new connections without end from one network', () =>
    scene(
      async ({ peer, clock }) => {
        const good = [peer(), peer(), peer()];
        await Promise.all(good.map((client) => client.until(/^220 /m)));
        assert.is(await peer().untilEnd(), '421 4.7.0 Too many connections\r\n');
        clock.pass(21);
        await peer().until(/^220 /m);
        assert.is(await peer().untilEnd(), '421 4.7.0 Too many connections\r\n');
      },
      { bannerSeconds: 0, connectionsPerMinute: 3 },
      strangers,
    ));

  test('a pace that forgets too early, never, or keeps names', () => {
    const pace = new Pace({ interval: 1000, burst: 2 });
    assert.is(pace.wait('a', 0), 0);
    pace.add('a', 0);
    pace.add('a', 0);
    assert.is(pace.wait('a', 0), 1000);
    assert.is(pace.wait('a', 400), 600);
    assert.is(pace.wait('b', 0), 0);
    assert.is(pace.wait('a', 1000), 0);
    for (let network = 0; network < 60_000; network++) pace.add(`n${network}`, 1000);
    assert.is(pace.wait('a', 1000), 0);
    assert.is(pace.wait('n59999', 1000), 0);
    pace.add('n59999', 1000);
    assert.is(pace.wait('n59999', 1000), 1000);
    assert.is(pace.wait('n59999', 3_700_000), 0);
    const none = new Pace({ interval: 0, burst: 5 });
    for (let time = 0; time < 10; time++) none.add('a', 0);
    assert.is(none.wait('a', 0), 0);
  });
});
