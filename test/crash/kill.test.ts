/** kill -9 at random points under load, 200 times on journals that go on: no acknowledged mail is lost. */
import { setTimeout as wait } from 'node:timers/promises';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Load, type Phase, type SentMail } from './load.js';
import { numbersFrom } from './numbers.js';
import { checkMail } from './oracle.js';

const kills = 200;
const journals = 2;
const sessions = 6;
const acknowledgedBefore = 20;
/** A kill comes up to so long after the mails it waits for: dozens of commits. */
const mostMilliseconds = 60;
const recipients = ['ann@example.org', 'bob@example.org', 'cyd@example.org'];

/** Kills servers on one journal, one after the other. Gives what the sessions were about when each kill came. */
async function killAgainAndAgain(seed: number): Promise<Phase[]> {
  const numbers = numbersFrom(seed);
  const phases: Phase[] = [];
  await within(Installation.with(...recipients), async (made) => {
    const load = new Load(recipients, seed);
    for (let kill = 0; kill < kills / journals; kill++) {
      const where = `journal ${seed}, kill ${kill}`;
      const first = load.sent.length;
      const server = await made.serve();
      load.start(server.port, sessions);
      const acknowledged = (): readonly SentMail[] =>
        load.sent.slice(first).filter((mail) => mail.acknowledged);
      while (acknowledged().length < acknowledgedBefore) await wait(1);
      await wait((numbers.below(1000) * mostMilliseconds) / 1000);
      assert.is((await server.kill()).signal, 'SIGKILL', `${where}: ${server.stderr}`);
      phases.push(...(await load.ended()));
      assert.is(server.stderr.replaceAll('obalka: connection broken\n', ''), '', where);
      // Each server writes into segments of its own.
      await checkMail(made, load.sent.slice(first), recipients, kill).catch((error: Error) => {
        error.message = `${where}: ${error.message}`;
        throw error;
      });
      if (kill % 33 === 32) await verify(made, where);
    }
    const read = await checkMail(made, load.sent, recipients);
    assert.ok(read >= (kills / journals) * acknowledgedBefore, `${read} mails`);
    await verify(made, 'at the end');
    console.log(
      `journal ${seed}: ${load.sent.length} mails sent, ${load.acknowledged} acknowledged, ${read} read`,
    );
  });
  return phases;
}

async function verify(made: Installation, where: string): Promise<void> {
  const identities = recipients.flatMap((address) => ['--identity', address.replace(/@.*/, '')]);
  const { code, stdout, stderr } = await made.run('verify', ...identities);
  assert.is(code, 0, `${where}: ${stdout}${stderr}`);
}

suite('kill -9', (test) => {
  test(`one of ${kills} kills loses a mail that was acknowledged, or leaves one half`, async () => {
    const seeds = Array.from({ length: journals }, (_, at) => at + 1);
    const phases = (await Promise.all(seeds.map(killAgainAndAgain))).flat();
    assert.is(phases.length, kills * sessions);
    for (const phase of ['commands', 'content', 'reply'] as const) {
      const count = phases.filter((one) => one === phase).length;
      console.log(`killed while a session was in ${phase}: ${count} of ${phases.length}`);
      assert.ok(count >= 20, `only ${count} sessions were in ${phase} at a kill`);
    }
  });
});
