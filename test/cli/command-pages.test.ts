/** Pages of commands: each command and option is described, shown by examples that work, and stands in the specification. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { commandPages } from '../../src/cli/command-pages.js';
import { allEntries, type CommandEntry, commandTree } from '../../src/cli/command-tree.js';
import { manPage } from '../../src/cli/man-page.js';
import { refuseDoubled } from '../../src/cli/options.js';
import { makeProgram } from '../../src/cli/program.js';
import { commandRows, splitAtRows } from '../../tools/command-rows.js';
import { findProgram } from '../peers/program.js';
import { Installation, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';

const program = await makeProgram();
const entries = allEntries(commandTree(program)).filter(({ path }) => path.at(-1) !== 'help');
const spec = readFileSync(new URL('../../../spec/commands.md', import.meta.url), 'utf8');
const nameOf = ({ path }: CommandEntry) => path.join(' ');

/** The words of a line of shell, as far as examples go: quotes of both kinds, and no escapes. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

function forEach(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEach(child, visit);
}

suite('command pages', (test) => {
  test('a command, an option or an argument has no description, or a command no page', () => {
    const missing: string[] = [];
    for (const entry of entries) {
      const name = `obalka ${nameOf(entry)}`;
      if (entry.description === '') missing.push(`${name}: description`);
      for (const { names, description } of entry.options)
        if (description === '') missing.push(`${name} ${names.join(' ')}: description`);
      for (const { name: argument, description } of entry.arguments)
        if (description === '') missing.push(`${name} ${argument}: description`);
      const examples = commandPages[nameOf(entry)]?.examples.length ?? 0;
      if (examples < 1 || examples > 5) missing.push(`${name}: one to five examples in src/cli/pages`);
    }
    assert.equal(missing, []);
  });

  test('a page is of a command that there is not, or names one', () => {
    const names = new Set(entries.map(nameOf));
    for (const [name, { seeAlso }] of Object.entries(commandPages))
      for (const one of [name, ...seeAlso]) assert.ok(names.has(one), `"${one}" on the page of "${name}"`);
  });

  test('an example is refused', async () => {
    forEach(program, (command) => {
      if (command.commands.length === 0) command.action(() => {});
    });
    let tried = 0;
    for (const [name, { examples }] of Object.entries(commandPages))
      for (const [line] of examples) {
        const words = shellWords(/obalka ((?:(?!\d*[<>])[^|)])*)/.exec(line)?.[1] ?? '');
        assert.ok(name === '' || words.join(' ').startsWith(name), `${line}: on the page of ${name}`);
        try {
          refuseDoubled(words);
          await program.parseAsync(words, { from: 'user' });
        } catch (error) {
          throw new Error(`${line}: ${error instanceof Error ? error.message : error}`);
        }
        tried++;
      }
    assert.ok(tried > 30);
  });

  test('the table of commands in the specification is another than the program', () => {
    assert.equal(splitAtRows(spec).rows, commandRows(entries), '"npm run man" renews it');
  });

  test('the specification names an option that no command has', () => {
    const known = new Set(entries.flatMap(({ options }) => options.flatMap(({ names }) => names)));
    const named = [...spec.matchAll(/(?<![\w-])--[a-z][a-z\d-]+/g)].map(([option]) => option);
    assert.equal(
      [...new Set(named)].filter((option) => !known.has(option)),
      [],
    );
  });

  const groff = findProgram('groff');
  const name = 'a manual page is not clean roff, or loses what it should show';
  if (!groff) return skip(test, name, 'groff is not installed');
  test(name, () =>
    within(Installation.empty(), async (made) => {
      const files = entries.map((entry) => {
        const file = join(made.folder, `${entry.path.join('-') || 'obalka'}.1`);
        writeFileSync(file, manPage(entry));
        return file;
      });
      const { code, stdout, stderr } = await made.exec(groff, [
        '-man',
        '-Tascii',
        '-P-cbou',
        '-ww',
        ...files,
      ]);
      assert.equal([code, stderr], [0, '']);
      const shown = stdout.toString();
      for (const { path, options } of entries) {
        assert.ok(shown.includes(['obalka', ...path].join('-').toUpperCase()));
        for (const option of options)
          assert.ok(shown.includes(option.names.join(', ')), option.names.join(', '));
      }
      // What is typed stands there as it is typed: hyphens, quotes, tildes.
      for (const [line] of commandPages.register?.examples ?? []) assert.ok(shown.includes(line), line);
    }),
  );
});
