/** What a thief of the database looks at: words in any disguise, and all that shows without a key. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../support/suite.js';
import type { TestRegistry } from './make-registry.js';

/** The ways a text or some bytes might stand in a file. */
function disguises(token: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(token);
  const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase())];
  for (let skip = 0; skip < 3; skip += 1) {
    const whole = bytes.subarray(skip, bytes.length - ((bytes.length - skip) % 3));
    forms.push(Buffer.from(whole.toString('base64')), Buffer.from(whole.toString('base64url')));
  }
  if (typeof token === 'string') {
    const wide = Buffer.from(token, 'utf16le');
    forms.push(wide, Buffer.from(wide).swap16(), Buffer.from(token.toUpperCase()));
  }
  return forms;
}

/** Fails if a file under `folder` holds a token in any disguise. The folder is copied first, by another program. */
export function grep(folder: string, tokens: readonly (string | Uint8Array)[]): void {
  const copy = `${folder}-copy`;
  execFileSync('cp', ['-r', folder, copy]);
  try {
    const names = readdirSync(copy);
    assert.ok(names.length > 0);
    for (const name of names) {
      const bytes = readFileSync(join(copy, name));
      for (const token of tokens)
        for (const form of disguises(token)) assert.not.ok(bytes.includes(form), `${name} holds ${token}`);
    }
  } finally {
    execFileSync('rm', ['-r', copy]);
  }
}

/** What is to be seen without a key: sizes of everything, how pages are filled, and the header but for its counters. */
export function outside(made: TestRegistry): unknown {
  const header = made.bytes().subarray(0, 100);
  for (const counter of [24, 40, 92]) header.fill(0, counter, counter + 4);
  return made.sql((database) => ({
    header: header.toString('hex'),
    size: made.bytes().length,
    files: readdirSync(made.folder),
    rows: ['recipients', 'keys'].map((table) =>
      database.prepare(`SELECT length(key), length(value), count(*) FROM ${table} GROUP BY 1, 2`).raw().all(),
    ),
    state: database.prepare('SELECT settled, length(sealed) FROM state').raw().all(),
    pages: database
      .prepare('SELECT name, path, pageno, pagetype, ncell, payload, unused FROM dbstat')
      .raw()
      .all(),
  }));
}
