/** Erasing: an envelope is as it was or erased, whatever fails and wherever it ends; and nobody else loses anything. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeErasing, type ErasureOrder, encodeErasing } from '../../src/format/erasure.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { type ErasingPlace, eraseEnvelopes, finishErasing } from '../../src/journal/erasing.js';
import { constantTime } from '../../src/journal/names.js';
import { envelopesOf, ordersFor } from '../../src/reader/erasing.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { verify } from '../../src/reader/verify.js';
import type { Identity } from '../../src/seal/keys.js';
import { hashOf } from '../crash/images.js';
import { alice, bob, toAlice, toBob, withJournal } from '../reader/make-journal.js';
import { bytesFrom } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';

const text = (words: string) => Buffer.from(words);

/** The orders to erase all mails of somebody whose content is one of these. */
async function orders(folder: string, identity: Identity, ...words: string[]): Promise<ErasureOrder[]> {
  const view = await openDirectory(folder);
  try {
    const { contents, index, found } = await openMailbox(view, [identity]);
    const wanted: ErasureOrder[] = [];
    for (const mail of contents.mails) {
      const pieces: Uint8Array[] = [];
      for await (const piece of index.content(mail)) pieces.push(piece);
      if (!words.includes(Buffer.concat(pieces).toString())) continue;
      const [first] = envelopesOf(mail, contents);
      if (first === mail) wanted.push(...(await ordersFor(envelopesOf(mail, contents), found)));
    }
    return wanted;
  } finally {
    await view.close();
  }
}

const wordsOf = async (folder: string, identity: Identity) =>
  (await readMail(folder, [identity])).mails.map(({ content }) => content.toString());

async function faultsOf(folder: string, ...identities: Identity[]): Promise<readonly string[]> {
  const view = await openDirectory(folder);
  try {
    return (await verify(view, identities)).faults;
  } finally {
    await view.close();
  }
}

/** A journal of two segments on a disk that can fail, and what is to be erased of it. */
async function prepared(
  folder: string,
): Promise<{ disk: TestDisk; orders: ErasureOrder[]; at: Omit<ErasingPlace, 'disk'> }> {
  const disk = new TestDisk();
  disk.root.sync();
  const book = new AddressBook();
  book.set(toAlice, alice);
  book.set(toBob, bob);
  const office = await PostOffice.open({ disk, folder: '/journal', book, maxStreamSize: 3 * 16_384 });
  for (const words of ['one', 'two', 'three', 'four']) await office.send([toAlice, toBob], text(words));
  await office.send([toAlice], bytesFrom('large', 70_000));
  await office.close();
  disk.materialise(folder);
  const journal = (await openDirectory(join(folder, 'journal'))).id;
  return {
    disk,
    at: { folder: '/journal', journal },
    orders: await orders(join(folder, 'journal'), alice, 'one', 'three'),
  };
}

