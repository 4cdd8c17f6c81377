/** obalka verify: every cell held against its check; with an identity, every mail of it opened. */
import type { Command } from 'commander';
import { verify } from '../../reader/verify.js';
import { loadIdentities } from '../identities.js';
import { withJournal } from '../journal-reading.js';
import { collect } from '../options.js';
import { print, say } from '../output.js';

interface VerifyOptions {
  readonly identity: readonly string[];
  readonly json?: boolean;
  readonly data?: string;
}

export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check every cell of a journal; exit code 5 and the places if anything is damaged')
    .option('--identity <FILE>', 'also open every mail of this identity; repeatable', collect, [])
    .option('--json', 'one JSON object')
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .action(async (options: VerifyOptions) => {
      const identities = options.identity.length > 0 ? await loadIdentities(options.identity) : [];
      const result = await withJournal(options.data, (view) => verify(view, identities));
      if (options.json) await print(JSON.stringify(result));
      else {
        await print(`${result.segments} segments, ${result.cells} cells checked`);
        if (result.torn > 0)
          await print(
            `${result.torn} cells after the last known one were cut off; no acknowledged mail was in them`,
          );
        if (identities.length > 0)
          await print(
            `${result.mails} mails opened whole${result.void > 0 ? `, ${result.void} never acknowledged` : ''}`,
          );
        else say('not checked: whether mail opens; give --identity FILE for that');
      }
      for (const fault of result.faults) say(fault);
      if (result.faults.length > 0) process.exitCode = 5;
    });
}
