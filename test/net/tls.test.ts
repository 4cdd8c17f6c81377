/** TLS: STARTTLS and what is tried around it, handshakes that get stuck, certificates chosen by name and replaced. */
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { Certificates } from '../../src/net/certificates.js';
import { assert, suite } from '../support/suite.js';
import { eventually, Peer, pause, secure } from './peer.js';
import { certificateFor, hello, mail, scene, strangers, transaction, withTls } from './scene.js';

const namesOf = (socket: TLSSocket) => socket.getPeerCertificate().subjectaltname ?? '';

suite('TLS', (test) => {
  test('STARTTLS, and TLS from the first octet: mail arrives, or the application is not told of it', () =>
    scene(
      async ({ peer, service }) => {
        const plain = peer();
        assert.match(await plain.send(hello).until(/^250 /m), /^250 STARTTLS\r\n/m);
        const upgraded = await plain.startTls();
        const implicit = peer(1);
        await implicit.until(/^220 mx\.example ESMTP\r\n/);
        for (const client of [upgraded, implicit]) {
          client.send(`${hello}${mail}QUIT\r\n`);
          assert.not.match(await client.untilEnd(), /STARTTLS|^503/m);
          assert.match(client.received, /\n354 .*\n250 2\.0\.0 Ok: 1\r\n221 /s);
        }
        assert.equal(
          service.messages.map((one) => one.content.toString()),
          ['content\r\n', 'content\r\n'],
        );
        assert.equal(
          service.hellos.map((client) => client.tls?.protocol),
          [undefined, 'TLSv1.3', 'TLSv1.3'],
        );
        assert.match(service.hellos[1]?.tls?.cipher ?? '', /^TLS_/);
      },
      {},
      withTls(),
    ));

  for (const injected of ['NOOP\r\n', 'EHLO x\r\nMAIL FROM:<i@example.org>\r\n', 'RSET', 'x'.repeat(5000)])
    test(`commands behind STARTTLS in one segment are run inside TLS: ${JSON.stringify(injected.slice(0, 12))}`, () =>
      scene(
        async ({ peer, service }) => {
          const client = peer();
          await client.send(`${hello}`).until(/^250 /m);
          client.received = '';
          await client.send(`STARTTLS\r\n${injected}`).until(/^220 /m);
          assert.is(client.received, '220 2.0.0 Begin TLS\r\n');
          const inside = client.inTls();
          await new Promise((done) => inside.socket.once('secureConnect', done));
          await pause(30);
          assert.is(inside.received, '');
          inside.send('MAIL FROM:<a@example.org>\r\nQUIT\r\n');
          assert.match(await inside.untilEnd(), /^503 5\.5\.1 Say hello first\r\n221 /);
          assert.not(service.calls.includes('mail'));
        },
        {},
        withTls(),
      ));

  test('commands behind STARTTLS in a later segment, before the handshake', () =>
    scene(
      async ({ peer, service, log }) => {
        const client = peer();
        await client.send(hello).until(/^250 /m);
        client.received = '';
        await client.send('STARTTLS\r\n').until(/^220 /m);
        client.send('NOOP\r\nMAIL FROM:<i@example.org>\r\n');
        await client.untilEnd();
        assert.is(client.received, '220 2.0.0 Begin TLS\r\n');
        await eventually(() => service.calls.at(-1) === 'close', 'close');
        assert.equal(log, ['handshake failed']);
      },
      {},
      withTls(),
    ));

  test('what was known before STARTTLS is known after it', () =>
    scene(
      async ({ peer, service }) => {
        const client = peer();
        await client.send(hello).until(/^250 /m);
        const inside = await client.startTls();
        inside.send(`${transaction}RSET\r\nSTARTTLS\r\n${hello}${mail}STARTTLS\r\nQUIT\r\n`);
        const codes = (await inside.untilEnd()).match(/^\d{3} /gm)?.map((code) => code.trim());
        assert.equal(codes, [...'503 503 503 250 503 250 250 250 354 250 503 221'.split(' ')]);
        assert.is(service.messages.length, 1);
      },
      {},
      withTls(),
    ));

  test('TLS that ends in mid-content, with cleartext behind it: something is stored, or the session goes on', () =>
    scene(
      async ({ peer, service }) => {
        for (const listener of [0, 1]) {
          service.calls.length = 0;
          const first = peer(listener);
          if (listener === 0) await first.send(hello).until(/^250 /m);
          const client = listener === 0 ? await first.startTls() : first;
          await client.send(`${hello}${transaction}half a line`).until(/^354 /m);
          // close_notify, and then cleartext on the same connection.
          const raw = client.raw;
          raw.removeAllListeners('data');
          client.socket.end();
          await pause(20);
          raw.write('\r\n.\r\nMAIL FROM:<i@example.org>\r\n');
          await eventually(() => service.calls.at(-1) === 'close', 'close');
          assert.equal(service.calls.slice(-3), ['content', 'abort', 'close']);
        }
        assert.is(service.messages.length, 0);
      },
      {},
      withTls(),
    ));

  test('a TLS connection that is cut in mid-content keeps what came', () =>
    scene(
      async ({ peer, service }) => {
        const client = peer(1);
        await client.send(`${hello}${transaction}half\r\n`).until(/^354 /m);
        client.raw.destroy();
        await eventually(() => service.calls.at(-1) === 'close', 'close');
        assert.ok(service.calls.includes('abort'));
        assert.is(service.messages.length, 0);
      },
      {},
      withTls(),
    ));

  test('versions before TLS 1.2, or plaintext where TLS is spoken, are answered', () =>
    scene(
      async ({ server, peer, log }) => {
        const { port } = server.addresses[1] as { port: number };
        const old = connectTls({
          host: '127.0.0.1',
          port,
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
          rejectUnauthorized: false,
        });
        await new Promise((done) => old.on('error', done));
        const plain = new Peer({ host: '127.0.0.1', port });
        assert.is((await plain.send(`${hello}${mail}`).untilEnd()).includes('220'), false);
        await eventually(() => log.length === 2, 'both refused');
        assert.equal(log, ['handshake failed', 'handshake failed']);
        const hi = peer();
        await hi.until(/^220 /m);
        hi.raw.write(Buffer.from('16030100050100000100', 'hex'));
        assert.match(await hi.untilEnd(), /421 4\.7\.0 This is SMTP\r\n$/);
      },
      {},
      withTls(),
    ));

  test('30 stuck handshakes: others wait, or they stay for ever', () =>
    scene(
      async ({ server, peer, service, clock, log }) => {
        const stuck: Peer[] = [];
        const { port } = server.addresses[1] as { port: number };
        for (let count = 0; count < 15; count++) {
          const client = peer();
          await client.send(`${hello}STARTTLS\r\n`).until(/^220 2\.0\.0 /m);
          stuck.push(client, new Peer({ host: '127.0.0.1', port }));
        }
        for (const client of stuck) client.send(Buffer.from('160301', 'hex'));
        await pause(50);
        const good = peer();
        await good.send(hello).until(/^250 /m);
        const inside = await good.startTls();
        assert.match(await inside.send(`${hello}${mail}QUIT\r\n`).untilEnd(), /\n250 2\.0\.0 Ok: 1\r\n221 /);
        clock.pass(31);
        await Promise.all(stuck.map((client) => client.untilEnd()));
        await eventually(
          () => log.filter((line) => line === 'handshake failed').length === 30,
          'all given up',
        );
        assert.is(service.messages.length, 1);
      },
      {},
      withTls(),
    ));

  test('a STARTTLS whose answer is never taken keeps its place for ever', () =>
    scene(
      async ({ peer, service, clock }) => {
        const write = Socket.prototype.write;
        // A client that stops reading just then: the answer waits in the kernel, and nobody is called back.
        Socket.prototype.write = function (this: Socket, data: unknown, ...rest: never[]) {
          if (String(data).startsWith('220 2.0.0')) return true;
          return write.call(this, data as string, ...rest);
        } as typeof write;
        const stuck = peer();
        try {
          await stuck.send(hello).until(/^250 /m);
          stuck.send('STARTTLS\r\n');
          await pause(50);
        } finally {
          Socket.prototype.write = write;
        }
        clock.pass(31);
        await stuck.untilEnd();
        await eventually(() => service.calls.at(-1) === 'close', 'close');
        const good = peer();
        await good.send(hello).until(/^250 /m);
        const inside = await good.startTls();
        assert.match(await inside.send(`${hello}${mail}QUIT\r\n`).untilEnd(), /\n250 2\.0\.0 Ok: 1\r\n221 /);
      },
      { handshakes: 1 },
      withTls(),
    ));

  test('a cap of handshakes that is silent, never lifted, or ends the session', () =>
    scene(
      async ({ peer, log }) => {
        const stuck = [peer(), peer()];
        for (const client of stuck) await client.send(`${hello}STARTTLS\r\n`).until(/^220 2\.0\.0 /m);
        const refused = peer();
        await refused.send(`${hello}STARTTLS\r\n`).until(/^454 4\.7\.0 TLS not available for now\r\n/m);
        const silent = peer(1);
        assert.is(await silent.untilEnd(), '');
        for (const client of stuck) client.close();
        await eventually(() => log.filter((line) => line === 'handshake failed').length === 2, 'both gone');
        const inside = await refused.startTls();
        assert.match(await inside.send(`${hello}${mail}QUIT\r\n`).untilEnd(), /\n250 2\.0\.0 Ok: 1\r\n221 /);
      },
      { handshakes: 3, handshakesPerNetwork: 2 },
      withTls(),
    ));

  test('STARTTLS again and again at the cap: a reply and a line of the log for each, without end', () =>
    scene(
      async ({ peer, log, clock }) => {
        const stuck = peer();
        await stuck.send(`${hello}STARTTLS\r\n`).until(/^220 2\.0\.0 /m);
        const greedy = peer();
        const said = await greedy.send(`${hello}${'STARTTLS\r\n'.repeat(500)}`).untilEnd();
        assert.is(said.match(/^454 /gm)?.length, 5);
        assert.match(said, /\n421 4\.7\.0 Too many errors\r\n$/);
        assert.equal(log, ['handshakes capped']);
        clock.pass(10);
        assert.equal(log, ['handshakes capped', 'handshakes capped (4 times)']);
      },
      { handshakes: 1, errors: 5, logSeconds: 10 },
      withTls(),
    ));

  test('TLS required: mail is taken in plaintext', () =>
    scene(
      async ({ peer, service }) => {
        const client = peer();
        client.send(`${hello}${transaction}`);
        await client.until(/(^530 5\.7\.0 .*\r\n){3}/m);
        const inside = await client.startTls();
        assert.match(await inside.send(`${hello}${mail}QUIT\r\n`).untilEnd(), /\n250 2\.0\.0 Ok: 1\r\n221 /);
        assert.is(service.messages.length, 1);
      },
      {},
      { ...withTls(), requireTls: true },
    ));

  test('no certificate: STARTTLS is offered', () =>
    scene(async ({ peer }) => {
      const client = peer().send(`${hello}STARTTLS\r\nQUIT\r\n`);
      assert.match(await client.untilEnd(), /ENHANCEDSTATUSCODES\r\n502 5\.5\.1 /);
    }));

  test('a stop that waits for a handshake, or keeps what was secured meanwhile', () =>
    scene(
      async ({ server, peer }) => {
        const upgrading = peer();
        await upgrading.send(`${hello}STARTTLS\r\n`).until(/^220 2\.0\.0 /m);
        const stopped = server.stop(60_000);
        const inside = upgrading.inTls();
        assert.match(await inside.untilEnd(), /^421 4\.3\.2 Shutting down\r\n$/);
        await stopped;
      },
      {},
      withTls(),
    ));
});

