/** Settings check: a key of the configuration that no code reads is a fault. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keys } from '../src/cli/config/settings.js';
import { whereSettings } from '../src/cli/config/where.js';

/** Files that say of settings what they are, or hold them against each other, and do nothing by them. */
const tables = /^cli\/(config\/(settings|serve-settings|settled|where)|limit-words)\.ts$/;

const source = resolve(import.meta.dirname, '../../src');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !tables.test(file))
  .map((file) => readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
  .join('\n')
  // Where a limit is declared, and where its default is said, nobody reads it.
  .replace(/^ +(readonly )?\w+: (number;|[\d_ *]+,)$/gm, '');

const limit = 'serve.limits.';

function isRead(key: string): boolean {
  if (key in whereSettings) return code.includes(`whereIs('${key}'`);
  if (key.startsWith(limit)) return new RegExp(`\\b${key.slice(limit.length)}\\b`).test(code);
  return code.includes(`['${key}']`);
}

const unread = keys.filter((key) => !isRead(key));
for (const key of unread) console.error(`${key}: no code reads this key of the configuration`);
console.log(`settings: ${keys.length} keys, ${unread.length} faults`);
if (unread.length > 0) process.exitCode = 1;
