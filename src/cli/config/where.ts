/** Settings that say where things are: the data directory, and what a reader has. Every command may need them. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pepperHelp } from '../options.js';
import { path, pathOrNone, several } from './kinds.js';
import type { Setting } from './setting.js';

export interface WhereValues {
  readonly data: string;
  readonly identity: readonly string[];
  readonly pepper: string | undefined;
  readonly cache: string;
  readonly pins: string;
}

export type WhereKey = keyof WhereValues;

/** Where `key new` puts the identity, and readers look for it, if no file is named. */
export function defaultIdentityFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'obalka', 'identity');
}

const data: Setting<string> = {
  kind: path,
  usual: () =>
    process.getuid?.() === 0
      ? '/var/lib/obalka'
      : join(process.env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'obalka'),
  usually: '/var/lib/obalka for root, ~/.local/share/obalka for others',
  options: [{ flags: '--data <DIR>', help: 'where the data is kept (OBALKA_DATA)' }],
  variable: 'OBALKA_DATA',
};

/** A file that systemd handed over by LoadCredential=; undefined if there is none of this name. */
function credential(name: string): string | undefined {
  const folder = process.env.CREDENTIALS_DIRECTORY;
  const file = folder && join(folder, name);
  return file && existsSync(file) ? file : undefined;
}

const pepper: Setting<string | undefined> = {
  kind: path,
  usual: () => credential('pepper'),
  usually: 'a systemd credential, or pepper in the data directory',
  options: [{ flags: '--pepper <FILE>', help: pepperHelp }],
  variable: 'OBALKA_PEPPER',
};

const identity: Setting<readonly string[]> = {
  kind: several(path, 1),
  usual: () => [defaultIdentityFile()],
  usually: '~/.config/obalka/identity',
  options: [{ flags: '--identity <FILE>', help: 'your identity; repeatable (OBALKA_IDENTITY)' }],
  variable: 'OBALKA_IDENTITY',
  splitAt: ':',
};

const cache: Setting<string> = {
  kind: pathOrNone,
  usual: () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'obalka'),
  usually: '~/.cache/obalka',
  options: [
    {
      flags: '--cache <DIR>',
      help: 'where what was found is kept, sealed to your identity; or "none" (OBALKA_CACHE)',
    },
  ],
  variable: 'OBALKA_CACHE',
};

const pins: Setting<string> = {
  kind: pathOrNone,
  usual: () => join(process.env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'obalka', 'pins.json'),
  usually: '~/.local/state/obalka/pins.json',
  options: [
    { flags: '--pins <FILE>', help: 'what you have seen, to notice rollback; or "none" (OBALKA_PINS)' },
  ],
  variable: 'OBALKA_PINS',
};

export const whereSettings: { readonly [K in WhereKey]: Setting<WhereValues[K]> } = {
  data,
  pepper,
  identity,
  cache,
  pins,
};
