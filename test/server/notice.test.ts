/** A notice as it is written: to whom it goes, what it says, and that nothing makes it longer than one block. */
import fc from 'fast-check';
import { firstBlockTextSize } from '../../src/format/blocks.js';
import { encodePrelude } from '../../src/format/prelude.js';
import type { RegisteredKey } from '../../src/registry/registry.js';
import { keySetFingerprint, publicKeySize } from '../../src/seal/keys.js';
import { keySetAt, keysAfterRegistering, keysAfterRevoking } from '../../src/server/change-of-keys.js';
import { noticeOfChange } from '../../src/server/notice.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const now = Date.UTC(2026, 10, 21, 8, 45, 12, 345);
const second = Math.floor(now / 1000);
const settings = { hostname: 'mx.example.org', now, id: '00' };
const address = 'ann@example.org';

function key(name: string, given: Partial<RegisteredKey> = {}): RegisteredKey {
  return {
    publicKey: bytesFrom(name, publicKeySize),
    fingerprint: bytesFrom(`fingerprint of ${name}`, 32),
    label: name,
    registeredAt: 1,
    ...given,
  };
}

const told = (before: readonly RegisteredKey[], after: readonly RegisteredKey[]) =>
  noticeOfChange({ address, before, after }, settings)?.keys.map(({ label }) => label);

suite('a notice', (test) => {
  test('goes to a key that is over, or not to one that was taken away, or is written for nothing', () => {
    const [one, two] = [key('one'), key('two')];
    const [past, future] = [key('past', { until: second }), key('future', { from: second + 9 })];
    assert.equal(told([one], [one, two]), ['one']);
    assert.equal(told([one, two], [two]), ['one', 'two']);
    assert.equal(told([one, past, future], []), ['one', 'future']);
    assert.is(told([past], [past, one]), undefined);
    assert.is(told([], [one]), undefined);
    assert.is(told([one], [{ ...one, label: 'another' }]), undefined);
    assert.equal(told([one], [{ ...one, until: second + 1 }]), ['one']);
    assert.equal(told([past], [{ ...past, until: second + 1 }]), undefined);
    assert.equal(keySetAt([one, past, future], now), keySetFingerprint([one.fingerprint]));
    assert.equal(
      noticeOfChange({ address, before: [one, past], after: [] }, settings)?.keySet,
      keySetAt([one], now),
    );
  });

  test('says another change than the one that is made', () => {
    const [one, two] = [key('one'), key('two')];
    const details = { label: 'three', from: second + 60, until: second + 120 };
    const added = keysAfterRegistering([one], two.publicKey, details);
    assert.equal(
      added.map(({ label, from, until }) => [label, from, until]),
      [
        ['one', undefined, undefined],
        ['three', second + 60, second + 120],
      ],
    );
    const changed = keysAfterRegistering([one, two], one.publicKey, { label: null });
    assert.equal(
      changed.map(({ label }) => label),
      ['', 'two'],
    );
    assert.throws(
      () => keysAfterRegistering([one], two.publicKey, { from: 5, until: 5 }),
      /lies after its beginning/,
    );
    const full = Array.from({ length: 1024 }, (_, number) => key(String(number)));
    assert.throws(() => keysAfterRegistering(full, two.publicKey, {}), /at most 1024 keys/);
    assert.is(keysAfterRegistering(full, full[5]?.publicKey as Uint8Array, {}).length, 1024);
    assert.equal(keysAfterRevoking([one, two], one.fingerprint), [two]);
    assert.equal(keysAfterRevoking([one, two], undefined), []);

    const text = Buffer.from(
      noticeOfChange({ address, before: [one], after: added }, settings)?.content ?? [],
    ).toString();
    assert.match(text, /^Date: Sat, 21 Nov 2026 08:45:12 \+0000\r$/m);
    assert.match(text, /^When: 2026-11-21 08:45:12 UTC\r$/m);
    assert.match(
      text,
      /^Added:\r\n {4}\S+ {2}from 2026-11-21 08:46:12 UTC {2}until 2026-11-21 08:47:12 UTC {2}three\r$/m,
    );
    assert.not.match(text, /^Removed:/m);
  });

  test('is longer than a block, has a line that is no line, or a header that is not ASCII', () => {
    const labels = fc.string({ unit: 'grapheme', maxLength: 64 }).map((text) => text.replace(/\p{C}/gu, ''));
    const many = fc.array(labels, { maxLength: 40 });
    const addresses = fc.oneof(
      fc.constantFrom(
        '*',
        'postmaster',
        '*@example.org',
        'jörg@bücher.example',
        '"a b"@example.org',
        `${'l'.repeat(64)}@${'d.'.repeat(127)}e`,
      ),
      fc
        .string({ unit: 'grapheme', maxLength: 64 })
        .map((text) => `${text.replace(/\p{C}/gu, '')}@example.org`),
    );
    const host = 'h'.repeat(255);
    const prelude = encodePrelude({ from: '', helo: host, client: '', protocol: 'notice', tls: '' });
    fc.assert(
      fc.property(addresses, many, many, many, (address, gone, come, stay) => {
        const keys = (of: readonly string[], what: string) =>
          of.map((label, at) => key(`${what} ${at}`, { label: label.slice(0, 64), from: 1, until: 2 ** 52 }));
        const before = [...keys(gone, 'gone'), ...keys(stay, 'stay')];
        const after = [
          ...keys(stay, 'stay').map((one) => ({ ...one, until: 2 ** 51 })),
          ...keys(come, 'come'),
        ];
        const notice = noticeOfChange(
          { address, before, after },
          { ...settings, hostname: host, id: '0'.repeat(32) },
        );
        if (before.length === 0) return assert.is(notice, undefined);
        if (!notice) return assert.is(before.length + after.length, 0);
        const text = Buffer.from(notice.content);
        assert.ok(prelude.length + text.length <= firstBlockTextSize, `${text.length} octets`);
        const whole = text.toString('latin1');
        assert.not.match(whole, /\r(?!\n)|(?<!\r)\n/);
        const header = whole.slice(0, whole.indexOf('\r\n\r\n'));
        for (const line of header.split('\r\n')) assert.match(line, /^[A-Z][A-Za-z-]+: [ -~]+$/);
        for (const line of whole.split('\r\n')) assert.ok(line.length <= 998, line);
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  });
});
