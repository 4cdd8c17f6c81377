import { createServer, type Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { assert, suite } from '../support/suite.js';
import { contentOnTheWire } from './content.js';
import { ownLoad, type Plan } from './load.js';
import { Results } from './results.js';
import { median } from './statistics.js';
import { table } from './table.js';

async function withServer(options: SMTPServerOptions, use: (port: number) => Promise<void>): Promise<void> {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], ...options });
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    await use(portOf(server.server));
  } finally {
    await new Promise<void>((done) => server.close(done));
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (!address || typeof address !== 'object') throw new Error('not listening');
  return address.port;
}

function plan(port: number, wanted: Partial<Plan>): Plan {
  const from = 'a@example.net';
  const to = 'b@example.org';
  const rest = { messages: 9, seconds: 60, keep: true, pipelining: false };
  return { port, from, to, sessions: 3, size: 5120, ...rest, ...wanted };
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: Error) => error.message,
  );
}

suite('bench generator', (test) => {
  for (const size of [300, 5120, 262_079, 262_080, 262_320, 1_000_003]) {
    test(`content has the size asked for: ${size}`, () => {
      const wire = Buffer.concat(contentOnTheWire(size));
      assert.is(wire.length, size + 3);
      assert.is(wire.subarray(-5).toString(), '\r\n.\r\n');
      assert.is(wire.indexOf('\r\n.'), size - 2, 'no other line begins with a dot');
    });
  }

  const alsoTo = ['c@example.org', 'd@example.org'];
  const all: Partial<Plan>[] = [
    {},
    { keep: false, alsoTo },
    { pipelining: true, alsoTo },
    { sessions: 1, size: 1_000_003 },
  ];
  for (const wanted of all) {
    test(`counts exactly what arrived: ${JSON.stringify(wanted)}`, async () => {
      const sizes: number[] = [];
      const recipients = ['b@example.org', ...(wanted.alsoTo ?? [])];
      const onData: SMTPServerOptions['onData'] = (content, { envelope }, done) => {
        assert.equal(
          envelope.rcptTo.map(({ address }) => address),
          recipients,
        );
        let size = 0;
        content.on('data', (chunk: Buffer) => {
          size += chunk.length;
        });
        content.on('end', () => {
          sizes.push(size);
          done();
        });
      };
      await withServer({ onData }, async (port) => {
        const { accepted, waits } = await ownLoad(plan(port, wanted));
        assert.is(accepted, 9);
        assert.ok(waits && waits.p50 > 0 && waits.p50 <= waits.p99);
        assert.equal(
          sizes,
          Array.from({ length: 9 }, () => plan(port, wanted).size),
        );
      });
    });
  }

  test('a refused message is a failure, not a number', async () => {
    let count = 0;
    const onData: SMTPServerOptions['onData'] = (content, _session, done) => {
      content.resume();
      content.on('end', () => {
        count += 1;
        done(count === 5 ? Object.assign(new Error('full'), { responseCode: 452 }) : null);
      });
    };
    await withServer({ onData }, async (port) => {
      assert.match(await failure(ownLoad(plan(port, {}))), 'at content: 452 full');
    });
  });

  test('a connection that breaks off is a failure', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // the generator ends in the middle
      socket.resume();
      socket.end('220 hello\r\n');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      assert.match(await failure(ownLoad(plan(portOf(server), {}))), /broke off at|ECONNRESET|EPIPE/);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  test('the table shows medians, and ratios within a round', () => {
    assert.is(median([3, 1, 2, 10]), 2.5);
    const results = new Results();
    for (const pace of [10, 30, 90]) results.add('a, fast', { pace });
    for (const pace of [20, 15, 180]) results.add('b', { pace });
    const columns = [{ name: 'pace', digits: 0, yardsticks: ['a, fast'] }];
    assert.is(
      table(['a, fast', 'b'], columns, results),
      '| receiver | pace | × a |\n| --- | ---: | ---: |\n| a, fast | 30 | 1.00 |\n| b | 20 | 2.00 |',
    );
  });
});
