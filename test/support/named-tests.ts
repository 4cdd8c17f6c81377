/** Named tests: whether the tests that a page of the spec names are there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** Text of every test file, by the suites that it defines. */
function suites(): Map<string, string> {
  const folder = join(root, 'test');
  const found = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts')) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    for (const [, , suite] of text.matchAll(/\bsuite\(\s*(['"`])(.*?)\1/g))
      found.set(suite as string, (found.get(suite as string) ?? '') + text);
  }
  return found;
}

/** A literal behind `test(`, or that of a constant which stands there. */
const nameOfTest = /(?:\btest\(|\bconst (\w+) =)\s*(['"`])((?:\\.|(?!\2).)+)\2/g;

/** Whether a file has a test of this name; what a template fills in may be anything. */
function hasTest(text: string, name: string): boolean {
  return [...text.matchAll(nameOfTest)].some(([, constant, , literal]) => {
    if (constant !== undefined && !new RegExp(`\\btest\\(\\s*${constant}\\b`).test(text)) return false;
    const parts = (literal as string).replace(/\\(.)/g, '$1').split(/\$\{[^}]*\}/);
    const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+');
    return parts.some((part) => part.length > 8) && new RegExp(`^${pattern}$`).test(name);
  });
}

const known = suites();

/** What is wrong with a list like "`suite`: test; `suite`: test": suites and tests that are not there. */
export function missingTests(list: string): string[] {
  return list.split(/; (?=`)/).flatMap((named) => {
    const [, suite = '', test = ''] = /^`(.+?)`: (.+)$/.exec(named) ?? [];
    if (!known.has(suite)) return [`no suite ${named}`];
    return hasTest(known.get(suite) as string, test) ? [] : [`no test ${named}`];
  });
}
