/** Servers of several processes that are killed: one worker, all of them, or the process that began them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { KeptLoad } from '../support/kept-load.js';
import { readMailbox } from '../support/read-mail.js';
import type { Server } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';
import { gone, isThere, sessionWithEach, workersOf } from '../support/worker-processes.js';

const ann = () => Installation.with('ann@example.org');
const lanesIn = (data: string) =>
  readdirSync(join(data, 'journal')).filter((name) => name.startsWith('lane-'));

/** A mail to each worker: under load, one of them may have had none. */
async function sendToEach(server: Server, { acknowledged }: KeptLoad): Promise<void> {
  const open = async () => {
    const wire = await Wire.to(server.port);
    await wire.hello();
    return wire;
  };
  for (const [at, wire] of (await sessionWithEach(server, open)).entries()) {
    const content = Buffer.from(`Subject: worker ${at}\r\n\r\nx\r\n`);
    wire.must(await wire.deliver({ from: 'a@example.net', to: ['ann@example.org'], content }), '250');
    acknowledged.push(`worker ${at}`);
    await wire.quit();
  }
}

/** Everything that was acknowledged is there, whole, and in both lanes; nothing is damaged. */
async function check(made: Installation, { acknowledged }: KeptLoad): Promise<void> {
  const { mails } = await readMailbox(made.data, made.identity('ann'));
  const subjects = new Set(
    mails.map(({ content }) => /^Subject: (.*)\r\n/.exec(content.toString('latin1'))?.[1]),
  );
  for (const subject of acknowledged)
    assert.ok(subjects.has(subject), `${subject} was acknowledged and is gone`);
  const lanes = new Set(mails.map(({ mail }) => mail.place.slice(0, 13)));
  assert.equal([lanes.size, lanesIn(made.data).length], [2, 2], 'both lanes have mail');
  const verified = await made.run('verify', '--identity', 'ann', '--pins', 'none');
  assert.is(verified.code, 0, verified.stderr);
}

suite('killed workers', (test) => {
  test('kill -9 of a worker under load loses mail, stops the others, or leaves its place empty', () =>
    within(ann(), async (made) => {
      const server = await made.serve('--workers', '2');
      const load = new KeptLoad(6, 'ann@example.org', () => server.port);
      await load.more(60);
      const before = workersOf(server);
      assert.is(before.length, 2);
      for (const pid of before) {
        process.kill(pid, 'SIGKILL');
        await load.more(60);
      }
      // Again both take mail.
      await until('there are two workers again', () => workersOf(server).length === 2);
      const after = workersOf(server);
      assert.equal([after.length, after.some((pid) => before.includes(pid))], [2, false]);
      await load.more(60);
      await load.stop();
      await sendToEach(server, load);
      assert.equal(await server.stop(), { code: 0, signal: null });
      assert.equal(
        server.stderr.match(/^obalka: worker-ended: a worker ended; another one takes its place$/gm)?.length,
        2,
      );
      await check(made, load);
    }));

  test('kill -9 of the first process under load loses mail, leaves workers that write, or stops the next server', () =>
    within(ann(), async (made) => {
      let server = await made.serve('--workers', '2');
      const load = new KeptLoad(6, 'ann@example.org', () => server.port);
      for (let times = 0; times < 2; times++) {
        await load.more(60);
        const workers = workersOf(server);
        // Stopped, one of them cannot notice that its server is gone.
        if (times === 1) process.kill(workers[0] as number, 'SIGSTOP');
        if (times === 1) setTimeout(() => process.kill(workers[0] as number, 'SIGCONT'), 4000);
        server.signal('SIGKILL');
        // It waits for the lock, and then for workers that are left.
        await gone(server.pid);
        server = await made.serve('--workers', '2');
        assert.equal(workers.filter(isThere), [], 'workers that are left while others write');
      }
      await load.more(60);
      await load.stop();
      await sendToEach(server, load);
      assert.equal(await server.stop(), { code: 0, signal: null });
      await check(made, load);
    }));
});