suite('certificates', (test) => {
  test('a client that asks for a name gets another, or none', async () => {
    const certificates = new Certificates(['mx.example', 'other.example'].map(certificateFor));
    await scene(
      async ({ peer }) => {
        for (const [asked, got] of [
          ['mx.example', 'mx.example'],
          ['other.example', 'other.example'],
          ['OTHER.example', 'other.example'],
          ['unknown.example', 'mx.example'],
        ] as const) {
          const client = peer();
          await client.send(`${hello}STARTTLS\r\n`).until(/^220 2/m);
          client.raw.removeAllListeners('data');
          const socket = secure(client.raw, asked);
          await new Promise((done) => socket.once('secureConnect', done));
          assert.is(namesOf(socket), `DNS:${got}`);
        }
      },
      {},
      { ...withTls(), certificates },
    );
  });

  test('a certificate replaced under load: a session lost, or the old one still shown', async () => {
    const certificates = new Certificates([certificateFor('old.example')]);
    await scene(
      async ({ peer, service }) => {
        const sessions = Array.from({ length: 10 }, () => peer(1));
        await Promise.all(
          sessions.map((client) => client.send(`${hello}${transaction}first\r\n`).until(/^354 /m)),
        );
        let going = true;
        const load = async () => {
          for (let sent = 0; going; sent++) {
            const client = peer(1);
            await client.send(`${hello}${mail}QUIT\r\n`).until(/\n250 2\.0\.0 Ok: 1\r\n221 /);
            client.close();
            if (sent > 500) return;
          }
        };
        const loads = [load(), load()];
        await pause(50);
        certificates.replace([certificateFor('new.example')]);
        for (let count = 0; count < 5; count++) {
          const client = peer(1);
          await client.until(/^220 /m);
          assert.is(namesOf(client.socket as TLSSocket), 'DNS:new.example');
          client.close();
        }
        await pause(50);
        going = false;
        await Promise.all(loads);
        const before = service.messages.length;
        await Promise.all(
          sessions.map((client) => client.send('last\r\n.\r\n').until(/^250 2\.0\.0 Ok: 1/m)),
        );
        assert.is(service.messages.length, before + 10);
        assert.is(namesOf(sessions[0]?.socket as TLSSocket), 'DNS:old.example');
      },
      {},
      { ...withTls(), ...strangers, certificates, limits: { bannerSeconds: 0, connectionsPerMinute: 0 } },
    );
  });

  test('a bad certificate replaces a good one, or says nothing of the file', () => {
    const good = certificateFor('mx.example');
    const other = certificateFor('mx.example');
    const certificates = new Certificates([good]);
    const context = certificates.contextFor();
    const expect = (pair: typeof good, fault: RegExp) =>
      assert.throws(
        () => certificates.replace([good, pair]),
        (error: Error) => fault.test(error.message),
      );
    expect(
      { ...good, place: '/a/b.pem', key: other.key },
      /^\/a\/b\.pem: the key of \/a\/b\.pem belongs to another certificate; give /,
    );
    expect({ ...good, certificate: 'nonsense' }, /^mx\.example: not a certificate in PEM form$/);
    expect({ ...good, certificate: good.certificate.slice(0, 200) }, /not a certificate/);
    expect({ ...good, key: '' }, /the key of .*: not a private key/);
    assert.is(certificates.contextFor('mx.example'), context);
  });
});
