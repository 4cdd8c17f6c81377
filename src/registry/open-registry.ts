/** Opens a registry, or makes one: its file, its tables, its pepper (spec/registry.md, File). */
import { readU32 } from '../format/place.js';
import { createDatabase, type DatabaseKind, openDatabase } from '../sqlite/open-database.js';
import { KeyTable } from './key-table.js';
import { Registry, type RegistryOptions } from './registry.js';
import { newState, noRows } from './state.js';
import { recipientTable } from './tables.js';

const registryKind: DatabaseKind = {
  name: 'registry',
  applicationId: 0x6f627267,
  version: 2,
  // Of the same tables; only without rows of aliases.
  takesOver: [1],
  pageSize: 16384,
  schema: `
CREATE TABLE recipients (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 1), settled INTEGER NOT NULL, sealed BLOB NOT NULL);`,
};

/**
 * Opens the registry at `path`. Throws a Problem if there is none ('missing': a lost file is never taken for an empty
 * registry), if it is no registry of this version or the pepper is not its own ('failure'), or damaged ('damage').
 */
export function openRegistry(options: RegistryOptions): Registry {
  const database = openDatabase(options.path, registryKind, options.isReadOnly ? 'read' : 'write');
  try {
    return new Registry(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes an empty registry at `path` (0600), or opens the one that is there. Its folder must be there. */
export function createRegistry(options: RegistryOptions): Registry {
  const { path, pepper, random } = options;
  const start = random(6);
  const changes = ((start[0] as number) << 8) | (start[1] as number);
  const schema = readU32(start, 2) >>> 1;
  createDatabase(path, registryKind, { changes, schema }, (database) => {
    const sealed = newState(
      pepper,
      (keys) => {
        const counts = noRows();
        recipientTable(database, keys, random, path).pad(counts.recipients);
        new KeyTable(database, keys, random, path).pad(counts.keys);
        return counts;
      },
      random,
    );
    database.prepare('INSERT INTO state (only, settled, sealed) VALUES (1, 0, ?)').run(sealed);
  }).close();
  return openRegistry(options);
}
