/**
 * Pack: the program in few files, in dist/packed. Loading a hundred modules one by one takes a fifth of the time of a list.
 *
 *   node dist/tools/pack.js
 *
 * Commands that read mail begin with the pack. All other commands, threads and child processes are those of dist/src, as
 * they stand there.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type ManualChunksOption, type Plugin, rollup } from 'rollup';

/** Commands that begin with the pack. */
const packedCommands = ['list', 'search', 'count', 'read', 'mark', 'save', 'watch', 'export'];
/** What stands in one file: these, and what they import. What they import later stands beside it. */
const firstModules = ['cli/terminal/answer.js', 'cli/commands/list.js', 'cli/commands/search.js'];

const dist = resolve(import.meta.dirname, '..');
const source = join(dist, 'src');
const isPacked = new RegExp(`/(${packedCommands.join('|')})\\.js$`);

/** Other commands are left where they are: none of them is asked of the pack. */
const otherCommands: Plugin = {
  name: 'other commands',
  resolveId(id) {
    if (!id.startsWith('./commands/') || isPacked.test(id)) return null;
    return { id: `../src/cli/${id.slice(2)}`, external: 'relative' };
  },
};

/** A module that asks where it is gets the place of the file that it was made from: threads and data stand beside that. */
const ownPlaces: Plugin = {
  name: 'own places',
  transform(code, id) {
    if (/\bimport\.meta\.(?!url\b)/.test(code)) throw new Error(`${id}: may ask for no more than its url`);
    const place = JSON.stringify(join('..', relative(dist, id)));
    return { code: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), map: null };
  },
};

const first = new Set(firstModules.map((file) => join(source, file)));
const oneFile: ManualChunksOption = (id, { getModuleInfo }) => {
  // A set that grows is gone through to its end.
  for (const known of first) for (const other of getModuleInfo(known)?.importedIds ?? []) first.add(other);
  return first.has(id) ? 'pack' : undefined;
};

/** What the package starts. Which command a word names is known without loading anything. */
const start = `#!/usr/bin/env node
const isReading = ${new RegExp(`^(${packedCommands.join('|')})$`)}.test(process.argv[2] ?? '');
// Where it cannot be loaded, without SQLite for one, the other says why.
const isPacked = isReading && (await import('./pack.js').then(() => true, () => false));
await import(isPacked ? './program.js' : '../src/cli/obalka.js');
`;

/** Makes the pack of the program that was compiled last. */
export async function makePack(): Promise<void> {
  const target = join(dist, 'packed');
  const program = await rollup({
    input: { program: join(source, 'cli/obalka.js') },
    external: (id) => !/^[./]/.test(id),
    plugins: [otherCommands, ownPlaces],
    onwarn: ({ message }) => {
      throw new Error(message);
    },
  });
  rmSync(target, { recursive: true, force: true });
  await program.write({
    dir: target,
    format: 'es',
    // All side by side: the places above are seen from there.
    chunkFileNames: ({ name }) => (name === 'pack' ? 'pack.js' : '[name]-[hash].js'),
    manualChunks: oneFile,
    onlyExplicitManualChunks: true,
  });
  writeFileSync(join(target, 'obalka.js'), start, { mode: 0o755 });
}

if (process.argv[1] === import.meta.filename) await makePack();
