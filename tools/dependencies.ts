/** Dependencies: writes the tables of spec/dependencies.md from the lock file, the doors, and what is said here of each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { doors } from './doors.js';

const root = resolve(import.meta.dirname, '../..');
export const dependencyPage = join(root, 'spec/dependencies.md');

/** Why each is there, and what it gets to see. */
const reasons: Readonly<Record<string, readonly [why: string, sees: string]>> = {
  '@scure/base': ['bech32, in which age writes keys', 'keys'],
  '@scure/bip39': ['the words of a key on paper', 'private keys, where they are put on paper'],
  'age-encryption': [
    'identities under a passphrase, and exports as age',
    'private keys, and mail that is exported',
  ],
  'better-sqlite3': [
    'the registry and the reader’s cache, on Node 22 and later',
    'rows that are sealed before',
  ],
  'better-sqlite3-for-node-20': ['the same on Node 20', 'the same'],
  'cbor-x': ['maps inside of sealed cells', 'what the sender and the policies said, opened'],
  commander: ['words of the command line', 'options; no secret is one'],
  entities: ['characters of HTML', 'mail that is shown'],
  'libsodium-wrappers': ['X-Wing, AEAD, BLAKE2b', 'keys and mail: all of it'],
  nodemailer: ['mails of the tour (`demo`)', 'mails that it makes itself'],
  'postal-mime': ['parts of a mail', 'mail that is read, in a thread that can be stopped'],
  'prom-client': ['figures as Prometheus reads them', 'rounded numbers'],
  re2js: ['patterns of address rules, without backtracking', 'addresses of recipients'],
  'smol-toml': ['the configuration', 'the configuration; there is no secret in it'],
  tweetnacl: ['signatures of checkpoints', 'seeds of signers'],
};

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Whether package.json names it; what is brought by others is not. */
  readonly isDirect: boolean;
  /** Whether it is for those who work on the program only. */
  readonly isForWork: boolean;
}

/** All packages of the lock file. */
export function dependencies(): Dependency[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked & { devDependencies?: Readonly<Record<string, string>> }>;
  };
  const own = packages[''];
  const named = (isForWork: boolean) =>
    isForWork ? { ...own?.devDependencies } : { ...own?.dependencies, ...own?.optionalDependencies };
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { version, license, dev }]) => {
      const name = path.replace(/^.*node_modules\//, '');
      const isDirect = path === `node_modules/${name}` && name in named(dev === true);
      return { name, version, licence: license ?? 'not said', isDirect, isForWork: dev === true };
    });
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** "a 1.0, 2.0": names that come twice have two versions. */
function together(all: readonly Dependency[]): string {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of all) versions.set(name, (versions.get(name) ?? new Set()).add(version));
  return [...versions].map(([name, some]) => `${name} ${[...some].sort().join(' and ')}`).join(', ');
}

/** The tables, from the first line that is generated to the last. */
export function dependencyTables(): string {
  const all = dependencies();
  const direct = all.filter(({ isDirect, isForWork }) => isDirect && !isForWork);
  const brought = all.filter(({ isDirect, isForWork }) => !isDirect && !isForWork);
  const licences = [...new Set(brought.map(({ licence }) => licence))].sort();
  return [
    row('package', 'version', 'licence', 'why', 'sees', 'door'),
    row('---', '---', '---', '---', '---', '---'),
    ...direct.map(({ name, version, licence }) => {
      const [why, sees] = reasons[name] ?? ['', ''];
      const folders = [
        ...new Set(Object.keys(doors).filter((one) => one === name || one.startsWith(`${name}/`))),
      ];
      const door = [...new Set(folders.flatMap((one) => doors[one] ?? []))].map((one) => `\`${one}\``);
      return row(name, version, licence, why, sees, door.join(', '));
    }),
    '',
    'What these bring with them:',
    '',
    row('licence', 'packages'),
    row('---', '---'),
    ...licences.map((licence) => row(licence, together(brought.filter((one) => one.licence === licence)))),
    '',
    'For those who work on the program only; nothing of it is in the package:',
    '',
    row('package', 'version', 'licence'),
    row('---', '---', '---'),
    ...all
      .filter(({ isDirect, isForWork }) => isDirect && isForWork)
      .map(({ name, version, licence }) => row(name, version, licence)),
  ].join('\n');
}

/** The page with its tables renewed. */
export function renewed(page: string): string {
  const [begin, end] = ['<!-- dependencies: begin -->\n', '<!-- dependencies: end -->'];
  const [above, rest = ''] = page.split(begin);
  const [, below] = rest.split(end);
  if (below === undefined) throw new Error(`${dependencyPage} has lost a line: ${begin}or ${end}`);
  return `${above}${begin}${dependencyTables()}\n${end}${below}`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(dependencyPage, renewed(readFileSync(dependencyPage, 'utf8')));
  console.log(`${dependencies().length} packages in ${dependencyPage}`);
}
