/** Accounts: names of users and groups, and how a process started as root becomes one of them for good. */
import { execFileSync } from 'node:child_process';
import { Problem } from '../../core/errors.js';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Further groups that the user is in. */
  readonly groups: readonly number[];
}

/** Reads `NAME[:GROUP]`, names or numbers. Without a group, the user's own. Throws a Problem if there is no such. */
export function findAccount(text: string): Account {
  const [, user = '', group] = /^([^:]+)(?::([^:]+))?$/.exec(text) ?? [];
  const entry = lookUp('passwd', user);
  if (entry === undefined)
    throw new Problem('usage', `user ${text}: no such user here; make it, or write another NAME[:GROUP]`);
  const [name = '', , uid, gid] = entry;
  const account = {
    name,
    uid: Number(uid),
    gid: group === undefined ? Number(gid) : findGroup(group),
    groups: group === undefined ? groupsOf(name) : [],
  };
  if (account.uid === 0)
    throw new Problem('usage', `user ${text}: that is root; write the user to become, or leave it out`);
  return account;
}

/** Number of a user by name or number. Throws a Problem. */
export function findUser(user: string): number {
  const uid = lookUp('passwd', user)?.[2];
  if (uid === undefined)
    throw new Problem('usage', `owner=${user}: no such user here; name or number of one that there is`);
  return Number(uid);
}

/** What `sudo -u` calls the user of a number. */
export function userName(uid: number): string {
  return lookUp('passwd', String(uid))?.[0] ?? `#${uid}`;
}

/** Number of a group by name or number. Throws a Problem. */
export function findGroup(group: string): number {
  const gid = lookUp('group', group)?.[2];
  if (gid === undefined)
    throw new Problem('usage', `group ${group}: no such group here; name or number of one that there is`);
  return Number(gid);
}

/** Becomes the account, and makes sure that there is no way back. Only root can. Throws a Problem. */
export function become({ name, uid, gid, groups }: Account): void {
  const { setgroups, setgid, setuid, getuid, geteuid, getgid, getegid } = process;
  if (!setgroups || !setgid || !setuid || !getuid || !geteuid || !getgid || !getegid)
    throw new Problem('usage', '--user: this system has no users to change to; leave it out');
  if (geteuid() !== 0) {
    if (getuid() === uid && geteuid() === uid && getgid() === gid) return;
    throw new Problem('usage', `--user ${name}: only root can become another user; leave it out`);
  }
  // Groups first: without root's rights they could not be changed any more.
  setgroups([...new Set([gid, ...groups])]);
  setgid(gid);
  setuid(uid);
  const ids = [getuid(), geteuid(), getgid(), getegid()];
  if (ids.join() !== [uid, uid, gid, gid].join() || canReturn(setuid))
    throw new Problem('failure', `--user ${name}: the rights of root could not be given up`);
}

function canReturn(setuid: (id: number) => void): boolean {
  try {
    setuid(0);
    return true;
  } catch {
    return false;
  }
}

function groupsOf(name: string): number[] {
  const text = execFileSync('id', ['-G', '--', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.trim().split(' ').map(Number);
}

/** A line of the user database, whatever keeps it (nsswitch.conf). */
function lookUp(database: 'passwd' | 'group', key: string): readonly string[] | undefined {
  // "--" would be an option, and an empty word the whole table.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(key)) return undefined;
  try {
    const line = execFileSync('getent', [database, key], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return line.trimEnd().split(':');
  } catch {
    return undefined;
  }
}
