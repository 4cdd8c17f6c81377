/** obalka watch: new mail as it comes, printed, and given to a command. */
import { type Command, InvalidArgumentError } from 'commander';
import { Problem } from '../../core/errors.js';
import { journalFolder, type ReadingOptions, sayHowToMend, withJournal } from '../data/journal-reading.js';
import { loadIdentities } from '../keys/identities.js';
import { recallKeySets } from '../keys/told-keys.js';
import { mailJsonLine, mailTextLine } from '../mailbox/mail-lines.js';
import { loadPinsFile, pinsFile, savePins } from '../mailbox/pins-file.js';
import { collect, pinsOption } from '../options.js';
import { untilEnded } from '../signals.js';
import { say } from '../terminal/output.js';
import { Deliveries } from '../watch/deliveries.js';
import { LastingFaults } from '../watch/lasting-faults.js';
import { MailCommand } from '../watch/mail-command.js';
import { WatchState } from '../watch/state-file.js';
import { Watcher } from '../watch/watcher.js';

interface WatchOptions extends ReadingOptions {
  readonly run?: string;
  readonly state?: string;
  readonly all?: boolean;
  readonly once?: boolean;
  readonly every: number;
  readonly json?: boolean;
}

/** A copy that is being made is in order again by then; and nobody waits longer to hear of damage. */
const faultsLastMilliseconds = 2000;
/** Pins move with every checkpoint of a busy server. */
const pinsEveryMilliseconds = 60_000;

export function watchCommand(program: Command): void {
  program
    .command('watch')
    .description('print new mail as it comes, and run a command for each')
    .option('--run <COMMAND>', 'give the shell this command for each mail, the content on standard input')
    .option('--state <FILE>', 'remember here what was delivered, and go on there next time')
    .option('--all', 'where nothing is remembered, begin with the oldest mail')
    .option('--once', 'deliver what has come, and end')
    .option(
      '--every <SECONDS>',
      'look by itself too, for folders that the system says nothing of',
      seconds,
      5,
    )
    .option('--json', 'one JSON object a line')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...pinsOption)
    .action(watch);
}

async function watch(options: WatchOptions): Promise<void> {
  if (options.once && options.state === undefined && !options.all)
    throw new Problem(
      'usage',
      'with --once, name what was delivered before with --state FILE, or give --all',
    );
  const identities = await loadIdentities(options.identity);
  const folder = await journalFolder(options.data);
  const journal = await withJournal(options.data, async ({ id }) => id);
  const state = options.state === undefined ? undefined : await WatchState.open(options.state);
  const pinsPath = pinsFile(options.pins);
  const { pins, keySets } =
    pinsPath === undefined ? { pins: [], keySets: new Map() } : await loadPinsFile(pinsPath);
  const recalled = recallKeySets(keySets, identities, journal, pinsPath);

  let isStopped = false;
  let isMendingSaid = false;
  let pinFaults = 0;
  const command = options.run === undefined ? undefined : new MailCommand(options.run);
  const faults = new LastingFaults(options.once ? 0 : faultsLastMilliseconds, (words) => {
    process.exitCode = 5;
    say(`obalka: ${words}`);
    // Not before it has lasted: the pins of a reader are not thrown away for a copy that is being made.
    if (pinFaults > 0 && !isMendingSaid) sayHowToMend(pinFaults, options.pins);
    isMendingSaid ||= pinFaults > 0;
  });
  const deliveries = new Deliveries({
    command,
    line: options.json ? mailJsonLine : mailTextLine,
    recalled,
    fault: (words) => faults.meet(words),
    isStopped: () => isStopped,
  });
  let toPin: Parameters<typeof savePins>[2] = [];
  let pinned = Number.NEGATIVE_INFINITY;
  const pin = async (isLast: boolean) => {
    const now = performance.now();
    if (pinsPath === undefined || pinFaults > 0 || (!isLast && now - pinned < pinsEveryMilliseconds)) return;
    pinned = now;
    await savePins(pinsPath, pins, toPin, [], recalled.seen(deliveries.changes));
  };
  const watcher = new Watcher({
    folder,
    journal,
    identities,
    deliveries,
    faults,
    state,
    all: options.all ?? false,
    once: options.once ?? false,
    everySeconds: options.every,
    pins,
    isStopped: () => isStopped,
    seen: async (newest, atFault) => {
      pinFaults = atFault;
      if (newest.length > 0) toPin = newest;
      await pin(false);
    },
  });
  void untilEnded((code) => {
    command?.kill();
    process.exit(code);
  }).then(() => {
    isStopped = true;
    watcher.wake();
  });
  try {
    await watcher.run();
    await pin(true);
    if (options.once && deliveries.putOff.size > 0 && process.exitCode === undefined) process.exitCode = 75;
  } finally {
    state?.close();
  }
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(text) || value < 0.1)
    throw new InvalidArgumentError('it should be a number of seconds, 0.1 or more.');
  return value;
}
