/**
 * Pack: the modules with which commands that read mail begin, in one file, dist/packed/pack.js, and what most of them load
 * where there is new mail in another. Loading a hundred modules one by one takes a fifth of the time of a list.
 *
 *   node dist/tools/pack.js
 *
 * What such a command loads later stands beside it as copies that take what is packed from the pack: there is one of each
 * class, whoever asks for it. All other commands, threads and child processes are those of dist/src, as they stand there.
 * It reads what the compiler writes, one import or export a line, and refuses everything else.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Commands that begin with the pack. */
export const packedCommands = ['list', 'search', 'count', 'read', 'mark', 'save', 'watch', 'export'];

/** What is packed, in order: these, and what they import that is in no pack before. */
const packs: Readonly<Record<string, readonly string[]>> = {
  pack: ['cli/terminal/answer.js', 'cli/commands/list.js', 'cli/commands/search.js'],
  // Loaded where there is new mail.
  news: [
    'reader/blocks.js',
    'reader/cache/kept-cells.js',
    'reader/cache/seek.js',
    'reader/mail.js',
    'sqlite/process-lock.js',
  ],
};
const commandTable = 'cli/command-table.js';

const importLine = /^import (?:(\w+)(?:, )?)?(?:\{([^}]*)\}|\* as (\w+))? ?from '([^']+)';\n/gm;
const laterImport = /\bimport\('(\.[^']+)'\)/g;
const exportLine = /^export (async function\*?|function\*?|class|const) (\w+)/gm;
const exportList = /^export \{([^}]*)\};\n/gm;

interface Module {
  /** Path below dist/src. */
  readonly file: string;
  readonly text: string;
  /** Paths of what it imports, and of what it may import later. */
  readonly imports: readonly string[];
  readonly later: readonly string[];
}

const dist = resolve(import.meta.dirname, '..');

/** Makes the pack of the program that was compiled last. */
export function makePack(): void {
  writePack(join(dist, 'src'), join(dist, 'packed'));
}

/** Where a packed module is: in which file, and under which name. */
interface Place {
  readonly pack: string;
  readonly name: string;
}

type Places = Map<string, Place>;

/** What stands at the head of a file: what it takes from outside, and from packs. */
class Heads {
  readonly #outside = new Map<string, string>();
  readonly #packed = new Map<string, Set<string>>();

  /** A name for all that is exported outside. */
  nameOf(from: string): string {
    const name = this.#outside.get(from) ?? `x${this.#outside.size}`;
    this.#outside.set(from, name);
    return name;
  }

  take({ pack, name }: Place): string {
    this.#packed.set(pack, (this.#packed.get(pack) ?? new Set()).add(name));
    return name;
  }

