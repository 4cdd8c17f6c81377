/** What `npm pack` puts into the package: all that is needed, and nothing else. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { allEntries, commandTree } from '../../src/cli/command-tree.js';
import { manName } from '../../src/cli/man-page.js';
import { makeProgram } from '../../src/cli/program.js';
import { assert, suite } from '../support/suite.js';

const root = resolve(import.meta.dirname, '../../..');

/** Octets, packed and unpacked. */
const most = { size: 800_000, unpackedSize: 3_000_000 };

const allowed = [
  /^(package\.json|README\.md|LICENSE-MIT|LICENSE-APACHE)$/,
  /^dist\/man\/obalka[a-z-]*\.1$/,
  /^spec\/([a-z-]+\/)?[A-Za-z-]+\.md$/,
  /^spec\/guide\/obalka\.toml$/,
  /^spec\/measurements\/[a-z-]+\.svg$/,
  /^dist\/src\/[\w/-]+\.js$/,
  // Made of these, so that commands that read begin sooner.
  /^dist\/packed\/[\w/-]+\.js$/,
  // The types of the library, and of what they name.
  /^dist\/src\/(core|library|net|smtp)\/[\w/-]+\.d\.ts$/,
];

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const words = ['pack', '--dry-run', '--ignore-scripts', '--json'];

suite('package', (test) => {
  test('it has files that nobody needs, lacks some, or grows', () => {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const output = execFileSync('npm', words, { cwd: root, encoding: 'utf8', stdio });
    const [packed] = JSON.parse(output) as [Packed];
    const paths = packed.files.map(({ path }) => path);
    assert.equal(
      paths.filter((path) => !allowed.some((one) => one.test(path))),
      [],
    );
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const programs = sources
      .filter((name) => /(?<!\.d)\.ts$/.test(name))
      .map((name) => `dist/src/${name.slice(0, -2)}js`);
    for (const name of ['obalka', 'program']) assert.ok(paths.includes(`dist/packed/${name}.js`), name);
    assert.equal(
      programs.filter((path) => !paths.includes(path)),
      [],
    );
    assert.ok(
      packed.size < most.size && packed.unpackedSize < most.unpackedSize,
      `${packed.size}, ${packed.unpackedSize}`,
    );
  });

  test('a manual page is not installed: npm links those that the package names', async () => {
    const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man: string[] };
    const entries = allEntries(commandTree(await makeProgram())).filter(({ path }) => path.at(-1) !== 'help');
    assert.equal(man, entries.map(({ path }) => `./dist/man/${manName(path)}.1`).sort());
  });

  test('a page of the package leads to a file that is not in it', () => {
    const pages = readdirSync(join(root, 'spec'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /^(guide\/)?[\w-]+\.md$/.test(name))
      .map((name) => join('spec', name));
    for (const page of pages)
      for (const [, to = ''] of readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g))
        assert.ok(existsSync(join(root, page, '..', to)), `${page}: ${to}`);
  });
});
