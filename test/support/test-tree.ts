/** The tree of a test disk: what programs see of files and folders, and what of it would outlast a power cut. */

interface Write {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How a tree is copied: as programs saw it, as synced, or synced with a random part of the rest. */
export type Ending = 'kill' | 'power cut' | ((length: number) => Uint8Array);

const sector = 512;

export class TestFile {
  bytes: Uint8Array = new Uint8Array(0);
  synced: Uint8Array = new Uint8Array(0);
  unsynced: Write[] = [];
  time: number | undefined;

  constructor(
    public parent: TestFolder | undefined,
    public name: string,
  ) {}

  get path(): string {
    return `${this.parent?.path ?? ''}/${this.name}`;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes = patched(this.bytes, { offset, bytes });
    this.unsynced.push({ offset, bytes });
  }

  /** A sync came to a good end: these writes last. */
  keep(writes: readonly Write[]): void {
    for (const write of writes) if (this.unsynced.includes(write)) this.synced = patched(this.synced, write);
    this.forget(writes);
  }

  forget(writes: readonly Write[]): void {
    this.unsynced = this.unsynced.filter((write) => !writes.includes(write));
  }

  copy(parent: TestFolder, ending: Ending): TestFile {
    const file = new TestFile(parent, this.name);
    file.bytes = ending === 'kill' ? this.bytes : this.synced;
    if (typeof ending === 'function') {
      for (const { offset, bytes } of this.unsynced) {
        // Kept, torn at a sector, or zeros where the file grew. What is written over is old or new, sector by sector.
        const [way = 0, cut = 0] = ending(2);
        const torn = Math.min(bytes.length, (cut % Math.ceil(bytes.length / sector + 1)) * sector);
        const kept = way % 3 === 0 ? bytes : bytes.subarray(0, torn);
        const zeros = way % 3 === 2 && offset >= this.synced.length;
        file.bytes = patched(file.bytes, { offset, bytes: zeros ? new Uint8Array(torn) : kept });
      }
    }
    file.synced = file.bytes;
    file.time = this.time;
    return file;
  }
}

export class TestFolder {
  readonly entries = new Map<string, TestFile | TestFolder>();
  time: number | undefined;
  #synced = new Map<string, TestFile | TestFolder>();

  constructor(
    public parent: TestFolder | undefined,
    public name: string,
  ) {}

  get path(): string {
    return this.parent === undefined ? '' : `${this.parent.path}/${this.name}`;
  }

  sync(): void {
    this.#synced = new Map(this.entries);
  }

  copy(parent: TestFolder | undefined, ending: Ending): TestFolder {
    const folder = new TestFolder(parent, this.name);
    for (const [name, entry] of ending === 'kill' ? this.entries : this.#synced) {
      const copy = entry.copy(folder, ending);
      copy.name = name;
      folder.entries.set(name, copy);
    }
    folder.sync();
    return folder;
  }
}

function patched(bytes: Uint8Array, { offset, bytes: patch }: Write): Uint8Array {
  const whole = new Uint8Array(Math.max(bytes.length, patch.length === 0 ? 0 : offset + patch.length));
  whole.set(bytes);
  whole.set(patch, offset);
  return whole;
}
