/** Start: however much mail there is, and however large a segment a crash has left. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds, residentMiB } from '../bench/proc.js';
import { growJournal } from '../support/grown-journal.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const content = Buffer.from('Subject: x\r\n\r\nx\r\n');

interface Start {
  readonly milliseconds: number;
  /** Of the processor: what others do on the machine is not in it. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** Starts and kills servers; the quickest counts, as others use the machine too. */
async function quickest(made: Installation, times: number): Promise<Start> {
  const starts: Start[] = [];
  for (let time = 0; time < times; time++) {
    const begun = performance.now();
    const server = await made.serve();
    const milliseconds = performance.now() - begun;
    starts.push({
      milliseconds,
      cpuSeconds: cpuSeconds(server.pid),
      peakMiB: residentMiB(server.pid).peak,
    });
    await server.kill();
  }
  return {
    milliseconds: Math.min(...starts.map((one) => one.milliseconds)),
    cpuSeconds: Math.min(...starts.map((one) => one.cpuSeconds)),
    peakMiB: Math.min(...starts.map((one) => one.peakMiB)),
  };
}

async function send(port: number): Promise<number> {
  const begun = performance.now();
  const wire = await Wire.to(port);
  await wire.hello();
  wire.must(await wire.deliver({ from: 'a@example.net', to: ['ann@example.org'], content }), '250');
  await wire.quit();
  return performance.now() - begun;
}

suite('start', (test) => {
  test('20 GiB of journal make the start longer than a second, or larger', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const first = await made.serve();
      await send(first.port);
      await first.kill();
      const small = await quickest(made, 3);

      const blocks = Number(process.env.START_TEST_MIB ?? 160) * 64;
      const open = { channels: 64, envelopes: 20_000, blocks };
      const folder = growJournal({ data: made.data, closed: 20, octets: gibibyte, open });
      const large = await quickest(made, 3);
      const show = ({ milliseconds, cpuSeconds, peakMiB }: Start) =>
        `${milliseconds.toFixed(0)} ms, ${cpuSeconds.toFixed(2)} s of processor, ${peakMiB.toFixed(1)} MiB`;
      console.log(`one segment: ${show(small)}; 20 GiB, the last one not closed: ${show(large)}`);
      // Others use the machine too: what is promised is asked of the processor's time.
      assert.ok(large.cpuSeconds < small.cpuSeconds + 0.3, show(large));
      assert.ok(large.peakMiB < small.peakMiB + 24, show(large));
      assert.not(existsSync(join(folder, 'checkpoint')), 'each was killed before it had closed the segment');

      // While the segment is closed, mail comes in.
      const server = await made.serve();
      const begun = performance.now();
      const delays: number[] = [];
      /** Mails that were acknowledged when the segment was not closed yet. */
      let meanwhile = 0;
      await until('the segment is closed', async () => {
        if (existsSync(join(folder, 'checkpoint'))) return true;
        delays.push(await send(server.port));
        if (!existsSync(join(folder, 'checkpoint'))) meanwhile++;
        return false;
      });
      const closed = performance.now() - begun;
      const { peak } = residentMiB(server.pid);
      console.log(
        `closed ${(blocks / 64).toFixed(0)} MiB in ${closed.toFixed(0)} ms; of ${delays.length} mails meanwhile the slowest took ${Math.max(...delays).toFixed(0)} ms; at most ${peak.toFixed(1)} MiB`,
      );
      assert.ok(meanwhile > 0, 'mail waits until the segment is closed');
      assert.ok(peak < small.peakMiB + 64, `${peak} MiB`);
      assert.is((await server.stop()).code, 0);
      assert.ok(blocks * 16_384 > 150 * mebibyte);
    }));
});
