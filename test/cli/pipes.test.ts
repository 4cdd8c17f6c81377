/** Pipes: output that nobody reads to its end, that cannot be written, or that is not there. */
import { allEntries, commandTree } from '../../src/cli/command-tree.js';
import { makeProgram } from '../../src/cli/program.js';
import { assert, suite } from '../support/suite.js';
import { changing, elsewhere, printing, withOneMail } from './every-command.js';

const noSpace = /^obalka: standard output: ENOSPC: not everything was written$/m;
const trace = /EPIPE|this is a fault|node:\S|\.js:\d|Error:/;

/** "key new" of "key new FILE", "list" of "list --json". */
function verb(words: string): string {
  const [first = '', second = ''] = words.split(' ');
  return first === 'key' ? `${first} ${second}` : first;
}

suite('pipes', (test) => {
  test('a command is left out of these tests', async () => {
    const entries = allEntries(commandTree(await makeProgram()));
    const names = entries.filter(({ commands, path }) => commands.length === 0 && path.at(-1) !== 'help');
    const lines = [...printing, ...changing];
    const missing = names
      .map(({ path }) => path.join(' '))
      .filter((name) => !(name in elsewhere) && !lines.some((line) => `${line} `.startsWith(`${name} `)));
    assert.equal(missing, [], 'each stands in test/cli/every-command.ts');
  });

  test('whoever reads a pipe leaves early, and the command says so, hangs, or fails', () =>
    withOneMail(async (made, line) => {
      for (const words of printing) {
        const { stdout, stderr } = await made.shell(`${line(words)} | true; echo "\${PIPESTATUS[0]}"`);
        assert.is(stdout.toString(), '0\n', words);
        assert.not.match(stderr, trace, words);
      }
    }));

  test('a disk that is full under standard output is not said, or ends with 0', () =>
    withOneMail(async (made, line) => {
      // One form of each command: they all print by the same functions.
      const first = printing.filter(
        (words, at) => at === printing.findIndex((one) => verb(one) === verb(words)),
      );
      for (const words of first) {
        const { code, stderr } = await made.shell(`${line(words)} >/dev/full`);
        assert.is(code, 1, words);
        assert.match(stderr, noSpace, words);
        assert.not.match(stderr, trace, words);
      }
    }));

  test('standard error that cannot be written changes what is printed, or the exit code', () =>
    withOneMail(async (made, line) => {
      for (const words of ['list', 'read nothing']) {
        const usual = await made.shell(line(words));
        for (const where of ['2>/dev/full', '2>&-', '<&- 2> >(true)']) {
          const { code, stdout } = await made.shell(`${line(words)} ${where}`);
          assert.equal([code, stdout.toString()], [usual.code, usual.stdout.toString()], `${words} ${where}`);
        }
      }
      const { code, stderr } = await made.shell(`${line('list')} >&-`);
      assert.equal([code, stderr], [0, '']);
    }));
});
