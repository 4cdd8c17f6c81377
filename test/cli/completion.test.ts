/** Completion: what real shells offer when a word is begun. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandTree } from '../../src/cli/command-tree.js';
import { bashCompletion } from '../../src/cli/completion/bash.js';
import { fishCompletion } from '../../src/cli/completion/fish.js';
import { zshCompletion } from '../../src/cli/completion/zsh.js';
import { makeProgram } from '../../src/cli/program.js';
import { findProgram } from '../peers/program.js';
import { Installation, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';
import { zshOffers } from './zsh-offers.js';

/** What is typed, and what it becomes, or what is offered. */
const cases: readonly (readonly [typed: string, ...offered: string[]])[] = [
  ['obalka verif', 'verify'],
  ['obalka key ne', 'new'],
  ['obalka key new --q', '--quiet'],
  ['obalka list --li', '--limit'],
  ['obalka serve --stdio ', 'lmtp', 'smtp'],
  ['obalka completion ', 'bash', 'fish', 'zsh'],
  ['obalka help regi', 'register', 'registered'],
  ['obalka man key re', 'restore'],
  ['obalka help key ro', 'rotate'],
  ['obalka list --identity a', 'a file', 'a folder'],
  ['obalka init --data a', 'a folder'],
  ['obalka key public a\\ fi', 'a file'],
];

const tree = commandTree(await makeProgram());

/** A folder with a file and a folder to be completed. */
async function withNames(use: (made: Installation) => Promise<void>): Promise<void> {
  await within(Installation.empty(), async (made) => {
    mkdirSync(join(made.folder, 'a folder'));
    writeFileSync(join(made.folder, 'a file'), '');
    await use(made);
  });
}

suite('completion', (test) => {
  test('bash offers what there is not, or cuts a name at its space', () =>
    withNames(async (made) => {
      writeFileSync(join(made.folder, 'script'), bashCompletion(tree));
      const script = `source ./script
offer() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _obalka; (IFS='|'; echo "\${COMPREPLY[*]}"); }
${cases.map(([typed]) => `offer ${typed}${typed.endsWith(' ') ? "''" : ''}`).join('\n')}
offer obalka init --data = a`;
      const { stdout, stderr } = await made.exec('bash', ['--norc', '-c', script]);
      assert.is(stderr, '');
      const lines = stdout.toString().trimEnd().split('\n');
      const offers = lines.map((line) => line.split('|').sort().join(', '));
      assert.equal(offers, [...cases.map(([, ...offered]) => offered.join(', ')), 'a folder']);
    }));

  const fish = findProgram('fish');
  if (!fish) skip(test, 'fish offers what there is not', 'fish is not installed');
  else
    test('fish offers what there is not', () =>
      withNames(async (made) => {
        writeFileSync(join(made.folder, 'script'), fishCompletion(tree));
        const script = `source ./script\n${cases.map(([typed]) => `complete -C '${typed}'; echo .`).join('\n')}`;
        const { stdout, stderr } = await made.exec(fish, ['--no-config', '-c', script]);
        assert.is(stderr, '');
        const offers = stdout
          .toString()
          .split('.\n')
          .slice(0, -1)
          .map((text) => text.trimEnd().split('\n').map(plain).sort().join(', '));
        assert.equal(
          offers,
          cases.map(([, ...offered]) => offered.join(', ')),
        );
      }));

  const zsh = findProgram('zsh');
  if (!zsh) skip(test, 'zsh offers what there is not', 'zsh is not installed');
  else
    test('zsh offers what there is not', () =>
      withNames(async (made) => {
        writeFileSync(join(made.folder, 'script'), zshCompletion(tree));
        const offers = await zshOffers(
          made,
          zsh,
          cases.map(([typed]) => typed),
        );
        assert.equal(
          offers.map((words) => words.map(plain).join(', ')),
          cases.map(([, ...offered]) => offered.join(', ')),
        );
      }));
});

/** An offer: without its description, its escapes and the stroke behind a folder. */
function plain(line: string): string {
  return line.replace(/\t.*/, '').replace(/\\(.)/g, '$1').replace(/\/$/, '');
}
