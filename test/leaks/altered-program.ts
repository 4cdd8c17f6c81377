/**
 * Altered program: a copy of the real one with some of its modules exchanged for those of builds/. So a test puts its own
 * chance into it, or a leak, and the program itself has no switch for either.
 */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Installation } from '../support/installation.js';
import type { Server } from '../support/server.js';

/** Compiled module of the program ("cli/random.js") → name of the build in its place, which may import it. */
export type Replacements = Readonly<Record<string, string>>;

const root = resolve(import.meta.dirname, '../../..');
const builds = 'dist/test/leaks/builds';
/** What builds import besides the program. */
const helpers = ['dist/test/support/chance.js'];

const made = new Map<string, string>();
process.on('exit', () => {
  for (const folder of made.values()) rmSync(folder, { recursive: true, force: true });
});

/** The path of a program with these replacements; it goes when this process ends. */
export function alteredProgram(replacements: Replacements): string {
  const key = JSON.stringify(replacements);
  const folder = made.get(key) ?? make(replacements);
  made.set(key, folder);
  return join(folder, 'dist/src/cli/obalka.js');
}

/** Starts a server of such a program on an installation's data. */
export async function serveAltered(
  installation: Installation,
  replacements: Replacements,
  environment: NodeJS.ProcessEnv = {},
  workers = 1,
): Promise<Server> {
  Object.assign(installation.environment, environment, { OBALKA: alteredProgram(replacements) });
  const server = installation.startShell(
    `exec "$NODE" "$OBALKA" serve --data data --listen 127.0.0.1:0 --workers ${workers}`,
  );
  await server.listening();
  return server;
}

function make(replacements: Replacements): string {
  const folder = mkdtempSync(join(tmpdir(), 'obalka-altered-'));
  const filter = (path: string) => !/\.(map|ts)$/.test(path);
  cpSync(join(root, 'dist/src'), join(folder, 'dist/src'), { recursive: true, filter });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, builds), { recursive: true });
  for (const helper of helpers) {
    mkdirSync(join(folder, dirname(helper)), { recursive: true });
    copyFileSync(join(root, helper), join(folder, helper));
  }
  for (const [module, build] of Object.entries(replacements)) {
    // The module itself goes by another name, and the build is told that name.
    const sound = module.replace(/\.js$/, '.sound.js');
    const text = readFileSync(join(root, builds, `${build}.js`), 'utf8');
    writeFileSync(join(folder, builds, `${build}.js`), text.replaceAll(`/src/${module}'`, `/src/${sound}'`));
    const source = join(folder, 'dist/src');
    renameSync(join(source, module), join(source, sound));
    const path = relative(dirname(join(source, module)), join(folder, builds, `${build}.js`));
    writeFileSync(join(source, module), `export * from '${path}';\n`);
  }
  return folder;
}
