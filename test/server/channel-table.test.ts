/** Channel table: which channels there are, for whom, and what their number and looks tell. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openChannel } from '../../src/seal/channel.js';
import { type Identity, identityOf } from '../../src/seal/keys.js';
import { ChannelTable } from '../../src/server/channel-table.js';
import { laneKeys } from '../../src/server/lane-keys.js';
import { LiveAdministration } from '../../src/server/live-administration.js';
import { LiveRegistry } from '../../src/server/live-registry.js';
import { TestRegistry } from '../registry/make-registry.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { somePlace } from '../support/format-values.js';
import { AddressBook, PostOffice, person, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const crowd = (count: number) => Array.from({ length: count }, (_, index) => person(`member ${index}`));
const table = (keys: () => readonly Identity[], maxEagerKeys?: number) =>
  new ChannelTable({
    activeKeys: keys,
    random: chance('table'),
    ...(maxEagerKeys === undefined ? {} : { maxEagerKeys }),
  });
const pending = (key: Identity) => ({ key, plaintext: new Uint8Array(1204) });

/** The numbers of the channels among these bodies that an identity opens. */
const opened = (bodies: readonly Uint8Array[], identity: Identity, first = 0) =>
  bodies.flatMap((body, index) => (openChannel(body, identity, somePlace, first + index) ? [index] : []));

suite('channels of a segment', (test) => {
  test('the number of channels tells the number of keys', async () => {
    for (const [keys, cells] of [
      [0, 8],
      [1, 8],
      [8, 8],
      [9, 16],
      [33, 40],
    ] as const) {
      const members = crowd(keys);
      assert.is((await table(() => members).beginSegment(somePlace)).length, cells, `${keys} keys`);
    }
  });

  test('a key has no channel, or two', async () => {
    const members = crowd(9);
    const bodies = await table(() => members).beginSegment(somePlace);
    const places = members.map((member) => opened(bodies, member));
    assert.ok(places.every((at) => at.length === 1));
    assert.is(new Set(places.flat()).size, 9);
  });

  test('the order of the channels is the order of the registry', async () => {
    const members = crowd(8);
    const orders = new Set<string>();
    const one = table(() => members);
    for (let time = 0; time < 4; time++) {
      const bodies = await one.beginSegment(somePlace);
      orders.add(members.map((member) => opened(bodies, member)[0]).join());
    }
    assert.is(orders.size, 4);
    assert.not.ok(orders.has('0,1,2,3,4,5,6,7'));
  });

  test('a decoy looks otherwise than a channel', async () => {
    // 10-bit numbers that stand for four coefficients modulo 3329 are more frequent than those that stand for three.
    const sources = new Array<number>(1024).fill(0);
    for (let value = 0; value < 3329; value++) {
      const code = Math.round((value * 1024) / 3329) % 1024;
      sources[code] = (sources[code] as number) + 1;
    }
    const shareOfFrequent = (body: Uint8Array) => {
      let frequent = 0;
      for (let at = 0; at < 768; at++) {
        const bit = at * 10;
        const [low = 0, high = 0] = body.subarray(bit >> 3, (bit >> 3) + 2);
        const code = ((low | (high << 8)) >> (bit & 7)) & 1023;
        if (sources[code] === 4) frequent++;
      }
      return frequent / 768;
    };
    const share = (bodies: readonly Uint8Array[]) =>
      bodies.reduce((sum, body) => sum + shareOfFrequent(body), 0) / bodies.length;
    const decoys = [
      ...(await table(() => []).beginSegment(somePlace)),
      ...table(() => []).openChannels([pending(person('late'))], somePlace, 8),
    ];
    assert.is(decoys.length, 16);
    const noise = Array.from({ length: 16 }, (_, index) => bytesFrom(`noise ${index}`, 1264));
    assert.ok(share(noise) < 0.27, 'the test cannot tell noise');
    assert.ok(share(decoys) > 0.29, `decoys are noise: ${share(decoys)}`);
    for (const decoy of decoys) {
      assert.is(decoy.length, 1264);
      // The point of X25519, and the AEAD behind it.
      assert.ok(decoy.subarray(1088, 1120).some((byte) => byte !== 0));
      assert.ok(decoy.subarray(1120).some((byte) => byte !== 0));
    }
  });

  test('a key that is registered later stands out', () => {
    const one = table(() => []);
    const late = person('late');
    const bodies = one.openChannels([pending(late), pending(late)], somePlace, 40);
    assert.is(bodies.length, 8);
    assert.is(opened(bodies, late, 40).length, 1);
    assert.equal(one.openChannels([pending(late)], somePlace, 48), [], 'its channel is opened again');
    assert.is(one.openChannels(crowd(9).map(pending), somePlace, 48).length, 16);
  });

  test('more keys than the limit open channels all the same, or mail to them is lost', async () => {
    const members = crowd(3);
    const one = table(() => members, 2);
    assert.equal(await one.beginSegment(somePlace), []);
    assert.is(one.openChannels([pending(members[0] as Identity)], somePlace, 0).length, 8);
    one.sealEnvelope(pending(members[0] as Identity), new Uint8Array(1264), somePlace, 0);
  });

  test('a revoked key is sealed to', async () => {
    const members = crowd(2);
    const [kept, gone] = members as [Identity, Identity];
    const one = table(() => members);
    await one.beginSegment(somePlace);
    one.revoke(gone.fingerprint);
    const seal = (to: Identity) => one.sealEnvelope(pending(to), new Uint8Array(1264), somePlace, 0);
    seal(kept);
    assert.throws(() => seal(gone), /no channel to this key/);
    assert.equal(one.openChannels([pending(gone)], somePlace, 8), []);
    const next = await one.beginSegment({ ...somePlace, segment: 4 });
    assert.equal(
      next.filter((body, number) => openChannel(body, gone, { ...somePlace, segment: 4 }, number)),
      [],
    );
    one.admit(gone.fingerprint);
    assert.is(one.openChannels([pending(gone)], { ...somePlace, segment: 4 }, 8).length, 8);
  });

  test('a key that is revoked while a segment begins is sealed to', async () => {
    const members = crowd(40);
    const one = table(() => members);
    const begun = one.beginSegment(somePlace);
    // Encapsulations are done a few at a time: most are still to come.
    for (const { fingerprint } of members) one.revoke(fingerprint);
    await begun;
    for (const member of members)
      assert.throws(
        () => one.sealEnvelope(pending(member), new Uint8Array(1264), somePlace, 0),
        /no channel/,
      );
  });

  test('a channel outlives its segment', async () => {
    const [member] = crowd(1) as [Identity];
    const one = table(() => [member]);
    await one.beginSegment(somePlace);
    assert.throws(() =>
      one.sealEnvelope(pending(member), new Uint8Array(1264), { ...somePlace, segment: 4 }, 0),
    );
  });
});

