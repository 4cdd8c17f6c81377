/** Sections: every section of a page of spec/ that code or another page names must be a heading there. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const below = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
/** On one line, as sentences in comments are not. */
const textOf = (file: string) => readFileSync(join(root, file), 'utf8').replace(/\n\s*(\*(?!\/) ?)?/g, ' ');

const pages = below('spec', '.md');
const headings = new Map(
  pages.map((page) => [
    page,
    [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
      ([, heading]) => heading as string,
    ),
  ]),
);

/** In code by the path from the root; in pages behind a link. */
const inCode = /\b(spec\/[a-z/-]+\.md), ([A-Z][^;:).]*)/g;
const inPages = /\]\(([a-z./-]+\.md)\), ([A-Z][^;:).|]*)/g;

const faults: string[] = [];
let named = 0;
for (const file of [...pages, ...['src', 'test', 'tools'].flatMap((folder) => below(folder, '.ts'))]) {
  const isPage = file.endsWith('.md');
  for (const [, path = '', words = ''] of textOf(file).matchAll(isPage ? inPages : inCode)) {
    named += 1;
    const page = isPage ? join(dirname(file), path) : path;
    // Words may go on behind the heading.
    if (!headings.get(page)?.some((heading) => words.startsWith(heading)))
      faults.push(`${file}: ${page} has no section ${words.trim().slice(0, 60)}`);
  }
}

for (const line of faults) console.error(line);
console.log(`sections: ${named} named, ${faults.length} faults`);
if (faults.length > 0 || named === 0) process.exitCode = 1;
