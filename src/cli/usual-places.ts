/** Usual places: where a person's files are if nothing names others (XDG Base Directory Specification; spec/commands.md). */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `key new` puts the identity, and readers look for it. */
export function defaultIdentityFile(): string {
  return inHome('XDG_CONFIG_HOME', '.config', 'identity');
}

export function defaultDataFolder(): string {
  return process.getuid?.() === 0 ? '/var/lib/obalka' : inHome('XDG_DATA_HOME', '.local/share');
}

export function defaultCacheFolder(): string {
  return inHome('XDG_CACHE_HOME', '.cache');
}

export function defaultPinsFile(): string {
  return inHome('XDG_STATE_HOME', '.local/state', 'pins.json');
}

/** An empty variable is one that was not set. */
function inHome(variable: string, usual: string, ...more: readonly string[]): string {
  return join(process.env[variable] || join(homedir(), usual), 'obalka', ...more);
}