  /** `root`: the way to the folder of the packs. */
  text(root: string): string {
    const all = [...this.#outside].map(([from, name]) => `import * as ${name} from '${from}';\n`);
    for (const [pack, names] of this.#packed)
      all.push(`import { ${[...names].join(', ')} } from '${root}/${pack}.js';\n`);
    return all.join('');
  }
}

/** Writes the pack of the program in `source` to `target`, a folder beside it; what is there as it should be stays. */
function writePack(source: string, target: string): void {
  const made = pack(source, relative(target, source));
  for (const [file, text] of made) {
    const path = join(target, file);
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
  for (const file of readdirSync(target, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.js') && !made.has(file)) rmSync(join(target, file));
}

/** Path → text of the files of the pack. `up` is the way from it to the program. */
function pack(source: string, up: string): Map<string, string> {
  const modules = new Map<string, Module>();
  const moduleAt = (file: string): Module => {
    const known = modules.get(file) ?? readModule(source, file);
    modules.set(file, known);
    return known;
  };
  const places: Places = new Map();
  for (const [pack, entries] of Object.entries(packs))
    for (const file of inOrder(entries, moduleAt))
      if (!places.has(file)) places.set(file, { pack, name: `m${places.size}` });
  const beside = reachable(places, moduleAt);
  const written = new Map([['obalka.js', startText(places, up)]]);
  for (const pack of Object.keys(packs)) {
    const heads = new Heads();
    const bodies = [...places]
      .filter(([, place]) => place.pack === pack)
      .map(([file, { name }]) => {
        const { text, exported } = packedBody(moduleAt(file), pack, places, beside, heads, up);
        // Only what waits at its top level has to be waited for.
        const begin = /^(?!async )\S.*\bawait /m.test(text) ? 'await (async () => {' : '(() => {';
        return `export const ${name} = ${begin}\n${text}return { ${exported.join(', ')} };\n})();\n`;
      });
    written.set(`${pack}.js`, heads.text('.') + bodies.join(''));
  }
  for (const file of beside) written.set(file, besideText(moduleAt(file), places, beside, up));
  return written;
}

function readModule(source: string, file: string): Module {
  const text = readFileSync(join(source, file), 'utf8').replace(/^\/\/# sourceMappingURL.*\n?/m, '');
  const at = (from: string) => join(dirname(file), from);
  const imports = [...text.matchAll(importLine)].map(([, , , , from]) => from as string);
  const lines = text.match(/^(import\b(?!\()|export\b.* from )/gm) ?? [];
  if (lines.length !== imports.length) throw new Error(`${file}: has an import that cannot be read`);
  return {
    file,
    text,
    imports: imports.filter(isOwn).map(at),
    later: [...text.matchAll(laterImport)].map(([, from]) => at(from as string)),
  };
}

/** Modules and all that they import, each behind what it imports itself. Throws if some import each other. */
function inOrder(entries: readonly string[], moduleAt: (file: string) => Module): string[] {
  const order: string[] = [];
  const open = new Set<string>();
  const visit = (file: string) => {
    if (order.includes(file)) return;
    if (open.has(file)) throw new Error(`${file}: imports itself in the end`);
    open.add(file);
    for (const other of moduleAt(file).imports) visit(other);
    order.push(file);
  };
  for (const entry of entries) visit(entry);
  return order;
}

/** What is not packed, and is loaded by what is, or by one of these; of commands, only those that begin with the pack. */
function reachable(packed: Places, moduleAt: (file: string) => Module): Set<string> {
  const isOther = (file: string) =>
    file.startsWith('cli/commands/') && !packedCommands.includes(file.slice('cli/commands/'.length, -3));
  const found = new Set<string>();
  const visit = (file: string) => {
    if (packed.has(file) || found.has(file)) return;
    found.add(file);
    goOn(moduleAt(file));
  };
  const goOn = ({ file, imports, later }: Module) => {
    for (const other of [...imports, ...later.filter((one) => file !== commandTable || !isOther(one))])
      visit(other);
  };
  for (const file of packed.keys()) goOn(moduleAt(file));
  return found;
}

/** A packed module: what it imports is taken from what stands above it, and what it exports is given back. */
function packedBody(
  module: Module,
  pack: string,
  places: Places,
  beside: ReadonlySet<string>,
  heads: Heads,
  up: string,
): { text: string; exported: string[] } {
  const { file } = module;
  const exported: string[] = [];
  const text = withMeta(file, up, module.text)
    .replace(importLine, (_line, whole = '', named = '', all = '', from: string) => {
      const place = isOwn(from) ? places.get(join(dirname(file), from)) : undefined;
      const name = !place ? heads.nameOf(from) : place.pack === pack ? place.name : heads.take(place);
      return [
        whole && `const ${whole} = ${name}.default;\n`,
        all && `const ${all} = ${name};\n`,
        named.trim() && `const { ${taken(named)} } = ${name};\n`,
      ].join('');
    })
    .replace(laterImport, (_all, from: string) => {
      const other = join(dirname(file), from);
      const place = places.get(other);
      if (!place) return `import('./${beside.has(other) ? '' : `${up}/`}${other}')`;
      return place.pack === pack ? `Promise.resolve(${place.name})` : later('.', place);
    })
    .replace(exportLine, (_all, kind: string, name: string) => {
      exported.push(name);
      return `${kind} ${name}`;
    })
    .replace(exportList, (_line, list: string) => {
      for (const one of list.split(',').map((word) => word.trim())) {
        const [name, as = name] = one.split(' as ');
        if (name) exported.push(`${as}: ${name}`);
      }
      return '';
    });
  const odd = /^(import|export)\b.*/m.exec(text);
  if (odd) throw new Error(`${file}: cannot be packed: ${odd[0]}`);
  return { text, exported };
}

/** A copy of a module that is not packed. */
function besideText(module: Module, places: Places, beside: ReadonlySet<string>, up: string): string {
  const { file } = module;
  const root = relative(dirname(file), '.') || '.';
  const heads = new Heads();
  const text = withMeta(file, `${root}/${up}`, module.text)
    .replace(importLine, (line, _whole, named = '', _all, from: string) => {
      const place = places.get(join(dirname(file), from));
      return isOwn(from) && place ? `const { ${taken(named)} } = ${heads.take(place)};\n` : line;
    })
    .replace(laterImport, (all, from: string) => {
      const other = join(dirname(file), from);
      const place = places.get(other);
      if (place) return later(root, place);
      return beside.has(other) ? all : `import('${root}/${up}/${other}')`;
    });
  return heads.text(root) + text;
}

function later(root: string, { pack, name }: Place): string {
  return `import('${root}/${pack}.js').then(({ ${name} }) => ${name})`;
}

/** A module that asks where it is gets the answer of the file that it was made from: threads stand beside that. */
function withMeta(file: string, up: string, text: string): string {
  if (!/\bimport\.meta\b/.test(text)) return text;
  if (/\bimport\.meta\b(?!\.url\b)/.test(text)) throw new Error(`${file}: may ask for no more than its url`);
  const url = `new URL('${up.startsWith('.') ? '' : './'}${up}/${file}', import.meta.url)`;
  // A word that only this tool writes.
  const made = `const ownPlace = ${url}.href;\n`;
  return made + text.replace(/\bimport\.meta\.url\b/g, 'ownPlace');
}

/** The program itself. Whether a word names a command that reads is known without loading anything. */
function startText(places: Places, up: string): string {
  const nameOf = (file: string) => places.get(`cli/terminal/${file}.js`)?.name;
  const [output, answer] = [nameOf('output'), nameOf('answer')];
  return `#!/usr/bin/env node
// Made by tools/pack.ts.
const isReading = /^(${packedCommands.join('|')})$/.test(process.argv[2] ?? '');
// Where it cannot be loaded, without SQLite for one, the other says why.
const pack = isReading ? await import('./pack.js').catch(() => undefined) : undefined;
if (pack) {
  pack.${output}.heedStreams();
  await pack.${answer}.answer(process.argv.slice(2));
} else await import('./${up}/cli/obalka.js');
`;
}

/** "a, b as c" as it is written where something is taken apart: "a, b: c". */
function taken(named: string): string {
  return named.trim().replaceAll(' as ', ': ');
}

function isOwn(from: string): boolean {
  return from.startsWith('.');
}

if (process.argv[1] === import.meta.filename) makePack();
