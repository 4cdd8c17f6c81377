/** Terminal: who gets colour, lines that are written over, and cut lines. */
import { stripVTControlCharacters } from 'node:util';
import { shownCommand } from '../../src/cli/terminal/shell-word.js';
import { bold, hasColour, isTerminal, widthOf } from '../../src/cli/terminal/terminal.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { runOnTerminal } from '../support/terminal.js';

/** Runs with variables of the environment changed; undefined removes one. */
function withVariables(values: Readonly<Record<string, string | undefined>>, use: () => void): void {
  const before = new Map(Object.keys(values).map((name) => [name, process.env[name]]));
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(values)) set(name, value);
  try {
    use();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

const usual = { NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm', COLUMNS: undefined };

suite('terminal', (test) => {
  test('colour goes where nobody wants it, or not where somebody does', () => {
    const cases: readonly (readonly [variables: Record<string, string>, isTTY: boolean, colour: boolean])[] =
      [
        [{}, true, true],
        [{}, false, false],
        [{ NO_COLOR: '1' }, true, false],
        [{ NO_COLOR: '' }, true, true],
        [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
        [{ FORCE_COLOR: '1' }, false, true],
        [{ FORCE_COLOR: '0' }, true, false],
        [{ FORCE_COLOR: '' }, false, false],
        [{ TERM: 'dumb' }, true, false],
      ];
    for (const [variables, isTTY, colour] of cases)
      withVariables({ ...usual, ...variables }, () => {
        assert.is(hasColour({ isTTY }), colour, JSON.stringify([variables, isTTY]));
        assert.is(bold('x', { isTTY }) !== 'x', colour);
      });
    withVariables({ TERM: 'dumb' }, () => assert.not(isTerminal({ isTTY: true })));
  });

  test('the width is that of another terminal, or none at all', () => {
    withVariables(usual, () => {
      assert.is(widthOf({ columns: 132 }), 132);
      assert.is(widthOf({ columns: 0 }), 80);
      assert.is(widthOf({}), 80);
    });
    withVariables({ COLUMNS: '100' }, () => assert.is(widthOf({}), 100));
    withVariables({ COLUMNS: 'wide' }, () => assert.is(widthOf({}), 80));
  });

  test('help on a terminal has no bold titles, or keeps them with NO_COLOR, or is wider than it', () =>
    within(Installation.empty(), async (made) => {
      const shown = async (variables: string) =>
        (
          await runOnTerminal(made, `stty cols 76; unset NO_COLOR; ${variables} obalka serve --help`)
        ).stdout.toString();
      const [coloured, plain] = await Promise.all([shown('export TERM=xterm;'), shown('export NO_COLOR=1;')]);
      assert.ok(coloured.includes('\u001b[1mOptions:\u001b[22m'));
      assert.not(plain.includes('\u001b'));
      assert.is(stripVTControlCharacters(coloured), plain);
      for (const line of plain.slice(plain.indexOf('Options:')).split('\n'))
        assert.ok(line.length <= 76, line);
    }));

  test('a printed command is read otherwise by a shell', () =>
    within(Installation.empty(), async (made) => {
      const words = ["it's", '$HOME', 'a b', '*', '', '`x`', '~', 'plain-1.2/3', 'back\\slash', '"'];
      const { stdout } = await made.exec('bash', [
        '-c',
        shownCommand(...words).replace(/^obalka/, "printf '%s\\n'"),
      ]);
      assert.equal(stdout.toString().split('\n').slice(0, -1), words);
    }));

  test('--quiet says what was done, or keeps back what is wrong', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const register = ['register', 'bob@example.org', '--key', 'ann.pub'];
      const done = await made.run(...register, '--quiet');
      assert.equal([done.code, done.stdout.toString(), done.stderr], [0, '', '']);
      const wrong = await made.run(...register.slice(0, 3), 'absent', '--quiet');
      assert.equal([wrong.code, /^obalka: absent: /.test(wrong.stderr)], [3, true]);
      const terminal = await runOnTerminal(made, 'obalka init --data other --quiet');
      assert.equal([terminal.code, terminal.stdout.toString()], [0, '']);
    }));
});
