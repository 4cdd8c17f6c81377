/** Peers from npm. They are no dependencies of ours, and are installed in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const wanted = {
  private: true,
  dependencies: { haraka: '3.3.4', openpgp: '6.3.2' },
  // Newer ones depend on packages that not every mirror has; it is not used here.
  overrides: { libmime: '5.3.7' },
};

type Name = keyof typeof wanted.dependencies;

const manifest = (folder: string, name: Name) => join(folder, 'node_modules', name, 'package.json');

/** Why a package cannot be used, or undefined. `folder`: as `installPeers` made it. */
export function installed(folder: string | undefined, name: Name): string | undefined {
  if (folder === undefined) return `needs --peers DIR; npm run bench -- --install DIR makes one`;
  return existsSync(manifest(folder, name))
    ? undefined
    : `${name} is not installed in ${folder}; npm run bench -- --install ${folder} does it`;
}

export function versionOf(folder: string | undefined, name: Name): string {
  return JSON.parse(readFileSync(manifest(folder ?? '', name), 'utf8')).version;
}

/** Installs the peers in a folder. Throws with npm's code if that fails. */
export function installPeers(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(wanted, undefined, 2)}\n`);
  const words = ['install', '--prefix', folder, '--omit=optional', '--ignore-scripts', '--no-audit'];
  const { status } = spawnSync('npm', words, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm install ended with ${status}`);
}
