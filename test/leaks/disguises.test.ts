/** The thief's search itself: a word that is there is found, however it is written. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disguises, Search, shortestPattern } from '../support/disguises.js';
import { assert, suite } from '../support/suite.js';

const tokens = ['Wilhelmine.Grübel', 'anna@example.org', 'zephyr', randomBytes(32)];

/** Encoders of other make than those that are tested: whole texts in which a token stands somewhere. */
const texts: Readonly<Record<string, (token: Buffer, before: number) => Buffer>> = {
  plain: (token) => token,
  base64: (token, before) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(before, 'x'), token, Buffer.from('and more')]).toString('base64'),
    ),
  base64url: (token, before) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(before, 'x'), token, Buffer.from('and more')]).toString('base64url'),
    ),
  hex: (token) => Buffer.from(token.toString('hex')),
  'capital hex': (token) => Buffer.from(token.toString('hex').toUpperCase()),
  reversed: (token) => Buffer.from([...token].reverse()),
};

suite('search of a thief', (test) => {
  test('a planted word is not found in some encoding', () => {
    for (const token of tokens) {
      const search = new Search(disguises(token));
      const bytes = Buffer.from(token);
      for (const [name, encode] of Object.entries(texts))
        for (const before of [0, 1, 2, 3, 4]) {
          const planted = Buffer.concat([randomBytes(5000), encode(bytes, before), randomBytes(before)]);
          assert.ok(search.in(planted).length > 0, `${token} as ${name} after ${before}`);
        }
      if (typeof token !== 'string') continue;
      const wide = Buffer.from(token, 'utf16le');
      for (const form of [
        wide,
        Buffer.from(wide).swap16(),
        Buffer.from(token.toUpperCase()),
        Buffer.from(token.toLowerCase()),
        Buffer.from(token.replace('ü', '=C3=BC')),
        Buffer.from(
          [...bytes].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
        ),
        Buffer.from(token.toUpperCase()).toString('base64'),
      ])
        assert.ok(search.in(Buffer.concat([randomBytes(99), Buffer.from(form)])).length > 0, `${form}`);
    }
  });

  test('a file in a folder of folders is not looked at, or the end of one, or its name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'obalka-search-'));
    try {
      mkdirSync(join(folder, 'a/b/c'), { recursive: true });
      writeFileSync(join(folder, 'a/b/c/file'), Buffer.concat([randomBytes(70_000), Buffer.from('zephyr')]));
      writeFileSync(join(folder, 'a/for-anna@example.org'), '');
      const seen: string[] = [];
      const search = new Search(tokens.flatMap(disguises));
      const found = search.under(folder, (path) => seen.push(path));
      assert.is(seen.length, 2);
      assert.equal(
        found.map((one) => one.replace(folder, '')).sort(),
        [
          '/a/b/c/file: "zephyr" as plain',
          `name ${folder}/a/for-anna@example.org: "anna@example.org" as plain`.replace(folder, ''),
        ].sort(),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('random octets are taken for a word', () => {
    const search = new Search(tokens.flatMap(disguises));
    assert.ok(tokens.flatMap(disguises).every(({ bytes }) => bytes.length >= shortestPattern));
    assert.equal(search.in(randomBytes(4_000_000)), []);
  });
});
