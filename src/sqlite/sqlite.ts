/**
 * SQLite, by the better-sqlite3 that fits this Node. Version 13 dies on Node 20, which lacks a part of Node-API; version
 * 12 dies on Node 24.19 and later as soon as a statement is collected.
 */
import type Database from 'better-sqlite3';
import { Problem } from '../core/errors.js';

const major = Number.parseInt(process.versions.node, 10);

async function load(): Promise<typeof Database> {
  try {
    const module = major < 22 ? import('better-sqlite3-for-node-20') : import('better-sqlite3');
    return (await module).default;
  } catch (error) {
    throw new Problem(
      'failure',
      `SQLite cannot be loaded (${(error as Error).message.split('\n')[0]}); where npm found nothing ready for this machine, install python3 and a C++ compiler, and do it again; npm ci --foreground-scripts shows what else went wrong`,
    );
  }
}

/** The class of databases, with the class of its errors. */
export const Sqlite: typeof Database = await load();
