/** Vectors: the example of spec/registry.md, and a registry read by code that shares nothing with src/. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake2b } from '@noble/hashes/blake2.js';
import type Database from 'better-sqlite3';
import { createRegistry } from '../../src/registry/open-registry.js';
import { Sqlite } from '../../src/sqlite/sqlite.js';
import { assert, suite } from '../support/suite.js';

const expected = {
  root: '2a02ba7806545eeb350391345a18e698f50d0ae604e4853ef86e0c2cfc2ffa38',
  check: '129aabf1bd229dbf5db35db6265f514c',
  rowKey: '3a160dd5c0f139142bc1522683ce6a93900acc15324528e646528182c05296c4',
  sealKey: '62eb0d3dcd6e48749c440353d4047210568b9e0d7aa8fa61e546d7c0d74cfde4',
  bodyHead:
    '0106000000000000000000006b49d200000000000000000000000000713fb3006c6170746f7000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
  valueHash: '05f4c53d5058bac1189d41762bd97a0ad934f8bb3eb952016fb220b9db8b2a24',
  aliasRowKey: '3afd6865d2649bb8d75a46b1ad18296db0b9e751518a59e51dc354f32dc30930',
  aliasSealKey: 'dff2f74341f423d4d5ca3cd93fdf07f15f7425314b3cee4a019117da85eac270',
  aliasHead:
    '0300000000000000000000006b49d20000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000011616c696365406578616d706c652e6f7267',
  aliasValueHash: '4695f1825e372f05ace8e678319e0f40145dde6ce9cd749ad5a0fa1ee8378221',
  keyRowKey: 'f5dc26ae7c012f0c9e86664732eac490396f151fe0743cad0e8088bb32349c15',
};

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** spec/sealing.md, Derivation: BLAKE2b over u8 length of context | context | input. */
function derive(key: Uint8Array, context: string, input: Uint8Array, dkLen: number): Uint8Array {
  return blake2b(Buffer.concat([Buffer.of(context.length), Buffer.from(context), input]), { key, dkLen });
}

/** spec/registry.md, Recipient rows. */
function recipientRow(root: Uint8Array, slot: number, subject: string): { key: Buffer; sealKey: Buffer } {
  const input = Buffer.concat([Buffer.of(0, 0, 0, slot), Buffer.from(subject)]);
  const both = Buffer.from(derive(root, 'recipient row', input, 64));
  return { key: both.subarray(0, 32), sealKey: both.subarray(32) };
}

function open(sealKey: Uint8Array, place: Uint8Array, value: Uint8Array): Buffer {
  return Buffer.from(chacha20poly1305(sealKey, value.subarray(0, 12), place).decrypt(value.subarray(12)));
}

/** Counting octets: first, first + 1, and so on. */
function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => first + index);
}

/** What is drawn second is the registry's id; nonces are zeros. */
function drawing(): (length: number) => Uint8Array {
  let drawn = 0;
  return (length) => {
    drawn += 1;
    return drawn === 2 ? counting(length, 0xa0) : new Uint8Array(length);
  };
}

