/** One run of the torture: a journal that goes through ten lives of servers, each with a fault, and is read after each. */
import { setTimeout as wait } from 'node:timers/promises';
import { Installation, within } from '../support/installation.js';
import { Load } from './load.js';
import { largeFrom, type Phase } from './load-mail.js';
import { numbersFrom } from './numbers.js';
import { nameOf, type Tally, tally } from './tally.js';
import { makeDeck } from './torture-deck.js';
import { type Fault, type Make, noLane, type Place } from './torture-fault.js';
import { findLane, type Life, live } from './torture-life.js';

export const livesPerRun = 10;
const recipients = ['ann@example.org', 'bob@example.org', 'cyd@example.org'];
const identities = recipients.flatMap((address) => ['--identity', address.replace(/@.*/, '')]);

/** What came of one run. */
export interface Outcome {
  /** Faults that came, by place. */
  readonly faults: Map<Place, number>;
  injected: number;
  kills: number;
  /** Mails that were acknowledged on the journal before any fault: the least. */
  fewestBefore: number;
  sent: number;
  acknowledged: number;
  /** A mail counts once for each recipient. */
  read: number;
  refused: number;
  /** Mails of one recipient that were erased, and not opened since. */
  erased: number;
  phases: Phase[];
  lost: string[];
  /** Damaged, wrong, or done by the server as none should. */
  broken: string[];
  /** Mails that a disk which lied has cost. */
  costOfLies: string[];
}

export interface Rig {
  readonly deck: readonly Make[];
  readonly print: (line: string) => void;
}

/** What this machine and this program allow. */
export async function makeRig(print: (line: string) => void): Promise<Rig> {
  return within(Installation.empty(), async (made) => {
    const help = await made.bare('erase', '--help');
    const withErasing = help.stdout.toString().startsWith('Usage: obalka erase');
    const unshare = await made.exec('unshare', ['--pid', '--fork', 'true']).catch(() => ({ code: 1 }));
    const withPids = unshare.code === 0;
    const deck = makeDeck({ withErasing, withPids });
    print(`${deck.length} faults to choose from`);
    if (!withErasing) print('without erasing: this program has no such command');
    if (!withPids) print('without reused pids: unshare --pid is not allowed here');
    return { deck, print };
  });
}

/** The faults of a run: a tenth of the deck, and those of the next runs go on through it. The first life is ended by hand. */
export function share(deck: readonly Make[], seed: number): readonly Make[] {
  const stride = deck.length % 37 === 0 ? 41 : 37;
  return Array.from(
    { length: livesPerRun - 1 },
    (_, at) => deck[((seed * (livesPerRun - 1) + at) * stride) % deck.length] as Make,
  );
}

/** Runs the journal of a seed; everything but time is the same whenever it is asked for. */
export function run(seed: number, { deck, print }: Rig, faults = share(deck, seed)): Promise<Outcome> {
  return within(Installation.with(...recipients), async (made) => {
    const numbers = numbersFrom(seed);
    const load = new Load({
      recipients,
      seed,
      isPatient: true,
      // One journal in four is of large mails.
      firstNumber: seed % 4 === 3 ? largeFrom : 0,
    });
    const outcome = nothingYet();
    /** What was perhaps erased, and what was for certain. */
    const erased = new Set<string>();
    const gone = new Set<string>();
    const known = new Map<string, string>();
    /** Segments in which a disk lied. */
    const lied = new Set<number>();
    const byHand: Make = () => ({ place: 'any moment', name: 'a kill' });
    for (const [life, make] of [byHand, ...faults].entries()) {
      const lane = findLane(made);
      const fault: Fault = make(numbers, lane ?? noLane);
      const before = load.sent.length;
      const acknowledged = load.acknowledged;
      const erase = () => eraseSome(made, known, erased, gone);
      const lived = await live({ made, load, fault, numbers, erase });
      const sent = load.sent.slice(before);
      const after = load.acknowledged - acknowledged;
      const from = lane?.next ?? 0;
      const found = await tally(made, { sent, recipients, from, erased });
      for (const [name, id] of found.ids) known.set(name, id);
      if (fault.isLie) for (let at = from; at < (findLane(made)?.next ?? 0); at++) lied.add(at);
      bookFaults(lived, fault, load.acknowledged, outcome);
      const worst = judge(found, fault, outcome);
      const where = `seed ${seed}, life ${life}: ${fault.place}: ${fault.name}`;
      outcome.broken.push(...lived.failures.map((one) => `${where}: ${one}`));
      const state = lived.isRefused ? 'refused to start' : lived.fired.join(' and ') || 'no fault came';
      print(`${where}: ${state}; ${sent.length} sent, ${after} acknowledged, ${found.read} read${worst}`);
      if (lived.failures.length > 0) print(`  ${lived.failures.join('\n  ')}`);
    }
    const whole = await tally(made, { sent: load.sent, recipients, erased });
    const where = `seed ${seed}, at the end`;
    for (const name of gone)
      if (whole.ids.has(name)) outcome.broken.push(`${where}: ${name} was erased, and opens`);
    outcome.broken.push(...whole.wrong.map((one) => `${where}: ${one}`));
    // What was there after its own life, and is not any more.
    const missed = whole.lost.filter(
      (name) => !outcome.lost.includes(name) && !outcome.costOfLies.includes(name),
    );
    for (const name of missed) print(`${where}: LOST ${name}`);
    outcome.lost.push(...missed);
    outcome.erased = gone.size;
    outcome.sent = load.sent.length;
    outcome.acknowledged = load.acknowledged;
    outcome.refused = load.refused;
    outcome.read = whole.read;
    await verify(made, lied, outcome, where);
    for (const line of outcome.broken) print(`  ${line}`);
    return outcome;
  });
}