suite('erasing', (test) => {
  test('an erased mail opens, another does not, or a check or root breaks', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice, toBob], text('shared'));
      await office.send([toAlice], text('alone'));
      await office.send([toAlice], text('kept'));
      const list = await orders(journal.path, alice, 'shared', 'alone');
      assert.is(list.length, 2);
      assert.equal(await office.erase(list), ['erased', 'erased']);
      assert.equal(await wordsOf(journal.path, alice), ['kept'], 'while the server runs');
      await office.send([toAlice], text('later'));
      await office.close();
      assert.equal(await wordsOf(journal.path, alice), ['kept', 'later']);
      assert.equal(await wordsOf(journal.path, bob), ['shared']);
      assert.equal(await faultsOf(journal.path, alice, bob), []);
      assert.is((await readMail(journal.path, [alice])).contents.erased.length, 2);
      assert.is(statSync(journal.file('envelopes')).mtimeMs / 1000, constantTime + 2);
      assert.is(statSync(journal.file('blocks')).mtimeMs / 1000, constantTime);
      assert.not(existsSync(join(journal.path, 'erasing')));
    }));

  test('an envelope is erased for somebody who cannot open it, or before it is safe', () =>
    withJournal(async (office, journal) => {
      await office.send([toAlice, toBob], text('mail'));
      const [order] = await orders(journal.path, alice, 'mail');
      assert.ok(order);
      const wrong: readonly [ErasureOrder, string][] = [
        [{ ...order, secret: bytesFrom('guess', 32) }, 'foreign'],
        [{ ...order, envelope: order.envelope ^ 1 }, 'foreign'],
        [{ ...order, envelope: 2 ** 31 }, 'missing'],
        [{ ...order, envelope: -1 }, 'missing'],
        [{ ...order, envelope: 0.5 }, 'missing'],
        [{ ...order, segment: 7 }, 'missing'],
        [{ ...order, lane: bytesFrom('lane', 16) }, 'missing'],
        [{ ...order, secret: new Uint8Array(31) }, 'missing'],
      ];
      for (const [one, result] of wrong) assert.equal(await office.erase([one]), [result]);
      const disk = new TestDisk();
      disk.root.sync();
      assert.equal(await wordsOf(journal.path, alice), ['mail']);
      assert.equal(await office.erase([order, order]), ['erased', 'erased']);
      assert.equal(await office.erase([order]), ['already']);
      await office.close();
      assert.equal(await faultsOf(journal.path, alice, bob), []);
    }));

  test('a fault, a crash or a loss of power at any moment leaves damage, or brings an erased mail back', () =>
    withFolder(async (folder) => {
      const made = await prepared(folder);
      let faults = 0;
      const images = new Set<string>();
      for (const lasting of [false, true])
        for (let n = 0; ; n += lasting ? 6 : 1) {
          const disk = made.disk.after('kill');
          let fired = false;
          disk.behaviour = {
            fault: (at) => {
              if (at !== n && !(lasting && at > n)) return undefined;
              fired = true;
              return at % 2 ? 'half' : 'error';
            },
          };
          const results = await eraseEnvelopes({ ...made.at, disk }, made.orders).catch(() => undefined);
          if (!fired) break;
          faults++;
          if (results) assert.equal(results, ['erased', 'erased']);
          const tears = (lasting ? [0] : [0, 1]).map(
            (seed) => (length: number) => bytesFrom(`tear ${n} ${seed}`, length),
          );
          for (const ending of ['kill', 'power cut', ...tears] as const) {
            const image = disk.after(ending);
            // What was looked at once is as it was.
            const shown = `${hashOf(image.root)} ${results !== undefined}`;
            if (images.has(shown)) continue;
            images.add(shown);
            assert.equal(await finishErasing({ ...made.at, disk: image }), { damaged: false, left: false });
            const there = join(folder, 'image');
            rmSync(there, { recursive: true, force: true });
            mkdirSync(there);
            image.materialise(there);
            const path = join(there, 'journal');
            const words = (await wordsOf(path, alice)).filter((one) => one.length < 100);
            const all = words.length === 4;
            assert.equal(
              words,
              all && !results ? ['one', 'two', 'three', 'four'] : ['two', 'four'],
              `fault ${n}`,
            );
            assert.equal(await wordsOf(path, bob), ['one', 'two', 'three', 'four']);
            assert.equal(await faultsOf(path), [], `fault ${n}, ${ending}`);
            assert.not(existsSync(join(path, 'erasing')));
          }
        }
      assert.ok(faults > 30, `${faults} faults`);
      console.log(`erasing: ${faults} faults, ${images.size} images, 0 envelopes damaged`);
    }));

  test('a list that is damaged keeps the server from starting, or erases something else', () =>
    withFolder(async (folder) => {
      const { disk, at, orders } = await prepared(folder);
      const bytes = encodeErasing(orders.map((order) => ({ ...order, hash: new Uint8Array(32) })));
      assert.equal(decodeErasing(bytes)?.length, orders.length);
      for (let octet = 0; octet < bytes.length; octet += 7) {
        const bad = bytes.slice();
        bad[octet] = (bad[octet] as number) ^ 1;
        assert.is(decodeErasing(bad), undefined);
      }
      const file = await disk.create('journal/erasing');
      await file.write(0, [bytes.subarray(0, 90)]);
      assert.equal(await finishErasing({ ...at, disk }), { damaged: true, left: false });
      assert.equal(await disk.list('journal').then((names) => names.includes('erasing')), false);
      disk.materialise(folder);
      assert.is((await wordsOf(join(folder, 'journal'), alice)).length, 5);
    }));

  test('a list from elsewhere writes over what it does not prove, or beyond the end', () =>
    withFolder(async (folder) => {
      const { disk, at, orders } = await prepared(folder);
      const [order] = orders;
      assert.ok(order);
      const before = disk.after('kill');
      const hash = new Uint8Array(32);
      const list = [
        { ...order, secret: bytesFrom('guess', 32), hash },
        { ...order, envelope: 5000, hash },
        { ...order, segment: 99, hash },
        { ...order, lane: bytesFrom('lane', 16), hash },
      ];
      const file = await disk.create('journal/erasing');
      await file.write(0, [encodeErasing(list)]);
      assert.equal(await finishErasing({ ...at, disk }), { damaged: false, left: false });
      const [there, then] = [join(folder, 'there'), join(folder, 'then')];
      disk.materialise(there);
      before.materialise(then);
      for (const name of readdirSync(then, { recursive: true, encoding: 'utf8' }))
        if (statSync(join(then, name)).isFile())
          assert.equal(readFileSync(join(there, name)), readFileSync(join(then, name)), name);
    }));

  test('one segment that cannot be written keeps the server from starting, or the others from being erased', () =>
    withFolder(async (folder) => {
      const { disk, at, orders } = await prepared(folder);
      const segments = new Set(orders.map(({ segment }) => segment));
      assert.is(segments.size, 2);
      const [bad = 0] = segments;
      const fault = (_: number, operation: string, path: string) =>
        operation === 'write' && path.includes(`segment-0000000${bad}`) ? ('error' as const) : undefined;
      disk.behaviour = { fault };
      const failed = await eraseEnvelopes({ ...at, disk }, orders).then(
        () => false,
        () => true,
      );
      assert.ok(failed);
      assert.equal(await finishErasing({ ...at, disk }), { damaged: false, left: true });
      const image = disk.after('kill');
      assert.equal(await finishErasing({ ...at, disk: image }), { damaged: false, left: false });
      image.materialise(folder);
      assert.equal((await readMail(join(folder, 'journal'), [alice])).contents.erased.length, 2);
    }));

  test('the time of the file forgets what was erased, after a restart or a crash', () =>
    withFolder(async (folder) => {
      const { disk, at, orders } = await prepared(folder);
      await eraseEnvelopes({ ...at, disk }, orders);
      disk.materialise(folder);
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const files = names.filter((name) => name.endsWith('/envelopes'));
      const times = files.map((name) => statSync(join(folder, name)).mtimeMs / 1000);
      const total = times.reduce((sum, time) => sum + time - constantTime, 0);
      assert.is(total, 2);
    }));
});
