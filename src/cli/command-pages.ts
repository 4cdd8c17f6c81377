/** Pages of all commands, by their names. */
import { exitMeanings } from './exit-codes.js';
import { keys } from './pages/keys.js';
import type { CommandPage } from './pages/page.js';
import { reading } from './pages/reading.js';
import { serving } from './pages/serving.js';
import { taking } from './pages/taking.js';

export const commandPages: Readonly<Record<string, CommandPage>> = {
  ...keys,
  ...serving,
  ...reading,
  ...taking,
  '': {
    examples: [
      ['obalka key new me', 'a key: me (secret) and me.pub (public)'],
      ['obalka init --data ./data'],
      ['obalka register me@example.org --key me.pub --data ./data'],
      ['obalka serve --listen 127.0.0.1:2525 --data ./data'],
      ['obalka list --identity me --data ./data'],
    ],
    exitCodes: { 3: '', 4: '', 5: '', 75: '' },
    seeAlso: [],
  },
  demo: { examples: [['obalka demo']], exitCodes: {}, seeAlso: ['key new', 'init'] },
  completion: {
    examples: [
      ['source <(obalka completion bash)', 'in bash or zsh, for now'],
      ['obalka completion bash > ~/.local/share/bash-completion/completions/obalka'],
      ['obalka completion fish > ~/.config/fish/completions/obalka.fish'],
    ],
    exitCodes: {},
    seeAlso: ['man'],
  },
  man: {
    examples: [['obalka man | man -l -', 'the program itself'], ['obalka man key new | man -l -']],
    exitCodes: { 3: 'there is no such command' },
    seeAlso: ['completion'],
  },
};

/** The exit codes of a command and what they mean for it, the least first. */
export function exitCodesOf(name: string): readonly (readonly [number, string])[] {
  const own = commandPages[name]?.exitCodes ?? {};
  const codes = new Set([0, 1, 2, ...Object.keys(own).map(Number)]);
  return [...codes].sort((a, b) => a - b).map((code) => [code, own[code] || (exitMeanings[code] ?? '')]);
}