function nothingYet(): Outcome {
  return {
    faults: new Map(),
    injected: 0,
    kills: 0,
    fewestBefore: Number.POSITIVE_INFINITY,
    sent: 0,
    acknowledged: 0,
    read: 0,
    refused: 0,
    erased: 0,
    phases: [],
    lost: [],
    broken: [],
    costOfLies: [],
  };
}

/** Books the faults that came in a life, after which so many mails are acknowledged on the journal. */
function bookFaults({ fired, phases }: Life, fault: Fault, acknowledged: number, outcome: Outcome): void {
  for (const one of fired) {
    const place = one === 'killed' && fault.injection ? 'any moment' : fault.place;
    outcome.faults.set(place, (outcome.faults.get(place) ?? 0) + 1);
    if (one === 'killed') outcome.kills++;
    else outcome.injected++;
  }
  if (fired.length > 0) outcome.fewestBefore = Math.min(outcome.fewestBefore, acknowledged);
  outcome.phases.push(...phases);
}

/** Books what was found after a life; gives the words for it. */
function judge({ lost, wrong, damaged }: Tally, fault: Fault, outcome: Outcome): string {
  outcome.broken.push(...wrong);
  // One write that was not made damages one cell: a block is one mail's, for each of its recipients, an envelope one's.
  const numbers = new Set(lost.map((name) => /^mail (\d+)/.exec(name)?.[1]));
  if (fault.isLie && numbers.size <= 1) {
    outcome.costOfLies.push(...lost);
    return [...lost, ...damaged].map((one) => `; the lie cost: ${one}`).join('');
  }
  outcome.lost.push(...lost);
  outcome.broken.push(...damaged);
  return [
    ...lost.map((one) => `; LOST ${one}`),
    ...[...wrong, ...damaged].map((one) => `; BROKEN ${one}`),
  ].join('');
}

/** The program's own word: all is well, or the damage is where a disk has lied. */
async function verify(
  made: Installation,
  lied: ReadonlySet<number>,
  outcome: Outcome,
  where: string,
): Promise<void> {
  const { code, stdout, stderr } = await made.run('verify', '--json', ...identities);
  const { faults, torn } = JSON.parse(stdout.toString() || '{"faults":["verify said nothing"],"torn":0}') as {
    readonly faults: readonly string[];
    readonly torn: number;
  };
  // Above the claim, a cell that does not match its check is torn.
  const isNamed = outcome.costOfLies.length === 0 || faults.length > 0 || torn > 0;
  if (!isNamed) outcome.broken.push(`${where}: a disk that lied has cost mail, and verify does not name it`);
  const unexpected = faults.filter((fault) => !lied.has(Number(/segment (\d+)/.exec(fault)?.[1] ?? -1)));
  outcome.broken.push(...unexpected.map((fault) => `${where}: ${fault}`));
  if ((code === 0) !== (faults.length === 0))
    outcome.broken.push(`${where}: verify ended with ${code}: ${stderr}`);
}

/** The owner of some mails erases them while the server works, and may be cut off; then those are tried again. */
async function eraseSome(
  made: Installation,
  known: ReadonlyMap<string, string>,
  erased: Set<string>,
  gone: Set<string>,
): Promise<void> {
  await wait(100);
  const [recipient = ''] = recipients;
  const prefix = nameOf(recipient, 0).replace('mail 0', '');
  const ours = [...known].filter(([name]) => name.endsWith(prefix) && !gone.has(name)).slice(0, 5);
  if (ours.length === 0) return;
  for (const [name] of ours) erased.add(name);
  const ids = ours.map(([, id]) => id);
  const { code } = await made.run('erase', ...ids, '--identity', recipient.replace(/@.*/, ''));
  if (code === 0) for (const [name] of ours) gone.add(name);
}
