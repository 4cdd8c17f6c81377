/** DANE: what a resolver answers is read right, and what is no answer ends no question and no program. */
import { createSocket, type Socket } from 'node:dgram';
import fc from 'fast-check';
import { askKeys, type KeyAnswer } from '../../src/net/dane.js';
import { dnsServer } from '../support/dns-server.js';
import { assert, suite } from '../support/suite.js';

const name = '_25._tcp.mx.example.org';
const long = 60_000;

/** Answers each question with what `make` makes of it. */
async function answering(
  make: (asked: Buffer) => Buffer,
  use: (server: string) => Promise<void>,
): Promise<void> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (asked, { port, address }) => socket.send(make(asked), port, address));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  try {
    await use(`127.0.0.1:${socket.address().port}`);
  } finally {
    await new Promise<void>((done) => socket.close(done));
  }
}

/** The question as an answer: with these flags, so many answers, and octets behind. */
function answer(asked: Buffer, flags: number, count: number, ...behind: readonly Buffer[]): Buffer {
  const made = Buffer.concat([asked.subarray(0, asked.length - 11), ...behind]);
  made.writeUInt16BE(flags, 2);
  made.writeUInt16BE(count, 6);
  made.writeUInt16BE(0, 10);
  return made;
}

async function answered(make: (asked: Buffer) => Buffer): Promise<KeyAnswer | undefined> {
  let found: KeyAnswer | undefined;
  await answering(make, async (server) => {
    found = await askKeys(name, server, long);
  });
  return found;
}

suite('TLSA from a resolver', (test) => {
  test('records, their absence, or what the resolver says of signatures is read wrong', async () => {
    const data = 'ab'.repeat(32);
    const zone = [
      `${name}. 60 IN TLSA 3 1 1 ${data}`,
      `${name}. 60 IN TLSA 2 0 2 cd`,
      'other.example.org. 60 IN A 192.0.2.1',
      'alias.example.org. 60 IN CNAME _25._tcp.mx.example.org.',
    ];
    for (const isVerified of [true, false]) {
      const server = await dnsServer(zone, { isVerified, failing: ['broken.example.org'] });
      try {
        const records = [
          { usage: 3, selector: 1, matching: 1, data },
          { usage: 2, selector: 0, matching: 2, data: 'cd' },
        ];
        assert.equal(await askKeys(name, server.address, long), { kind: 'found', records, isVerified });
        assert.equal(await askKeys('alias.example.org', server.address, long), {
          kind: 'found',
          records,
          isVerified,
        });
        assert.equal(await askKeys('other.example.org', server.address, long), { kind: 'none' });
        assert.equal(await askKeys('gone.example.org', server.address, long), { kind: 'none' });
        assert.equal(await askKeys('broken.example.org', server.address, long), {
          kind: 'failed',
          why: 'ESERVFAIL',
        });
      } finally {
        await server.close();
      }
    }
  });

  test('nobody answers, and the question has no end', async () => {
    const server = await dnsServer([], { silent: [name] });
    assert.equal(await askKeys(name, server.address, 20), { kind: 'failed', why: 'ETIMEOUT' });
    await server.close();
    assert.equal(await askKeys(name, server.address, long), { kind: 'failed', why: 'ECONNREFUSED' });
  });

  test('an answer that is cut off is taken for none', async () => {
    assert.equal(await answered((asked) => answer(asked, 0x8380, 0)), { kind: 'failed', why: 'ETRUNCATED' });
    assert.equal(await answered((asked) => answer(asked, 0x8180, 1)), { kind: 'failed', why: 'EBADRESP' });
    const record = Buffer.from([0xc0, 12, 0, 52, 0, 1, 0, 0, 0, 60, 0, 9, 3, 1, 1, 7]);
    assert.equal(await answered((asked) => answer(asked, 0x8180, 1, record)), {
      kind: 'failed',
      why: 'EBADRESP',
    });
  });

  test('names that point to others are read wrong', async () => {
    // The owner of the second record is "a", and then the name that the question has.
    const first = Buffer.from([0xc0, 12, 0, 52, 0, 1, 0, 0, 0, 60, 0, 4, 3, 1, 1, 7]);
    const second = Buffer.from([1, 97, 0xc0, 12, 0, 52, 0, 1, 0, 0, 0, 60, 0, 4, 3, 1, 1, 8]);
    const records = ['07', '08'].map((data) => ({ usage: 3, selector: 1, matching: 1, data }));
    assert.equal(await answered((asked) => answer(asked, 0x81a0, 2, first, second)), {
      kind: 'found',
      records,
      isVerified: true,
    });
  });

  test('what is no answer to this question is taken for one', async () => {
    let before = 0;
    const found = await answered((asked) => {
      // Another number, then the question itself; the right one comes with the next question, which is sent again.
      const other = answer(asked, 0x8183, 0);
      if (before++ === 0) other.writeUInt16BE(other.readUInt16BE(0) ^ 1, 0);
      return before === 1 ? other : answer(asked, 0x8182, 0);
    });
    assert.equal(found, { kind: 'failed', why: 'ESERVFAIL' });
  });

  test('bytes of whoever answers end the program', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.integer({ min: 0, max: 9 }),
        async (octets, count) => {
          const found = await answered((asked) => answer(asked, 0x81a0, count, Buffer.from(octets)));
          assert.ok(found && ['found', 'none', 'failed'].includes(found.kind));
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });
});
