/** Policies of a server, as its options name them; the one place where they are put in order. */
import { freeSpace } from '../journal/free-space.js';
import { DiskReserve } from '../server/disk-reserve.js';
import { headerPolicy } from '../server/header-policy.js';
import { listPolicy } from '../server/list-policy.js';
import type { Policy } from '../smtp/policy.js';
import { type ListFiles, listPaths, readLists } from './list-files.js';
import type { Log } from './log/log.js';
import { Watched } from './watched-files.js';

export interface PolicyOptions {
  readonly lists: ListFiles;
  readonly checkHeaders: boolean;
  /** Octets that stay free; undefined for as many as suit the disk. */
  readonly diskReserve: number | undefined;
}

export interface StartedPolicies {
  readonly all: readonly Policy[];
  /** Whether so many octets of content may come. */
  readonly takes: (octets: number) => boolean;
  /** Reads again what comes from files. */
  again(): Promise<void>;
  stop(): void;
}

/** Throws a Problem where a file cannot be read. `journal`: the folder that mail goes to. */
export async function startPolicies(
  { lists: files, checkHeaders, diskReserve: reserve }: PolicyOptions,
  journal: string,
  log: Log,
): Promise<StartedPolicies> {
  const paths = listPaths(files);
  const watched = {
    paths,
    read: () => readLists(files),
    events: { read: 'lists-read', kept: 'lists-kept' } as const,
  };
  const lists = paths.length > 0 ? await Watched.start(watched, log) : undefined;
  const reserved = new DiskReserve(reserve, () => freeSpace(journal));
  return {
    takes: reserved.takes,
    all: [
      ...(lists ? [listPolicy(() => lists.value)] : []),
      reserved.policy,
      ...(checkHeaders ? [headerPolicy()] : []),
    ],
    again: async () => lists?.again(),
    stop: () => lists?.stop(),
  };
}
