/** The thief's search itself: a word that is there is found, however it is written. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { base32, base32hex, bech32 } from '@scure/base';
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
  base32: (token, before) => Buffer.from(base32.encode(within(token, before))),
  'small base32': (token, before) => Buffer.from(base32.encode(within(token, before)).toLowerCase()),
  base32hex: (token, before) => Buffer.from(base32hex.encode(within(token, before))),
  bech32: (token, before) =>
    Buffer.from(bech32.encode('age1pq', bech32.toWords(within(token, before)), false)),
  'capital bech32': (token, before) =>
    Buffer.from(bech32.encode('age1pq', bech32.toWords(within(token, before)), false).toUpperCase()),
  hex: (token) => Buffer.from(token.toString('hex')),
  'capital hex': (token) => Buffer.from(token.toString('hex').toUpperCase()),
  'hex with colons': (token) => Buffer.from(codes(token).join(':')),
  'hex with spaces': (token) => Buffer.from(codes(token).join(' ')),
  'escapes of C': (token) => Buffer.from(`"\\x${codes(token).join('\\x')}"`),
  percent: (token) => Buffer.from(`%${codes(token).join('%').toUpperCase()}`),
  'quoted-printable': (token) => Buffer.from(`=${codes(token).join('=').toUpperCase()}`),
  'octets of two': (token) => Buffer.from(Uint16Array.from(token).buffer),
  'octets of four': (token) => Buffer.from(Uint32Array.from(token).buffer),
  reversed: (token) => Buffer.from([...token].reverse()),
};

function within(token: Buffer, before: number): Buffer {
  return Buffer.concat([Buffer.alloc(before, 'x'), token, Buffer.from('and more')]);
}

function codes(bytes: Buffer): string[] {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0'));
}

/** Texts as other programs write them, by hand. */
const written: readonly (readonly [name: string, token: string, form: string])[] = [
  ['UTF-7', 'Gr\u00fc\u00dfe aus Bonn', 'Gr+APwA3w-e aus Bonn'],
  ['UTF-7, all', 'Gr\u00fc\u00dfe', 'AEcAcgD8AN8AZQ'],
  ['A-label', 'b\u00fccher.example', 'xn--bcher-kva.example'],
  ['A-label of an address', 'alice@b\u00fccher.example', 'alice@xn--bcher-kva.example'],
  ['rot13', 'anna@example.org', 'naan@rknzcyr.bet'],
  ['JSON', 'she said "zephyr"', '{"a":"she said \\"zephyr\\""}'],
  ['JSON, all', 'zephyr', '\\u007a\\u0065\\u0070\\u0068\\u0079\\u0072'],
  ['decimal entities', 'zephyr', '&#122;&#101;&#112;&#104;&#121;&#114;'],
  ['hex entities', 'zephyr', '&#x7a;&#x65;&#x70;&#x68;&#x79;&#x72;'],
  ['encoded word', 'Wilhelmine Gr\u00fcbel', '=?utf-8?Q?Wilhelmine_Gr=C3=BCbel?='],
  ['percent', 'anna@example.org', 'mailto:anna%40example.org'],
  ['latin1', 'Wilhelmine Gr\u00fcbel', Buffer.from('Wilhelmine Gr\u00fcbel').toString('utf8')],
  ['UTF-16 in base64', 'zephyr', Buffer.from('z\0e\0p\0h\0y\0r\0').toString('base64')],
  ['big UTF-16 in base64', 'zephyr', Buffer.from('a\0z\0e\0p\0h\0y\0r').toString('base64')],
];

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

  test('a word that another program wrote is not found', () => {
    for (const [name, token, form] of written)
      assert.ok(new Search(disguises(token)).in(Buffer.from(`x ${form} x`)).length > 0, name);
    const latin1 = Buffer.from('Wilhelmine Gr\u00fcbel', 'latin1');
    assert.ok(new Search(disguises('Wilhelmine Gr\u00fcbel')).in(latin1).length > 0);
  });

  test('a word in something compressed is not found', () => {
    const search = new Search(disguises('zephyr'));
    const text = Buffer.from(`${'a'.repeat(300)} zephyr ${randomBytes(50).toString('hex')}`);
    const before = randomBytes(5000);
    for (const pack of [gzipSync, deflateSync])
      for (const level of [1, 6, 9]) {
        const packed = pack(text, { level });
        assert.ok(search.deep(Buffer.concat([before, packed, before])).length > 0, pack.name);
        assert.ok(search.deep(packed.subarray(0, packed.length - 20)).length > 0, `cut ${pack.name}`);
        assert.ok(search.deep(gzipSync(packed)).length > 0, `${pack.name} in gzip`);
      }
    for (const pack of [deflateRawSync, brotliCompressSync]) {
      assert.ok(search.deep(pack(text)).length > 0, pack.name);
      const head = Buffer.from('obalka segment 1\ncell 1280\n'.padEnd(4096));
      const cell = Buffer.concat([randomBytes(1280 + 44), pack(text)]);
      assert.ok(search.deep(Buffer.concat([head, cell])).length > 0, `${pack.name} in a cell`);
    }
    assert.equal(search.deep(randomBytes(300_000)), []);
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
