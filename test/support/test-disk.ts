/** Test twin of the disk: records what is done to it, fails where it is told to, and forgets what was not synced. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AppendFile, Disk } from '../../src/journal/disk.js';
import { TestFile, TestFolder } from './test-tree.js';

export type DiskOperation =
  | Exclude<keyof Disk, 'open'>
  | 'open'
  | Exclude<keyof AppendFile, 'close'>
  | 'close';

/** One thing that was done, with the moments of its beginning and end (a counter of both). */
export interface Done {
  readonly operation: DiskOperation;
  readonly path: string;
  /** The file, whatever it is called by now; none for folders and names. */
  readonly file: TestFile | undefined;
  readonly began: number;
  ended: number;
  failed: boolean;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How an operation fails: nothing happens, or the first half does. */
export type Fault = 'error' | 'half';

export interface TestDiskBehaviour {
  /** Asked before the n-th operation (from 0) that changes the disk or reads it. */
  readonly fault?: (n: number, operation: DiskOperation, path: string) => Fault | undefined;
  /** What an operation waits for before it takes effect. */
  readonly delay?: (operation: DiskOperation, path: string) => Promise<void> | undefined;
}

export class TestDisk implements Disk {
  readonly root: TestFolder;
  readonly done: Done[] = [];
  /** What no writer may do: closing a file that is still being written or synced. */
  readonly violations: string[] = [];
  behaviour: TestDiskBehaviour = {};
  #moment = 0;
  #count = 0;

  constructor(root = new TestFolder(undefined, '')) {
    this.root = root;
  }

  /** What a restart finds after the process was killed (all that was written), or after a power cut. */
  after(end: 'kill' | 'power cut' | ((length: number) => Uint8Array)): TestDisk {
    return new TestDisk(this.root.copy(undefined, end));
  }

  /** Puts the files into a real folder, for a reader. */
  materialise(folder: string, from = this.root): void {
    for (const [name, entry] of from.entries) {
      const path = join(folder, name);
      if (entry instanceof TestFolder) {
        mkdirSync(path, { recursive: true });
        this.materialise(path, entry);
      } else {
        writeFileSync(path, entry.bytes);
        if (entry.time !== undefined) utimesSync(path, entry.time, entry.time);
      }
    }
  }

  async create(path: string): Promise<AppendFile> {
    const folder = this.#folder(dirname(path));
    return this.#run('create', path, () => {
      if (folder.entries.has(basename(path))) throw systemError('EEXIST', path);
      const file = new TestFile(folder, basename(path));
      folder.entries.set(basename(path), file);
      return this.#handle(file);
    });
  }

  async open(path: string): Promise<AppendFile> {
    return this.#run('open', path, () => this.#handle(this.#file(path)));
  }

  async read(path: string, length?: number): Promise<Uint8Array> {
    return this.#run('read', path, () => this.#file(path).bytes.slice(0, length));
  }

  async list(path: string): Promise<string[]> {
    return this.#run('list', path, () => [...this.#folder(path).entries.keys()]);
  }

  async makeFolder(path: string): Promise<void> {
    return this.#run('makeFolder', path, () => {
      const folder = this.#folder(dirname(path));
      if (folder.entries.has(basename(path))) throw systemError('EEXIST', path);
      folder.entries.set(basename(path), new TestFolder(folder, basename(path)));
    });
  }

  async rename(from: string, to: string): Promise<void> {
    return this.#run('rename', from, () => {
      const entry = this.#find(from);
      const target = this.#folder(dirname(to));
      const there = target.entries.get(basename(to));
      if (there instanceof TestFolder && there.entries.size > 0) throw systemError('ENOTEMPTY', to);
      this.#folder(dirname(from)).entries.delete(basename(from));
      target.entries.set(basename(to), entry);
      entry.parent = target;
      entry.name = basename(to);
    });
  }

  async removeUnfinished(path: string): Promise<void> {
    return this.#run('removeUnfinished', path, () => {
      this.#folder(dirname(path)).entries.delete(basename(path));
    });
  }

  async syncFolder(path: string): Promise<void> {
    return this.#run('syncFolder', path, () => this.#folder(path).sync());
  }

  async setFolderTime(path: string, seconds: number): Promise<void> {
    return this.#run('setFolderTime', path, () => {
      this.#folder(path).time = seconds;
    });
  }

  #handle(file: TestFile): AppendFile {
    let busy = 0;
    let open = true;
    const run = async <T>(
      operation: DiskOperation,
      act: () => T,
      half = () => {},
      offset = 0,
      bytes = none,
    ) => {
      if (!open) throw systemError('EBADF', file.path);
      const inUse = operation === 'write' || operation === 'sync' ? 1 : 0;
      busy += inUse;
      try {
        return await this.#run(operation, file.path, act, half, { file, offset, bytes });
      } finally {
        busy -= inUse;
      }
    };
    return {
      write: (offset, pieces) => {
        const bytes = new Uint8Array(Buffer.concat(pieces));
        const half = () => file.write(offset, bytes.subarray(0, bytes.length >> 1));
        return run('write', () => file.write(offset, bytes), half, offset, bytes);
      },
      sync: () => {
        const writes = [...file.unsynced];
        // A failed sync loses what it was to keep: the system may take it for clean from then on.
        return run(
          'sync',
          () => file.keep(writes),
          () => file.forget(writes),
        );
      },
      setTime: (seconds) =>
        run('setTime', () => {
          file.time = seconds;
        }),
      size: () => run('size', () => file.bytes.length),
      time: () => run('time', () => file.time ?? 0),
      read: (offset, length) => run('read', () => file.bytes.slice(offset, offset + length)),
      close: async () => {
        if (busy > 0) this.violations.push(`${file.path} was closed while it was in use`);
        await run('close', () => {});
        open = false;
      },
    };
  }

  async #run<T>(
    operation: DiskOperation,
    path: string,
    act: () => T,
    half: () => void = () => {},
    on: Pick<Done, 'file' | 'offset' | 'bytes'> = { file: undefined, offset: 0, bytes: none },
  ): Promise<T> {
    const entry = { operation, path, began: this.#moment++, ended: -1, failed: false, ...on };
    this.done.push(entry);
    // Closing a file and asking for its size are no events that a disk refuses.
    const fault =
      operation === 'close' || operation === 'size' || operation === 'time'
        ? undefined
        : this.behaviour.fault?.(this.#count++, operation, path);
    await new Promise((resolve) => setImmediate(resolve));
    await this.behaviour.delay?.(operation, path);
    entry.ended = this.#moment++;
    if (!fault) return act();
    entry.failed = true;
    if (fault === 'half' || operation === 'sync') half();
    throw systemError(fault === 'half' ? 'ENOSPC' : 'EIO', path);
  }

  #find(path: string): TestFile | TestFolder {
    let entry: TestFile | TestFolder | undefined = this.root;
    for (const name of path.split('/').filter((part) => part !== ''))
      entry = entry instanceof TestFolder ? entry.entries.get(name) : undefined;
    if (!entry) throw systemError('ENOENT', path);
    return entry;
  }

  #folder(path: string): TestFolder {
    const entry = this.#find(path);
    if (!(entry instanceof TestFolder)) throw systemError('ENOTDIR', path);
    return entry;
  }

  #file(path: string): TestFile {
    const entry = this.#find(path);
    if (!(entry instanceof TestFile)) throw systemError('EISDIR', path);
    return entry;
  }
}

const none = new Uint8Array(0);

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
