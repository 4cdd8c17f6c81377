/** Configuration in use: the file that a command found, and what one of its settings is. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Problem } from '../../core/errors.js';
import type { ConfigurationFile } from './file.js';
import { Wrong } from './kinds.js';
import type { Given, Setting, Sourced } from './setting.js';
import { type WhereKey, type WhereValues, whereSettings } from './where.js';

/** How --config is shown in the help of the commands that have one. */
export const configOption = ['--config <FILE>', 'the configuration; or "none" (OBALKA_CONFIG)'] as const;

/** The file that holds for this run; undefined for none. */
let inUse: ConfigurationFile | undefined;

/** Where a file is looked for that nobody named; the first that is there is taken. */
export function usualFiles(): readonly string[] {
  const folder = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  return [join(folder, 'obalka', 'obalka.toml'), '/etc/obalka/obalka.toml'];
}

/** The file of --config, else of OBALKA_CONFIG, else one of the usual; undefined for "none", or if there is none. */
export function configurationFile(option: string | undefined): string | undefined {
  const named = option ?? (process.env.OBALKA_CONFIG || undefined);
  if (named === 'none') return undefined;
  return named === undefined ? usualFiles().find(isThere) : resolve(named);
}

/** A folder that cannot be entered is somebody else's. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Takes the file that holds for this run, or none. Throws a Problem if it cannot be read, or something is wrong with it. */
export async function useConfiguration(option: string | undefined): Promise<void> {
  inUse = undefined;
  const path = configurationFile(option);
  if (path === undefined) return;
  // The parser and the table of settings are loaded only for those who have a file.
  const { goodConfiguration } = await import('./load.js');
  inUse = await goodConfiguration(path);
}

export function configurationInUse(): ConfigurationFile | undefined {
  return inUse;
}

type WhereInFile = { readonly [K in WhereKey]?: Sourced<WhereValues[K]> };

/** Where something is: what the option says, else the variable, else the configuration, else where it usually is. */
export function whereIs<K extends WhereKey>(
  key: K,
  option: string | readonly string[] | undefined,
): Sourced<WhereValues[K]> {
  const fromFile: WhereInFile | undefined = inUse?.values;
  return resolved(whereSettings[key], { [key]: option }, fromFile?.[key]);
}

/** What holds of a setting: what its options say, else its variable, else the file, else what is usual. Throws a Problem. */
export function resolved<T>(setting: Setting<T>, given: Given, fromFile: Sourced<T> | undefined): Sourced<T> {
  const byOption = ofOptions(setting, given);
  if (byOption) return byOption;
  const { variable, splitAt } = setting;
  const text = variable === undefined ? '' : (process.env[variable] ?? '');
  if (variable !== undefined) {
    const words = (splitAt === undefined ? [text] : text.split(splitAt)).filter((word) => word !== '');
    if (words.length > 0)
      return {
        value: named(() => setting.kind.fromWords(words), `${variable}=${text}`),
        source: { kind: 'environment', name: variable },
      };
  }
  return fromFile ?? { value: setting.usual(), source: { kind: 'default' } };
}

function ofOptions<T>(setting: Setting<T>, given: Given): Sourced<T> | undefined {
  const { options, fromOptions, kind } = setting;
  const flag =
    options.map(({ flags }) => flags).find((flags) => wordsOf(given, flags).length > 0) ?? options[0]?.flags;
  const name = flag?.split(' ')[0] ?? '--set';
  const words = flag === undefined ? [] : wordsOf(given, flag);
  const source = { kind: 'option', name } as const;
  if (fromOptions) {
    const value = named(() => fromOptions(given), `${name} ${words.join(' ')}`.trimEnd());
    return value === undefined ? undefined : { value, source };
  }
  if (words.length === 0) return undefined;
  return {
    value: named(
      () => kind.fromWords(words),
      (part) => `${name} ${words[Number(part[0] ?? 0)]}`,
    ),
    source,
  };
}

/** The words behind an option; one that takes none has one that is empty. */
function wordsOf(given: Given, flags: string): readonly string[] {
  const [, no = '', name = ''] = /^--(no-)?([a-z-]+)/.exec(flags) ?? [];
  const value = given[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
  if (no !== '') return value === false ? [''] : [];
  if (value === true) return [''];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** What is wrong with words becomes a usage Problem that begins with them. */
function named<T>(read: () => T, words: string | ((part: readonly string[]) => string)): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const before = typeof words === 'string' ? words : words(error.path);
    throw new Problem('usage', `${before}: ${error.what}`);
  }
}
