/** obalka verify: every cell held against its check, its tree and the pins; with an identity, every mail of it opened. */
import type { Command } from 'commander';
import { type Verification, verify } from '../../reader/verify.js';
import { type ReadingOptions, sayHowToMend, withJournal, withPins } from '../data/journal-reading.js';
import { loadIdentities } from '../keys/identities.js';
import { collect, pinsOption } from '../options.js';
import { counted } from '../terminal/counted.js';
import { print, say } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

interface VerifyOptions extends ReadingOptions {
  readonly json?: boolean;
}

export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check every cell of a journal; exit code 5 and the places if anything is damaged')
    .option('--identity <FILE>', 'also open every mail of this identity; repeatable', collect, [])
    .option('--json', 'one JSON object')
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...pinsOption)
    .action(async (options: VerifyOptions) => {
      const identities = options.identity.length > 0 ? await loadIdentities(options.identity) : [];
      const progress = new Progress('checking');
      await withJournal(options.data, (view) =>
        withPins(options.pins, view, async (pins) => {
          const { newest, confirmed, pinFaults, ...result } = await verify(
            view,
            identities,
            pins,
            (done, total) => progress.at(done, total),
          ).finally(() => progress.end());
          if (options.json) await print(JSON.stringify(result));
          else await tell(result, identities.length > 0);
          for (const fault of result.faults) say(fault);
          if (result.faults.length > 0) process.exitCode = 5;
          sayHowToMend(pinFaults, options.pins);
          return { seen: { newest, confirmed }, result: undefined };
        }),
      );
    });
}

async function tell(result: Verification, hasOpened: boolean): Promise<void> {
  const dropped = result.dropped > 0 ? `, ${counted(result.dropped, 'segment')} dropped` : '';
  await print(`${counted(result.segments, 'segment')}, ${counted(result.cells, 'cell')} checked${dropped}`);
  if (result.torn > 0)
    await print(
      `${counted(result.torn, 'cell')} after the last known one cut off; no acknowledged mail was there`,
    );
  if (hasOpened)
    await print(
      [
        `${counted(result.mails, 'mail')} opened whole`,
        ...(result.void > 0 ? [`${result.void} never acknowledged`] : []),
        ...(result.expired > 0 ? [`${result.expired} expired`] : []),
      ].join(', '),
    );
  else say('not checked: whether mail opens; give --identity FILE for that');
  for (const one of result.lineage) say(one);
  for (const one of result.notChecked) say(`not checked: ${one}`);
}
