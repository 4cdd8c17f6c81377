/** Another revision of this repository, built beside it for as long as it is needed. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './child.js';

/** A revision that is built in a folder of its own. */
export interface Older {
  /** The beginning of the commit's name, as git abbreviates it. */
  readonly commit: string;
  readonly root: string;
  remove(): Promise<void>;
}

/**
 * Checks a revision out into a temporary worktree of the repository at `root`, and builds it with the packages that are
 * installed there. Throws with git's or the compiler's words.
 */
export async function buildOlder(root: string, revision: string): Promise<Older> {
  const git = (...words: string[]) => runProgram('git', ['-C', root, ...words]);
  const { stdout } = await git(
    'rev-parse',
    '--short',
    '--verify',
    '--end-of-options',
    `${revision}^{commit}`,
  );
  const commit = stdout.trim();
  const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-older-'));
  const tree = join(folder, 'tree');
  const remove = async () => {
    await git('worktree', 'remove', '--force', tree).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await git('worktree', 'add', '--detach', tree, commit);
    await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
    const compiler = join(tree, 'node_modules/typescript/bin/tsc');
    await runProgram(process.execPath, [compiler, '-p', join(tree, 'tsconfig.json')]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { commit, root: tree, remove };
}
