/** Layers check: an import goes down a floor or stays at home, and each outside package has one door. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { doors } from './doors.js';

/** Folder → floor. Neighbours on one floor do not know each other. */
const floors: Record<string, number> = {
  core: 1,
  format: 2,
  smtp: 3,
  seal: 3,
  net: 4,
  journal: 4,
  sqlite: 4,
  registry: 4.5,
  server: 5,
  reader: 5,
  library: 5,
  cli: 6,
};

/** Floors up to this one have no clock, no chance and no timers of their own: they take them as arguments. */
const highestPureFloor = 3;
const impure =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandom(Bytes|FillSync|UUID)\b|\bset(Timeout|Interval|Immediate)\b|\bprocess\./;

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const faults: string[] = [];

for (const file of files) {
  const folder = file.split('/')[0] as string;
  const floor = floors[folder];
  const text = readFileSync(join(source, file), 'utf8');
  const fault = (what: string) => faults.push(`src/${file}: ${what}`);

  if (floor === undefined) {
    fault(`folder ${folder} stands on no floor (see tools/layers.ts)`);
    continue;
  }
  if (!text.startsWith('/**') && !text.startsWith('#!'))
    fault('the first line does not say what the file is');
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  if (floor <= highestPureFloor && impure.test(code))
    fault(`floor ${floor} takes clock, chance and timers as arguments: ${impure.exec(code)?.[0]}`);
  if (/^export \* from/m.test(code)) fault('barrel: export things where they are made');

  for (const [, from] of code.matchAll(/(?:\bfrom\s+|(?<!')\bimport\s*\(?\s*)'([^']+)'/g)) {
    if (from?.startsWith('.')) {
      const target = relative(source, resolve(source, dirname(file), from)).split('/')[0] as string;
      if (target === folder) continue;
      const below = floors[target];
      if (below === undefined) fault(`imports ${from}, which is outside src/`);
      else if (below >= floor) fault(`floor ${floor} imports ${from}, which is on floor ${below}`);
    } else {
      const allowed = doors[from as string];
      if (!allowed) fault(`imports ${from}, which has no door (see tools/doors.ts)`);
      else if (!allowed.includes(folder)) fault(`imports ${from}, whose door is ${allowed.join(' and ')}`);
    }
  }
}

for (const line of faults) console.error(line);
console.log(`layers: ${files.length} files, ${faults.length} faults`);
if (faults.length > 0) process.exitCode = 1;
