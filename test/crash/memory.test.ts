/** Memory: a mail of any size passes through a server that stays small; one that breaks off leaves nothing to read. */
import { createHash } from 'node:crypto';
import { contentOnTheWire } from '../bench/content.js';
import { resetPeak, residentMiB } from '../bench/proc.js';
import { Installation, within } from '../support/installation.js';
import { readMailbox } from '../support/read-mail.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const mebibyte = 2 ** 20;
const allowedGrowthMiB = 32;
const maxSize = ['--max-size', String(300 * mebibyte)];

/** Sends content of a size up to `until` octets of it, and gives the digest of what the whole would be as received. */
async function sendContent(port: number, size: number, until = Number.POSITIVE_INFINITY): Promise<string> {
  const wire = await Wire.to(port);
  await wire.hello();
  for (const line of ['MAIL FROM:<a@example.net>', 'RCPT TO:<ann@example.org>'])
    wire.must(await wire.command(line), '250');
  wire.must(await wire.command('DATA'), '354');
  const hash = createHash('sha256');
  let sent = 0;
  for (const piece of contentOnTheWire(size)) {
    hash.update(piece.subarray(0, Math.max(0, Math.min(piece.length, size - sent))));
    sent += piece.length;
    await wire.send(piece);
    if (sent < until) continue;
    await wire.abandon();
    return '';
  }
  wire.must(await wire.reply(), '250');
  await wire.quit();
  return hash.digest('hex');
}

async function warmUp(port: number): Promise<void> {
  for (let round = 0; round < 10; round++) await sendContent(port, 5000);
  await sendContent(port, 8 * mebibyte);
}

suite('memory', (test) => {
  test(`a mail of 256 MiB makes the server grow by more than ${allowedGrowthMiB} MiB`, () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve(...maxSize);
      await warmUp(server.port);
      resetPeak(server.pid);
      const before = residentMiB(server.pid).now;
      const digest = await sendContent(server.port, 256 * mebibyte);
      const { peak } = residentMiB(server.pid);
      console.log(`resident before ${before.toFixed(1)} MiB, at most ${peak.toFixed(1)} MiB`);
      assert.ok(peak - before <= allowedGrowthMiB, `grew by ${(peak - before).toFixed(1)} MiB`);
      assert.is((await server.stop()).code, 0);
      const last = JSON.parse(await made.must('list', '--json', '--limit', '1', '--identity', 'ann')) as {
        id: string;
        size: number;
      };
      assert.is(last.size, 256 * mebibyte);
      const words = `obalka read ${last.id} --raw --identity ann --data data | sha256sum`;
      const { stdout, stderr } = await made.shell(words);
      assert.is(stderr, '');
      assert.is(stdout.toString().slice(0, 64), digest);
    }));

  test('content that breaks off after 50 MiB can be read in part', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const server = await made.serve(...maxSize);
      await sendContent(server.port, 5000);
      await sendContent(server.port, 100 * mebibyte, 50 * mebibyte);
      await sendContent(server.port, 6000);
      assert.is((await server.stop()).code, 0);
      const { mails, contents } = await readMailbox(made.data, made.identity('ann'));
      assert.equal(
        mails.map(({ content }) => content.length),
        [5000, 6000],
      );
      assert.is(contents.void, 0, 'no envelope is left of it');
      const verified = await made.must('verify', '--json', '--identity', 'ann');
      const { cells, faults, mails: opened } = JSON.parse(verified) as Record<string, unknown>;
      assert.ok((cells as number) > 3000, 'its blocks are there');
      assert.equal(faults, []);
      assert.is(opened, 2);
    }));
});
