/** Settings check: a key of the configuration that no code reads is a fault. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keys } from '../src/cli/config/settings.js';
import { whereSettings } from '../src/cli/config/where.js';

/** Files that say of settings what they are, hold them against each other, or look whether they are good. */
const tables =
  /^cli\/(config\/(settings|serve-settings|settled|where|named-files)|server\/limit-words|doctor\/.*|commands\/(doctor|dns))\.ts$/;

const source = resolve(import.meta.dirname, '../../src');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !tables.test(file))
  .map((file) => readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
  .join('\n');

const limit = 'serve.limits.';
/** All that is taken out of limits by `const { one, other } = limits`. */
const takenOut = [...code.matchAll(/\{([^{}]*)\} = [^;]*?[lL]imits\b/g)].map(([, names]) => names).join();

/** By `limits.name`, taken out of them, or named in the table of kinds of limits that addresses have. */
function isLimitRead(name: string): boolean {
  const read = new RegExp(`[lL]imits\\.${name}\\b|\\{ name: '${name}',`);
  return read.test(code) || new RegExp(`\\b${name}\\b`).test(takenOut);
}

function isRead(key: string): boolean {
  if (key in whereSettings) return code.includes(`whereIs('${key}'`);
  if (key.startsWith(limit)) return isLimitRead(key.slice(limit.length));
  return code.includes(`['${key}']`);
}

const unread = keys.filter((key) => !isRead(key));
for (const key of unread) console.error(`${key}: no code reads this key of the configuration`);
console.log(`settings: ${keys.length} keys, ${unread.length} faults`);
if (unread.length > 0) process.exitCode = 1;
