/** Machine: everything that doctor sees of the machine it runs on. A test has one of its own. */

export interface Looked {
  readonly kind: 'file' | 'folder' | 'socket' | 'other';
  /** Permissions only: 0o600. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A process that has a socket open. */
export interface Holder {
  readonly pid: number;
  /** What the system calls it: "master", "node". */
  readonly name: string;
}

export interface Machine {
  /** Number of the user that this process runs as. */
  readonly user: number;
  /** "20.20.2" */
  readonly nodeVersion: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Addresses of the network interfaces, but for loopback and link-local ones. */
  readonly addresses: readonly string[];
  /** What LD_PRELOAD says. */
  readonly preloaded: string;
  /** Why SQLite cannot be used; undefined if it can. */
  sqliteFault(): Promise<string | undefined>;
  /** The text of a small file; undefined if it cannot be read. */
  text(path: string): Promise<string | undefined>;
  /** What stands there, a link followed; undefined for nothing, or where it cannot be looked at. */
  look(path: string): Promise<Looked | undefined>;
  /** Names in a folder, in order; none where it cannot be read. */
  names(folder: string): Promise<readonly string[]>;
  /** The path without links; undefined for nothing. */
  target(path: string): Promise<string | undefined>;
  /** Octets of the file system of a folder. */
  space(folder: string): { readonly free: number; readonly total: number } | undefined;
  /** Milliseconds of some writes of 16 KiB with fdatasync each, in a new file of a folder; or the code of what went wrong. */
  syncs(folder: string): readonly number[] | string;
  /** Output of a program; undefined if it cannot be run, fails, or takes longer than two seconds. */
  run(program: string, ...words: readonly string[]): Promise<string | undefined>;
  /** Who has the socket with this inode open; what this user may not see is left out. */
  holders(inode: string): readonly Holder[];
}
