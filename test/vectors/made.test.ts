/** The maker of the vectors makes every file again, octet by octet, and each has the form that it should. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries } from '../../tools/vectors/all.js';
import { encodeEntry } from '../../tools/vectors/entry.js';
import { decodeVector } from '../../tools/vectors/vector-file.js';
import { assert, suite } from '../support/suite.js';

const folder = join(import.meta.dirname, '../../../spec/vectors');
const classOf = /^[a-z]+(?:-[a-z]+)*$/;

suite('making vectors', (test) => {
  test('a file is missing, left over, or made twice', () => {
    const made = entries.map(({ name }) => `${name}.vector`);
    assert.is(new Set(made).size, made.length, 'two entries have one name');
    assert.equal(
      made.sort(),
      readdirSync(folder)
        .filter((name) => name.endsWith('.vector'))
        .sort(),
    );
  });

  test('a file has other octets than those that are made', () => {
    for (const entry of entries)
      assert.ok(
        Buffer.compare(encodeEntry(entry), readFileSync(join(folder, `${entry.name}.vector`))) === 0,
        entry.name,
      );
  });

  test('a vector is named after another class than it expects, says nothing, or is ok with a fault', () => {
    for (const { name } of entries) {
      const { expect, comments, mails, faults } = decodeVector(readFileSync(join(folder, `${name}.vector`)));
      assert.match(expect, classOf);
      assert.ok(name.startsWith(`${expect}-`), `${name}: ${expect}`);
      assert.ok(comments.length > 0 && comments.every((text) => /^[A-Z][ -~]+\.$/.test(text)), name);
      if (expect !== 'ok') continue;
      assert.equal(faults, [], name);
      assert.ok(
        mails.every(({ state }) => state === 'whole'),
        name,
      );
    }
  });

  test('a class that README.md names has no vector, another number of them, or is not named', () => {
    const counts = new Map<string, number>();
    for (const { expect } of entries) counts.set(expect, (counts.get(expect) ?? 0) + 1);
    const page = readFileSync(join(folder, 'README.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map((row) => [row[1], Number(row[2])]);
    assert.equal(rows.sort(), [...counts].sort());
    assert.match(page, new RegExp(`\\b${entries.length} vectors\\b`));
  });
});
