/** Key changes: what counts as one address, what is remembered, and what is told although the mail before it is gone. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hex } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import { encodeEnvelope, type WayReached } from '../../src/format/envelope.js';
import { envelopeFlags } from '../../src/format/envelope-flags.js';
import { addressesOf, distinctChanges, keyChanges, type SeenKeys } from '../../src/reader/key-changes.js';
import { isKnown, joinMemories, memoryName, openMemory, sealMemory } from '../../src/reader/key-memory.js';
import { Mail } from '../../src/reader/mail.js';
import { identityOf, keySetFingerprint } from '../../src/seal/keys.js';
import { bytesFrom, chance } from '../support/chance.js';
import { person } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const [ann, bob] = [person('ann'), person('bob')];
const annAlone = keySetFingerprint([ann.fingerprint]);
const both = keySetFingerprint([ann.fingerprint, bob.fingerprint]);
const at = { journal: new Uint8Array(16), lane: new Uint8Array(16), segment: 0, id: new Uint8Array(16) };
const empty = new Uint8Array(0);

function mail(id: string, keySet: Uint8Array, given: Partial<Given> = {}): Mail {
  const {
    recipient = 'ann@example.org',
    reached = 'itself',
    receivedAt = Number(id),
    flags = 0,
    identity = ann,
  } = given;
  const plaintext = encodeEnvelope({
    reached,
    flags,
    depth: 0,
    receivedAt,
    preludeLength: 0,
    contentLength: 1,
    trailerLength: 0,
    messageKey: new Uint8Array(32),
    leaves: new Uint8Array(32),
    keySet,
    runs: [{ segment: 0, first: 0, count: 1 }],
    recipient,
    summary: { from: empty, subject: empty, date: empty, messageId: empty },
  });
  return new Mail(id, identity, at, 0, plaintext);
}

interface Given {
  readonly recipient: string;
  readonly reached: WayReached;
  readonly receivedAt: number;
  readonly flags: number;
  readonly identity: typeof ann;
}

const changed = (mails: readonly Mail[], remembered: readonly SeenKeys[] = []) =>
  keyChanges(mails, () => remembered).all.map(
    ({ mail, address, isYoursAlone }) => `${mail.id} ${address} ${isYoursAlone}`,
  );

suite('key changes', (test) => {
  test('spellings of an address are several, or two addresses are one', () => {
    const of = (recipient: string, reached: WayReached = 'itself') => addressesOf({ recipient, reached });
    assert.equal(of('Ann@EXAMPLE.org'), ['ann@example.org']);
    assert.equal(of('ann@bücher.example'), of('ANN@xn--bcher-kva.example'));
    assert.equal(of('"a@b"@example.org'), ['"a@b"@example.org']);
    assert.equal(of('Postmaster'), ['postmaster']);
    assert.equal(of('ann+shop@example.org'), ['ann+shop@example.org']);
    assert.equal(of('ann+shop+x@example.org', 'sub-address'), ['ann@example.org']);
    assert.equal(of('+x@example.org', 'sub-address'), ['+x@example.org']);
    assert.equal(of('any@Example.org', 'domain-catch-all'), ['any@example.org', '*@example.org']);
    assert.equal(of('any@example.org', 'system-catch-all'), ['any@example.org', '*']);
    assert.equal(changed([mail('1', annAlone), mail('2', both, { recipient: 'ann@example.net' })]), []);
    assert.equal(changed([mail('1', annAlone), mail('2', annAlone, { identity: bob })]), []);
  });

  test('an address leaves its catch-all, or the catch-all gets other keys, and nobody is told', () => {
    const caught = { recipient: 'x@example.org', reached: 'domain-catch-all' } as const;
    const other = { recipient: 'y@example.org', reached: 'domain-catch-all' } as const;
    assert.equal(
      changed([
        mail('1', annAlone, caught),
        mail('2', annAlone, other),
        mail('3', both, { recipient: 'x@example.org', flags: envelopeFlags.sharedAddress }),
        mail('4', both, { recipient: 'x@example.org' }),
        mail('5', both, other),
        mail('6', annAlone, { ...caught, recipient: 'z@example.org' }),
      ]),
      ['3 x@example.org false', '5 y@example.org false', '6 *@example.org true'],
    );
  });

  test('the mail before a change is gone, and with it what was known', () => {
    const seen = { address: 'ann@example.org', keySet: annAlone, receivedAt: 5, id: '5' };
    assert.equal(changed([mail('7', both)], [seen]), ['7 ann@example.org false']);
    assert.equal(changed([mail('7', annAlone)], [seen]), []);
    // What is older than what is remembered is held against its own past alone.
    assert.equal(changed([mail('3', both), mail('4', both)], [seen]), []);
    assert.equal(changed([mail('3', both), mail('7', both)], [seen]), ['7 ann@example.org false']);
    // Its mail is there, and counts once, where it stands.
    assert.equal(changed([mail('5', annAlone), mail('6', annAlone)], [{ ...seen, keySet: both }]), []);
    const { last } = keyChanges([mail('3', both)], () => [seen]);
    assert.equal(last(ann), [seen], 'what is remembered is younger');
  });

  test('two identities of one reader are told of one change twice', () => {
    const mails = [ann, bob].flatMap((identity) => [
      mail('1', annAlone, { identity }),
      mail('2', both, { identity }),
    ]);
    const { all } = keyChanges([mails[0], mails[2], mails[1], mails[3]] as Mail[]);
    assert.equal([all.length, distinctChanges(all).length], [2, 1]);
  });

  test('what is remembered opens for somebody else, or elsewhere, or tells how much it is', () => {
    const random = chance('key memory');
    const journal = bytesFrom('journal', 16);
    const memory = {
      last: [{ address: 'ann@example.org', keySet: new Uint8Array(both), receivedAt: 7, id: 'abc' }],
      told: ['abc'],
    };
    const sealed = sealMemory(memory, ann, journal, random);
    assert.equal(openMemory(sealed, ann, journal), memory);
    assert.is(sealed.length, sealMemory({ last: [], told: [] }, ann, journal, random).length);
    for (const [identity, id] of [
      [bob, journal],
      [ann, bytesFrom('other', 16)],
    ] as const) {
      assert.throws(() => openMemory(sealed, identity, id), /does not open: it was changed/);
      assert.is.not(memoryName(identity, id), memoryName(ann, journal));
    }
    for (let length = 0; length < 30; length++)
      assert.throws(() => openMemory(sealed.subarray(0, length), ann, journal), /does not open/);
  });

  test('the example of spec/checkpoints.md comes out otherwise', () => {
    const example = identityOf(Uint8Array.from({ length: 32 }, (_, at) => 0x40 + at));
    const journal = Uint8Array.from({ length: 16 }, (_, at) => at);
    const keySet = keySetFingerprint([example.fingerprint]);
    const last = [
      { address: 'alice@example.org', keySet, receivedAt: 1_800_000_000_123, id: 'u7hqlafwerprk' },
    ];
    const counting = (length: number) => Uint8Array.from({ length }, (_, at) => 0xa0 + at);
    const sealed = sealMemory({ last, told: [] }, example, journal, counting);
    assert.is(memoryName(example, journal), 'e3528aaf5f971989730cced4e7d2e36e');
    const spec = readFileSync(resolve(import.meta.dirname, '../../../spec/checkpoints.md'), 'utf8');
    assert.match(spec, `    sealed   ${hex(sealed.subarray(0, 32))}…\n`);
    assert.match(spec, `             ${hex(sha256(sealed))}\n`);
  });

  test('two readers at once: one forgets what the other was told', () => {
    const seen = (receivedAt: number, address = 'a') => ({
      address,
      keySet: both,
      receivedAt,
      id: String(receivedAt),
    });
    const one = { last: [seen(5), seen(1, 'b')], told: ['1'] };
    const other = { last: [seen(3), seen(2, 'b')], told: ['2'] };
    const joined = joinMemories(one, other);
    assert.equal(
      joined.last.map(({ address, receivedAt }) => `${address}${receivedAt}`),
      ['b2', 'a5'],
    );
    assert.equal(joined.told, ['1', '2']);
    assert.ok(isKnown(joined, one) && isKnown(joined, other));
    assert.not.ok(isKnown(one, other));
    const many = Array.from({ length: 1500 }, (_, number) => seen(number, `address ${number}`));
    const kept = joinMemories({ last: many, told: [] }, one);
    assert.equal([kept.last.length, kept.last.at(-1)?.receivedAt], [1000, 1499]);
    assert.ok(isKnown(kept, { last: kept.last, told: [] }));
  });
});
