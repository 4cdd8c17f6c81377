/** Policies of a server, as its options name them; the one place where they are put in order. */
import { freeSpace } from '../../journal/free-space.js';
import { DiskReserve } from '../../server/disk-reserve.js';
import { headerPolicy } from '../../server/header-policy.js';
import { listPolicy } from '../../server/list-policy.js';
import type { Policy } from '../../smtp/policy.js';
import type { Log } from '../log/log.js';
import { ChosenFiles } from './chosen-files.js';
import { type ListFiles, type Lists, listPaths, noLists, readLists } from './list-files.js';

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
  /** Takes other options, and reads again what comes from files. A list that is bad leaves the old one. */
  again(options: PolicyOptions): Promise<void>;
  stop(): void;
}

/** Throws a Problem where a file cannot be read. `journal`: the folder that mail goes to. */
export async function startPolicies(
  options: PolicyOptions,
  journal: string,
  log: Log,
): Promise<StartedPolicies> {
  let { checkHeaders } = options;
  const lists = new ChosenFiles<ListFiles, Lists>({
    events: { read: 'lists-read', kept: 'lists-kept' },
    pathsOf: listPaths,
    read: readLists,
    log,
  });
  await lists.choose(options.lists);
  const reserved = new DiskReserve(
    options.diskReserve,
    () => freeSpace(journal),
    () => performance.now(),
  );
  const listed = listPolicy(() => lists.value ?? noLists);
  const headers = headerPolicy();
  return {
    takes: reserved.takes,
    all: [
      { name: listed.name, connect: (client) => (lists.value ? listed.connect(client) : undefined) },
      reserved.policy,
      { name: headers.name, connect: (client) => (checkHeaders ? headers.connect(client) : undefined) },
    ],
    again(others) {
      checkHeaders = others.checkHeaders;
      reserved.reserve = others.diskReserve;
      return lists.again(others.lists);
    },
    stop: () => lists.stop(),
  };
}
