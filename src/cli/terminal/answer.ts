/** Answer: what the words of a command line ask for, with errors and exit codes. */
import { CommanderError } from 'commander';
import { Problem } from '../../core/errors.js';
import { refuseDoubled } from '../options.js';
import { makeProgram, namedCommand } from '../program.js';
import { beQuiet, hint, report } from './output.js';

/** Does what the words ask for. What goes wrong is reported, and told by the exit code of the process. */
export async function answer(typed: readonly string[]): Promise<void> {
  /** "help key new" is "key new --help". */
  const words = typed[0] === 'help' && typed.length > 1 ? [...typed.slice(1), '--help'] : typed;
  try {
    if (words.length === 0) await (await import('./first-steps.js')).firstSteps();
    else await run(words);
  } catch (error) {
    report(error);
    if (process.stderr.isTTY) {
      const { mendingCommands } = await import('./mending.js');
      hint(...(await mendingCommands(error, words)).map((command) => `  ${command}`));
    }
  }
}

async function run(words: readonly string[]): Promise<void> {
  refuseDoubled(words);
  const program = await makeProgram(words);
  const { command, path, unknown } = namedCommand(program, words);
  beQuiet(false);
  program.hook('preAction', (_program, command) => beQuiet(command.opts().quiet === true));
  try {
    // A command that there is not has no help of its own: it is the fault, whatever stands behind it.
    const asked = unknown === undefined ? words : words.slice(0, words.indexOf(unknown) + 1);
    await program.parseAsync(asked, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    // Help that was printed because a command of a group is missing.
    if (error.code === 'commander.help') process.exitCode = 2;
    else {
      const { wordsOf } = await import('./wrong-words.js');
      throw new Problem('usage', wordsOf(error, command, path));
    }
  }
}