suite('registry vectors', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'obalka-registry-'));
  const path = join(folder, 'registry.db');
  const pepper = counting(32);
  const publicKey = counting(1216);
  const root = derive(pepper, 'obalka registry', counting(16, 0xa0), 32);
  let file: Database.Database;

  test.before(() => {
    const registry = createRegistry({ path, pepper, random: drawing(), now: () => 1_800_000_000_999 });
    registry.register('Alice@Example.org', publicKey, { label: 'laptop', until: 1_900_000_000 });
    registry.register('*@example.org', publicKey);
    registry.close();
    file = new Sqlite(path);
  });
  test.after(() => {
    file.close();
    rmSync(folder, { recursive: true });
  });

  const value = (table: string, key: Uint8Array) =>
    file.prepare<[Uint8Array], Buffer>(`SELECT value FROM ${table} WHERE key = ?`).pluck().get(key) as Buffer;

  test('another recipient row than the specification shows', () => {
    assert.is(hex(root), expected.root);
    const { key, sealKey } = recipientRow(root, 0, '\u0001alice@example.org');
    assert.is(hex(key), expected.rowKey);
    assert.is(hex(sealKey), expected.sealKey);
    const sealed = value('recipients', key);
    assert.is(hex(createHash('sha256').update(sealed).digest()), expected.valueHash);
    const body = open(sealKey, key, sealed);
    assert.is(hex(body.subarray(0, 96)), expected.bodyHead);
    assert.equal(new Uint8Array(body.subarray(96, 1312)), publicKey);
    assert.equal(new Uint8Array(body.subarray(1312)), new Uint8Array(32));
  });

  test('another state row than the specification shows', () => {
    const state = file.prepare<[], Buffer>('SELECT sealed FROM state').pluck().get() as Buffer;
    assert.is(hex(state.subarray(0, 16)), hex(counting(16, 0xa0)));
    assert.is(hex(state.subarray(16, 32)), hex(derive(root, 'pepper check', new Uint8Array(0), 16)));
    assert.is(hex(state.subarray(16, 32)), expected.check);
    const body = open(
      derive(root, 'state', new Uint8Array(0), 32),
      state.subarray(0, 32),
      state.subarray(32),
    );
    const numbers = Array.from({ length: 8 }, (_, index) => Number(body.readBigUInt64BE(8 * index)));
    assert.equal(numbers, [2, 2, 8, 1, 1, 8, 0, 0]);
  });

  test('another key row than the specification shows', () => {
    const fingerprint = createHash('sha256').update(publicKey).digest();
    const key = derive(root, 'key row', fingerprint, 32);
    assert.is(hex(key), expected.keyRowKey);
    const body = open(derive(root, 'key row seal', key, 32), key, value('keys', key));
    assert.is(hex(body.subarray(0, 16)), `01${'00'.repeat(7)}0000000000000002`);
    assert.equal(new Uint8Array(body.subarray(16)), publicKey);
  });

  test('padding that is not what the specification says', () => {
    for (let number = 2; number < 8; number += 1) {
      const { key, sealKey } = recipientRow(
        root,
        0,
        `\u0000${'\u0000'.repeat(7)}${String.fromCharCode(number)}`,
      );
      assert.equal(new Uint8Array(open(sealKey, key, value('recipients', key))), new Uint8Array(1344));
    }
    for (let number = 1; number < 8; number += 1) {
      const key = derive(root, 'key row', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, number), 32);
      const body = open(derive(root, 'key row seal', key, 32), key, value('keys', key));
      assert.equal(new Uint8Array(body), new Uint8Array(1232));
    }
    assert.is(file.prepare('SELECT count(*) FROM recipients').pluck().get(), 8);
    assert.is(file.prepare('SELECT count(*) FROM keys').pluck().get(), 8);
  });

  test('a header that is not what the specification says', () => {
    assert.is(file.pragma('application_id', { simple: true }), 0x6f627267);
    assert.is(file.pragma('user_version', { simple: true }), 2);
    assert.is(file.pragma('page_size', { simple: true }), 16384);
  });

  test('another row of an alias than the specification shows', () => {
    const path = join(folder, 'aliases.db');
    const registry = createRegistry({ path, pepper, random: drawing(), now: () => 1_800_000_000_999 });
    registry.register('alice@example.org', publicKey);
    registry.alias('Team@Example.org', ['Alice@Example.org']);
    registry.close();
    file.close();
    file = new Sqlite(path);
    const { key, sealKey } = recipientRow(root, 0, '\u0001team@example.org');
    assert.is(hex(key), expected.aliasRowKey);
    assert.is(hex(sealKey), expected.aliasSealKey);
    const sealed = value('recipients', key);
    const body = open(sealKey, key, sealed);
    assert.is(hex(body.subarray(0, 115)), expected.aliasHead);
    assert.equal(new Uint8Array(body.subarray(115)), new Uint8Array(1344 - 115));
    assert.is(hex(createHash('sha256').update(sealed).digest()), expected.aliasValueHash);
  });
});
