/** Permissions: who may read and change the data directory and what in it is secret. */
import { dirname, join } from 'node:path';
import type { DataDirectory } from '../data/data-directory.js';
import { shownCommand, shownWords } from '../terminal/shell-word.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import type { Looked, Machine } from './machine.js';

/** So many files are looked at: of a large journal those of the first segments. */
const mostFiles = 5000;

/** Where systemd looks for what the unit calls pepper (systemd.exec(5), LoadCredential=). */
const credentialPlaces = ['/etc', '/run', '/usr/lib'].flatMap((folder) => [
  `${folder}/credstore/obalka.pepper`,
  `${folder}/credstore.encrypted/obalka.pepper`,
]);

export interface PermissionOptions {
  readonly data: DataDirectory;
  /** The user who serves, if that is said. */
  readonly serving: number | undefined;
  readonly configuration: string | undefined;
}

export async function permissionFindings(
  machine: Machine,
  { data, serving, configuration }: PermissionOptions,
): Promise<Finding[]> {
  const folder = await machine.look(data.path);
  const found = [...(await aboveFindings(machine, data.path)), ...(await fileOf(machine, configuration))];
  if (!folder)
    return [
      warning('data', `${data.path}: there is no data directory yet`, commandFor(data, 'init')),
      ...found,
    ];
  if (folder.kind !== 'folder')
    return [
      bad('data', `${data.path}: is no folder`, shownCommand('init', '--data', '/var/lib/obalka')),
      ...found,
    ];
  if (machine.user !== 0 && machine.user !== folder.uid)
    return [
      unseen(
        'data',
        `${data.path}: belongs to user ${folder.uid}, and this is user ${machine.user}`,
        shownWords('sudo', 'obalka', 'doctor', '--data', data.path),
      ),
      ...found,
    ];
  const entries = await ownEntries(machine, data);
  return [
    ...(await folderFindings(machine, data, folder)),
    ...ownerFindings(data, entries, folder, serving),
    ...openFindings(entries.filter(([path]) => path !== data.pepper)),
    ...(await pepperFindings(machine, data)),
    ...found,
  ];
}

async function folderFindings(machine: Machine, data: DataDirectory, { mode }: Looked): Promise<Finding[]> {
  const about = 'data';
  const found: Finding[] = [];
  const mend = shownWords('chmod', '700', data.path);
  if ((mode & 0o022) !== 0) found.push(bad(about, `${data.path}: others can change it`, mend));
  else if ((mode & 0o077) !== 0) found.push(warning(about, `${data.path}: others can look into it`, mend));
  if (!(await machine.look(join(data.journal, 'journal'))))
    found.push(warning(about, `${data.path}: there is no obalka data in it yet`, commandFor(data, 'init')));
  return found.length > 0 ? found : [ok(about, `${data.path}: closed to others`)];
}

type Entry = readonly [path: string, Looked];

function ownerFindings(
  data: DataDirectory,
  entries: readonly Entry[],
  { uid }: Looked,
  serving: number | undefined,
): Finding[] {
  const about = 'owner';
  const owner = serving ?? uid;
  const mend = shownWords('chown', '-R', String(owner), data.path);
  if (uid !== owner)
    return [bad(about, `${data.path}: belongs to user ${uid}, and user ${owner} serves it`, mend)];
  const foreign = entries.filter(([, looked]) => looked.uid !== owner);
  const [first] = foreign;
  if (!first) return [ok(about, `all of it belongs to user ${owner}`)];
  return [
    bad(
      about,
      `${first[0]}: belongs to user ${first[1].uid}, so the server of user ${owner} cannot write it (${foreign.length} such)`,
      mend,
    ),
  ];
}

/** Whatever is written there is 0600 or 0700. */
function openFindings(entries: readonly Entry[]): Finding[] {
  const about = 'files';
  const open = entries.filter(([, { mode }]) => (mode & 0o077) !== 0);
  const writable = open.find(([, { mode }]) => (mode & 0o022) !== 0);
  const [first] = open;
  if (!first) return [ok(about, 'nothing in it is open to others')];
  const [path] = writable ?? first;
  const mend = shownWords('chmod', 'go-rwx', path);
  return writable
    ? [bad(about, `${path}: others can change it (${open.length} files are open to others)`, mend)]
    : [bad(about, `${path}: others can read it (${open.length} files are open to others)`, mend)];
}

async function pepperFindings(machine: Machine, data: DataDirectory): Promise<Finding[]> {
  const about = 'pepper';
  const pepper = await machine.look(data.pepper);
  const registry = await machine.look(data.registry);
  if (!pepper && !registry) return [];
  if (!pepper) {
    for (const place of credentialPlaces)
      if (await machine.look(place)) return [ok(about, `${place}: systemd hands it to the service`)];
    const where = shownWords('cp', 'BACKUP/pepper', data.pepper);
    return [bad(about, `${data.pepper}: is gone, and the registry opens with no other; put it back`, where)];
  }
  if (!registry)
    return [
      warning(
        'registry',
        `${data.registry}: there is none, so no address has a key; put back a copy, or begin anew`,
        shownWords('cp', 'BACKUP/registry.sqlite', data.registry),
        commandFor(data, 'init'),
      ),
    ];
  const { mode, uid, gid } = pepper;
  // The group of root, of a file of root's, is nobody else: it stands for the access list of a systemd credential.
  if ((mode & (uid === 0 && gid === 0 ? 0o037 : 0o077)) !== 0)
    return [bad(about, `${data.pepper}: others can read it`, shownWords('chmod', '600', data.pepper))];
  const isBeside = data.pepper === join(data.path, 'pepper');
  const rest = isBeside ? '; whoever copies the data directory has it too (--pepper)' : '';
  return [ok(about, `${data.pepper}: closed to others${rest}`)];
}

/** Who may write a folder above may put another in the place of the one below. */
async function aboveFindings(machine: Machine, path: string): Promise<Finding[]> {
  for (let at = dirname(path); ; at = dirname(at)) {
    const looked = await machine.look(at);
    if (looked && (looked.mode & 0o002) !== 0 && (looked.mode & 0o1000) === 0)
      return [
        bad(
          'data',
          `${at}: others can put another folder in the place of the data`,
          shownWords('chmod', 'o-w', at),
        ),
      ];
    if (at === dirname(at)) return [];
  }
}

async function fileOf(machine: Machine, path: string | undefined): Promise<Finding[]> {
  const looked = path === undefined ? undefined : await machine.look(path);
  if (path === undefined || !looked || (looked.mode & 0o022) === 0) return [];
  return [bad('settings', `${path}: others can change the configuration`, shownWords('chmod', 'go-w', path))];
}

/** What the program itself writes; other things may lie beside it. */
async function ownEntries(machine: Machine, data: DataDirectory): Promise<Entry[]> {
  const { journal, registry, signers, lock, workersLock, control, place, ownCertificate, pepper } = data;
  const found: Entry[] = [];
  const waiting = [registry, signers, lock, workersLock, control, place, ownCertificate, journal];
  if (dirname(pepper) === data.path) waiting.unshift(pepper);
  for (let path = waiting.shift(); path !== undefined && found.length < mostFiles; path = waiting.shift()) {
    // What a running server takes away meanwhile is not there.
    const looked = await machine.look(path);
    if (!looked) continue;
    found.push([path, looked]);
    if (looked.kind === 'folder')
      for (const name of await machine.names(path)) waiting.push(join(path, name));
  }
  return found;
}

function commandFor(data: DataDirectory, command: string): string {
  return shownCommand(command, '--data', data.path);
}
