/** Kill again and again: servers on journals that go on, each killed at a random moment, in the stages of a mail by turns, under load. */
import { setTimeout as wait } from 'node:timers/promises';
import { Installation, within } from '../support/installation.js';
import { assert } from '../support/suite.js';
import { Load } from './load.js';
import type { Phase } from './load-mail.js';
import { numbersFrom } from './numbers.js';
import { checkMail } from './oracle.js';

/** What is done on one journal. */
export interface Ordeal {
  readonly seed: number;
  readonly kills: number;
  /** Sessions that send at a time. */
  readonly sessions: number;
  /** Number of the first mail, which decides how large they are. */
  readonly firstNumber: number;
  /** A kill comes up to so long after the mails it waits for; one in three a fifth of a second later. */
  readonly mostMilliseconds: number;
}

const acknowledgedBefore = 20;
const stages = ['commands', 'content', 'reply'] as const;
const recipients = ['ann@example.org', 'bob@example.org', 'cyd@example.org'];

/**
 * Kills servers on one journal, one after the other, each after at least twenty mails that it acknowledged, and holds
 * the journal after each kill against what was sent. Gives what each session was about when each kill came.
 */
export function killAgainAndAgain(ordeal: Ordeal): Promise<Phase[]> {
  return within(Installation.with(...recipients), async (made) => {
    const { seed, kills, sessions, firstNumber, mostMilliseconds } = ordeal;
    const numbers = numbersFrom(seed);
    const phases: Phase[] = [];
    const load = new Load({ recipients, seed, firstNumber });
    for (let kill = 0; kill < kills; kill++) {
      const where = `seed ${seed}, kill ${kill}`;
      const before = load.sent.length;
      const server = await made.serve();
      load.start(server.port, sessions);
      const sent = () => load.sent.slice(before);
      const acknowledged = () => sent().filter((mail) => mail.acknowledged).length;
      while (acknowledged() < acknowledgedBefore && !load.isDisturbed) await wait(1);
      // One kill in three comes after the claim was rewritten, which lags up to 200 ms.
      const later = kill % 3 === 0 ? 200 : 0;
      await wait(later + (numbers.below(1000) * mostMilliseconds) / 1000);
      // Some stages are over so soon that chance alone would hardly ever meet them.
      const wanted = stages[kill % stages.length] as Phase;
      for (let look = 0; look < 3000 && !load.phases.includes(wanted) && !load.isDisturbed; look++)
        await wait(1);
      phases.push(...load.phases);
      assert.is((await server.kill()).signal, 'SIGKILL', `${where}: ${server.stderr}`);
      await load.ended();
      assert.is(server.stderr.replace(/obalka: connection-broken: .*\n/g, ''), '', where);
      // Each server writes into a segment of its own, which has the kill's number.
      await checkMail(made, sent(), recipients, kill).catch((error: Error) => {
        error.message = `${where}: ${error.message}`;
        throw error;
      });
      if (kill === Math.floor(kills / 2)) await verify(made, where);
    }
    const read = await checkMail(made, load.sent, recipients);
    assert.ok(read >= kills * acknowledgedBefore, `${read} mails`);
    await verify(made, `seed ${seed}, at the end`);
    console.log(`seed ${seed}: ${load.acknowledged} of ${load.sent.length} mails acknowledged, ${read} read`);
    return phases;
  });
}

async function verify(made: Installation, where: string): Promise<void> {
  const identities = recipients.flatMap((address) => ['--identity', address.replace(/@.*/, '')]);
  const { code, stdout, stderr } = await made.run('verify', ...identities);
  assert.is(code, 0, `${where}: ${stdout}${stderr}`);
}

/** Asserts that kills came at all stages of a mail: so often at least while a session was in each. */
export function assertPhases(phases: readonly Phase[], least: number): void {
  for (const phase of stages) {
    const count = phases.filter((one) => one === phase).length;
    console.log(`killed while a session was in ${phase}: ${count} of ${phases.length}`);
    assert.ok(count >= least, `only ${count} sessions were in ${phase} at a kill`);
  }
}
