/** Maker of what follows from the table of commands: a manual page for each in dist/man, and the table in spec/commands.md. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { allEntries, commandTree } from '../src/cli/command-tree.js';
import { manName, manPage } from '../src/cli/man-page.js';
import { makeProgram } from '../src/cli/program.js';
import { commandRows, splitAtRows } from './command-rows.js';

const folder = resolve(import.meta.dirname, '../man');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const entries = allEntries(commandTree(await makeProgram())).filter(({ path }) => path.at(-1) !== 'help');
for (const entry of entries) writeFileSync(join(folder, `${manName(entry.path)}.1`), manPage(entry));

const page = resolve(import.meta.dirname, '../../spec/commands.md');
const text = readFileSync(page, 'utf8');
const { above, below } = splitAtRows(text);
const renewed = `${above}${commandRows(entries).join('\n')}\n${below}`;
if (renewed !== text) writeFileSync(page, renewed);

// npm links the pages that a package names, and no folder of them.
const packageFile = resolve(import.meta.dirname, '../../package.json');
const packageText = readFileSync(packageFile, 'utf8');
const named = entries.map(({ path }) => `    "./dist/man/${manName(path)}.1"`).sort();
const packageRenewed = packageText.replace(/("man": \[\n)[^\]]*(\n {2}\])/, (_, begin, end) =>
  [begin, named.join(',\n'), end].join(''),
);
if (packageRenewed !== packageText) writeFileSync(packageFile, packageRenewed);
console.log(`${entries.length} pages in ${folder}`);
