/** Registries for tests: in a folder of their own, with a clock that is set and chance from a seed. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { createRegistry, openRegistry } from '../../src/registry/open-registry.js';
import type { Registry, RegistryOptions } from '../../src/registry/registry.js';
import { Sqlite } from '../../src/sqlite/sqlite.js';

/** Bytes that depend on the words and look random. */
export function bytesOf(words: string, length: number): Uint8Array {
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(words).digest());
}

/** Something of the size of a recipient key. The registry does not look into it. */
export function keyOf(words: string): Uint8Array {
  return bytesOf(`key ${words}`, 1216);
}

export class TestRegistry {
  readonly folder = mkdtempSync(join(tmpdir(), 'obalka-registry-'));
  readonly path = join(this.folder, 'registry.db');
  /** Milliseconds since 1970. */
  clock = 1_800_000_000_000;
  readonly options: RegistryOptions;
  open: Registry;

  constructor(seed = 'seed') {
    let drawn = 0;
    this.options = {
      path: this.path,
      pepper: bytesOf(`pepper ${seed}`, 32),
      // What is drawn first tells how many commits are made before the tables: few, to save time.
      random: (length) => {
        drawn += 1;
        return drawn === 1 ? new Uint8Array(length) : bytesOf(`${seed} ${drawn}`, length);
      },
      now: () => this.clock,
    };
    this.open = createRegistry(this.options);
  }

  reopen(): void {
    this.open.close();
    this.open = openRegistry(this.options);
  }

  bytes(): Buffer {
    return readFileSync(this.path);
  }

  /** Asks the file through a connection that knows nothing of registries. */
  sql<T>(work: (database: Database.Database) => T): T {
    const database = new Sqlite(this.path);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }

  rows(table: 'recipients' | 'keys'): { key: Buffer; value: Buffer }[] {
    return this.sql((database) =>
      database.prepare<[], { key: Buffer; value: Buffer }>(`SELECT key, value FROM ${table}`).all(),
    );
  }

  end(): void {
    this.open.close();
    rmSync(this.folder, { recursive: true });
  }
}
