/**
 * Maker of the test vectors: writes spec/vectors/*.vector, the same octets each time and everywhere.
 *
 *   node dist/tools/vectors/make.js [--check]
 *
 * With --check nothing is written, and it fails if a file is missing, left over, or has other octets.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { entries } from './all.js';
import { encodeEntry } from './entry.js';

const folder = resolve(import.meta.dirname, '../../../spec/vectors');
const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
const left = new Set(readdirSync(folder).filter((name) => name.endsWith('.vector')));
const differences: string[] = [];
let octets = 0;

for (const entry of entries) {
  const name = `${entry.name}.vector`;
  const bytes = encodeEntry(entry);
  octets += bytes.length;
  const known = left.delete(name) ? readFileSync(join(folder, name)) : undefined;
  if (known && Buffer.compare(known, bytes) === 0) continue;
  differences.push(`${name}: ${known ? 'has other octets' : 'is missing'}`);
  if (!check) writeFileSync(join(folder, name), bytes);
}
for (const name of left) {
  differences.push(`${name}: is made by no entry`);
  if (!check) rmSync(join(folder, name));
}

for (const line of differences) console.log(line);
console.log(`vectors: ${entries.length} files, ${octets} octets, ${differences.length} differences`);
if (check && differences.length > 0) process.exitCode = 1;
