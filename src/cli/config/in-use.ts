/** Configuration in use: the file that a command found, and what one of its settings is. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ConfigurationFile } from './file.js';
import { resolved } from './resolved.js';
import type { Sourced } from './setting.js';
import { type WhereKey, type WhereValues, whereSettings } from './where.js';

/** How --config is shown in the help of the commands that have one. */
export const configOption = ['--config <FILE>', 'the configuration; or "none" (OBALKA_CONFIG)'] as const;

/** The file that holds for this run; undefined for none. */
let inUse: ConfigurationFile | undefined;

/** Where a file is looked for that nobody named; the first that is there is taken. */
export function usualFiles(): readonly string[] {
  const folder = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  return [...new Set([join(folder, 'obalka', 'obalka.toml'), '/etc/obalka/obalka.toml'])];
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
