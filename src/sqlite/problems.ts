/** Problems: what SQLite's errors mean to a person. */

import { Problem } from '../core/errors.js';
import { Sqlite } from './sqlite.js';

/** The error as a Problem where it is one of a file a person can mend; anything else comes back as it is. */
export function databaseProblem(path: string, name: string, error: unknown): unknown {
  if (error instanceof TypeError && error.message.includes('directory does not exist'))
    return new Problem('missing', `${path}: no such folder: choose another --data DIR`);
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const code = error.code.replace(/^(SQLITE_[A-Z]+)_.*/, '$1');
  if (code === 'SQLITE_CANTOPEN')
    return new Problem(
      'missing',
      `${path}: cannot be opened: no such file, or no right to it: put back a copy of the ${name}, or mend its permissions`,
    );
  if (code === 'SQLITE_NOTADB')
    return new Problem('failure', `${path}: not a database, and no ${name}: put back a copy of it`);
  if (code === 'SQLITE_CORRUPT')
    return new Problem('damage', `${path}: damaged ${name}: put back a copy of it`);
  if (code === 'SQLITE_BUSY')
    return new Problem('later', `${path}: another process is writing to the ${name}: try again`);
  if (code === 'SQLITE_READONLY' || code === 'SQLITE_PERM')
    return new Problem(
      'failure',
      `${path}: no right to write to the ${name}: mend its permissions, or run as its owner`,
    );
  if (code === 'SQLITE_FULL')
    return new Problem('later', `${path}: the disk is full: nothing was changed in the ${name}`);
  if (code === 'SQLITE_IOERR')
    return new Problem('failure', `${path}: the disk failed under the ${name} (${error.code})`);
  return error;
}