suite('a registry while the server runs', (test) => {
  test('registering in mid-segment tells of one key, or the new key gets no mail', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'obalka-live-'));
    const registry = new TestRegistry('live');
    try {
      const alice = identityOf(bytesFrom('live alice', 32));
      const bob = identityOf(bytesFrom('live bob', 32));
      const journal = join(folder, 'journal');
      const book = new AddressBook();
      const random = withFewFillers(chance('live'), 0);
      registry.open.register('alice@example.org', alice.publicKey, {});
      book.set('alice@example.org', alice);
      const office = await PostOffice.open({ folder: journal, book, random });
      const live = new LiveRegistry(registry.open, { isTold: true });
      const keys = laneKeys(live, office.channels, office.lane);
      const administration = new LiveAdministration(registry.open, keys, { tell: async () => 0 });
      assert.equal(await office.send(['alice@example.org'], Buffer.from('first')), [250]);

      const version = live.version;
      assert.is(live.resolve({ localPart: 'bob', domain: 'example.org' }), undefined);
      await administration.register('bob@example.org', bob.publicKey, {});
      assert.ok(live.version > version, 'transactions under way do not ask again');
      assert.equal(
        live
          .resolve({ localPart: 'bob', domain: 'example.org' })
          ?.keys.map(({ publicKey }) => Buffer.from(publicKey)),
        [Buffer.from(bob.publicKey)],
      );
      book.set('bob@example.org', bob);
      assert.equal(await office.send(['bob@example.org'], Buffer.from('second')), [250]);
      assert.equal(await administration.revoke('bob@example.org'), { count: 1, told: 0 });
      assert.is(live.resolve({ localPart: 'bob', domain: 'example.org' }), undefined);
      assert.equal(await office.send(['bob@example.org'], Buffer.from('third')), [451]);
      await office.close();

      const view = await openDirectory(journal);
      const [segment] = (await view.segments()).filter((one) => 'place' in one);
      assert.is(segment?.counts.channels, 16);
      assert.is(segment?.claim?.channels, 16);
      await view.close();
      assert.equal(
        (await readMail(journal, [bob])).mails.map(({ content }) => content.toString()),
        ['second'],
      );
    } finally {
      registry.open.close();
      rmSync(registry.folder, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
