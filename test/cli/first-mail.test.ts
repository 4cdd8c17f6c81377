/** First mail: a person with a terminal and no manual gets from nothing to reading, by what each command prints. */
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import type { Server } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { printedCommands, runOnTerminal } from '../support/terminal.js';
import { until } from '../support/until.js';

const subject = 'My first sealed mail';

/** Types the lines, and then each command that is printed, once, until a mail is read. Returns what was typed. */
async function follow(made: Installation, lines: readonly string[]): Promise<string[]> {
  const typed: string[] = [];
  const queue = [...lines];
  while (queue.length > 0 && typed.length < 15) {
    const line = queue.shift() as string;
    if (typed.includes(line) || line.includes('--help')) continue;
    typed.push(line);
    let shown: string;
    if (line.startsWith('obalka serve')) shown = await serve(made, line);
    else {
      const { code, stdout } = await runOnTerminal(made, line);
      // less ends lines with a sequence that sets colours back.
      shown = stdout.toString().replaceAll('\u001b[m', '');
      assert.is(code, line === 'obalka' ? 2 : 0, `${line}: ${shown}`);
    }
    if (line.startsWith('obalka read')) {
      assert.match(shown, new RegExp(`^Subject: +${subject}$`, 'm'));
      assert.match(shown, /^It works\.$/m);
      return typed;
    }
    queue.unshift(...printedCommands(shown));
  }
  throw new Error(`no mail was read: ${typed.join('; ')}`);
}

/** Any port in place of the one printed, which may be taken here. Resolves when it has said how to go on. */
async function serve(made: Installation, line: string): Promise<string> {
  assert.match(line, / --listen 127\.0\.0\.1:2525( |$)/);
  const server: Server = made.startOnTerminal(line.replace(':2525', ':0'));
  await server.listening();
  await until('it says how to go on', () => /^ {2}obalka list.*\n/m.test(server.stdout));
  return server.stdout;
}

suite('first mail', (test) => {
  test('whoever types "obalka", and then what is printed, does not get to reading a mail', () =>
    within(Installation.empty(), async (made) => {
      made.environment.OBALKA_DATA = join(made.folder, "mail's data");
      const typed = await follow(made, ['obalka']);
      assert.equal(
        typed.map((line) =>
          line
            .split(' ')
            .slice(0, 2)
            .join(' ')
            .replace(/^printf.*/, 'mail'),
        ),
        [
          'obalka',
          'obalka key',
          'obalka init',
          'obalka register',
          'obalka serve',
          'mail',
          'obalka list',
          'obalka read',
        ],
      );
    }));

  test('a key in the folder, or a place for mail that has to be quoted, makes a printed command useless', () =>
    within(Installation.empty(), async (made) => {
      made.environment.OBALKA_DATA = join(made.folder, 'absent');
      await made.must('key', 'new', 'my key');
      const typed = await follow(made, ['obalka init --data "./mail\'s data"']);
      assert.ok(
        typed.every((line) => !line.startsWith('obalka') || line.includes("mail'")),
        typed.join('; '),
      );
    }));

  test('a place for mail in this folder is not seen, and the way leads to a second one', () =>
    within(Installation.with('me@example.org'), async (made) => {
      made.environment.OBALKA_DATA = join(made.folder, 'absent');
      const to = 'register you@example.org --key me.pub --data data';
      const serving = 'serve --listen 127.0.0.1:2525 --data data';
      const list = 'list --identity me --data data';
      const lines: [line: string, ...printed: string[]][] = [
        ['obalka', to, serving, list],
        ['obalka list --unread -- ', 'list --unread --identity me --data data --'],
        [`obalka list --identity me`, list],
        [`obalka register you@example.org --key me.pub --data data`, serving],
      ];
      for (const [line, ...printed] of lines) {
        const shown = (await runOnTerminal(made, line)).stdout.toString();
        const commands = printedCommands(shown).filter((one) => one !== 'obalka --help');
        assert.equal(
          commands,
          printed.map((one) => `obalka ${one}`),
          `${line}: ${shown}`,
        );
      }
      const server = await made.serve();
      const running = (await runOnTerminal(made, 'obalka')).stdout.toString();
      assert.equal(printedCommands(running), [`obalka ${list}`, 'obalka --help'], running);
      // Where readers look first lies another key, which opens nothing of it.
      await made.must('key', 'new');
      const line = 'obalka register me2@example.org --key me.pub --data data';
      const registered = (await runOnTerminal(made, line)).stdout.toString();
      assert.equal(printedCommands(registered), [`obalka ${list}`], registered);
      assert.is((await server.stop()).code, 0);
    }));

  test('what is typed too early, or with the wrong file, is not mended by what is printed', () =>
    within(Installation.empty(), async (made) => {
      made.environment.OBALKA_DATA = join(made.folder, 'my data');
      const usual = `${made.folder}/home/.config/obalka/identity`;
      const to = 'obalka register you@example.org';
      const serving = 'obalka serve --listen 127.0.0.1:2525 --data ./d';
      // Whether it is wrong, what is typed, and the commands that are printed for it.
      const lines: [wrong: boolean, line: string, ...printed: string[]][] = [
        [true, 'obalka list', 'obalka key new'],
        [false, 'obalka key new', 'obalka init'],
        [true, 'obalka list', 'obalka init'],
        [true, to, `${to} --key ${usual}.pub`],
        [true, `${to} --key ${usual}.pub`, 'obalka init'],
        [true, 'obalka serve --listen 127.0.0.1:0 --data ./d', 'obalka init --data ./d'],
        [false, 'obalka init --data ./d', `${to} --key ${usual}.pub --data ./d`, serving],
        [false, 'obalka list --data ./d', `${to} --key ${usual}.pub --data ./d`, serving],
        [true, `${to} --key ${usual} --data ./d`, `${to} --key ${usual}.pub --data ./d`],
        [false, `${to} --key ${usual}.pub --data ./d`, serving],
        [
          true,
          `obalka list --identity ${usual}.pub --data ./d`,
          `obalka list --identity ${usual} --data ./d`,
        ],
        [true, `chmod 644 ${usual}; obalka list --identity ${usual} --data ./d`, `chmod 600 ${usual}`],
        [true, `chmod 600 ${usual}; obalka read --data ./d`, 'obalka list --data ./d'],
        [true, 'obalka read aaaaaaa --data ./d', 'obalka list --data ./d'],
        [
          true,
          `mv ${usual} 'my key'; mv ${usual}.pub 'my key.pub'; obalka list --data ./d`,
          `obalka list --data ./d --identity 'my key'`,
        ],
      ];
      for (const [wrong, line, ...printed] of lines) {
        const { code, stdout } = await runOnTerminal(made, line);
        const shown = stdout.toString();
        assert.equal([code !== 0, ...printedCommands(shown)], [wrong, ...printed], `${line}: ${shown}`);
      }
    }));
});
