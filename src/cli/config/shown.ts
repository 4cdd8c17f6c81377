/** Shown settings: lines that are TOML themselves, each with where its value comes from. */
import { visibleLine } from '../../reader/visible.js';
import type { Source } from './setting.js';
import { type Key, settings } from './settings.js';

const widest = 60;

/** "serve.workers = 2  # /etc/obalka/obalka.toml, line 4"; a setting without a value is a comment. */
export function shownValue(key: Key, value: unknown, source: Source): string {
  const from = sourceWords(source);
  if (value === undefined) {
    const { usually } = settings[key];
    return `${`# ${key}`.padEnd(widest)}  # ${usually === undefined ? 'none' : `${from}: ${usually}`}`;
  }
  return visibleLine(`${`${key} = ${toml(value)}`.padEnd(widest)}  # ${from}`);
}

/** A value as it is written in the file. Strings of JSON are strings of TOML. */
export function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, part]) => `${name} = ${toml(part)}`);
  return `{ ${parts.join(', ')} }`;
}

/** Who says it: "--data", "OBALKA_DATA", "/etc/obalka/obalka.toml, line 3", "default". */
function sourceWords(source: Source): string {
  switch (source.kind) {
    case 'option':
    case 'environment':
      return source.name;
    case 'file':
      return `${source.name}, line ${source.line}`;
    case 'default':
      return 'default';
  }
}
