/** Promises of the threat model that no other suite looks at as a whole. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base32nopad } from '@scure/base';

import { administer } from '../../src/cli/data/administer.js';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { openRow, RowKeys } from '../../src/registry/row-keys.js';
import { keySetFingerprint } from '../../src/seal/keys.js';
import { Sqlite } from '../../src/sqlite/sqlite.js';
import { disguises, Search } from '../support/disguises.js';
import { withFolder } from '../support/folder.js';
import { Installation, within } from '../support/installation.js';
import { entriesBelow } from '../support/live-folder.js';
import { AddressBook, PostOffice, person, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';
import { repeatsIn } from './statistics.js';
import { contents } from './trees.js';

const address = 'wilhelmine.von.quitzow@hollerbusch.example';

suite('promises', (test) => {
  test('the pepper opens an address that is not guessed', () =>
    within(Installation.with(address), async (made) => {
      const data = dataDirectory(made.data);
      const pepper = Buffer.from(readFileSync(data.pepper, 'latin1').trim(), 'hex');
      const database = new Sqlite(data.registry, { readonly: true });
      const rows = (table: string) =>
        database.prepare<[], { key: Buffer; value: Buffer }>(`SELECT key, value FROM ${table}`).all();
      const [keyRows, recipients] = [rows('keys'), rows('recipients')];
      const state = database.prepare<[], Buffer>('SELECT sealed FROM state').pluck().get() as Buffer;
      database.close();
      const keys = new RowKeys(pepper, state.subarray(0, 16));
      const opened = [
        openRow(keys.state, state.subarray(0, 32), state.subarray(32)),
        ...keyRows.map(({ key, value }) => openRow(keys.keyRowSeal(key), key, value)),
      ].map((body) => Buffer.from(body ?? []));
      assert.ok(
        opened.every(({ length }) => length > 0),
        'the pepper opens state and key rows',
      );
      assert.is(opened.slice(1).filter(([kind]) => kind === 1).length, 1, 'and tells the number of keys');
      // All that the pepper gives without an address, tried on the rows of addresses.
      const tries = [pepper, keys.check, keys.state, ...recipients.map(({ key }) => keys.keyRowSeal(key))];
      for (const { key, value } of recipients)
        for (const one of tries.filter(({ length }) => length === 32))
          assert.is(openRow(one, key, value), undefined);
      const words = [address, ...address.split(/[@.]/)].filter((word) => word.length > 6);
      assert.equal(new Search(words.flatMap((word) => disguises(word))).in(Buffer.concat(opened)), []);
    }));

  test('something in the data directory is open to others', () =>
    within(Installation.with(address), async (made) => {
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      wire.must(await wire.deliver({ from: '', to: [address], content: Buffer.from('hello\r\n') }), '250');
      await wire.quit();
      const look = (moment: string) => {
        const itself = lstatSync(made.data, { bigint: true });
        const entries = [['', itself] as const, ...entriesBelow(made.data)];
        const names = entries.map(([name]) => name);
        assert.ok(names.some((name) => /^signers\/lane-/.test(name)) && names.length > 14, names.join());
        for (const [name, { mode }] of entries)
          assert.is(mode & 0o077n, 0n, `${moment}: ${name}: ${(mode & 0o777n).toString(8)}`);
      };
      look('while it serves');
      assert.is((await server.stop()).code, 0);
      look('after the end');
    }));

  test('a key that was added behind its back is not in the next mail of an owner', () =>
    withFolder(async (folder) => {
      const [alice, mallory] = [person('alice'), person('mallory')];
      const book = new AddressBook();
      book.set(address, alice);
      const office = await PostOffice.open({ folder: join(folder, 'journal'), book });
      await office.send([address], Buffer.from('before\r\n'));
      book.set(address, alice, mallory);
      office.channels.admit(mallory.fingerprint);
      await office.send([address], Buffer.from('after\r\n'));
      await office.close();
      const opened = await readMail(join(folder, 'journal'), [alice]);
      const told = opened.contents.mails.map(({ envelope }) => [
        Buffer.from(envelope.keySet).toString('hex'),
        envelope.flags,
      ]);
      const print = (...people: (typeof alice)[]) =>
        Buffer.from(keySetFingerprint(people.map(({ fingerprint }) => fingerprint))).toString('hex');
      assert.equal(told, [
        [print(alice), 0],
        [print(alice, mallory), 1],
      ]);
    }));

  test('the id in a reply is made of something that a recipient can read', () =>
    withFolder(async (folder) => {
      const alice = person('alice');
      const book = new AddressBook();
      book.set(address, alice);
      const office = await PostOffice.open({ folder: join(folder, 'journal'), book });
      const delivery = await office.begin(address);
      if (!('commit' in delivery)) return assert.unreachable('refused');
      await delivery.write(Buffer.from('Subject: hello\r\n\r\nhello\r\n'));
      const [reply] = await delivery.commit();
      await office.close();
      const id = /^Ok: ([a-z2-7]{10})$/.exec(reply?.lines[0] ?? '')?.[1] as string;
      assert.ok(id);
      const { mails } = (await readMail(join(folder, 'journal'), [alice])).contents;
      const files = contents(folder);
      const known = [...files.cells.channels, ...files.cells.envelopes, ...files.cells.blocks];
      for (const { envelope } of mails)
        known.push(...[envelope.messageKey, envelope.leaves, envelope.keySet].map((one) => Buffer.from(one)));
      assert.ok(mails.length === 1 && known.length > 10);
      const letters = (bytes: Buffer) =>
        [...bytes].map((octet) => 'abcdefghijklmnopqrstuvwxyz234567'[octet & 31]).join('');
      for (const bytes of known) {
        assert.not.ok(letters(bytes).includes(id), 'its low bits');
        assert.not.ok(base32nopad.encode(bytes).toLowerCase().includes(id), 'its bits');
      }
    }));

  test('RCPT says more of an address that takes no mail than that it takes none', () =>
    within(Installation.with(address, 'gone@hollerbusch.example'), async (made) => {
      await administer(dataDirectory(made.data), { command: 'revoke', address: 'gone@hollerbusch.example' });
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const said = new Set<string>();
      for (const name of ['gone', 'never', 'wilhelmine', '"wilhelmine.von.quitzow "'])
        for (const domain of ['hollerbusch.example', 'nowhere.example', '[127.0.0.1]']) {
          await wire.command('MAIL FROM:<>');
          said.add(await wire.command(`RCPT TO:<${name}@${domain}>`));
          await wire.command('RSET');
        }
      assert.equal([...said], ['550 5.1.1 No such recipient here']);
      await wire.quit();
    }));

  test('a sender chooses octets of a cell: the same mail gives the same cell, or a part of it', () =>
    within(Installation.with(address), async (made) => {
      const server = await made.serve();
      const lines =
        randomBytes(9000)
          .toString('base64')
          .match(/.{1,70}/g) ?? [];
      const content = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
      for (let copy = 0; copy < 3; copy++) {
        const wire = await Wire.to(server.port);
        await wire.hello();
        wire.must(await wire.deliver({ from: 'sender@example.net', to: [address], content }), '250');
        await wire.quit();
      }
      await server.stop();
      const { cells } = contents(join(made.data, 'journal'));
      assert.equal(repeatsIn([...cells.envelopes, ...cells.blocks]), []);
      const sent = [0, 1000, 5000].map((at) => ({ name: `${at}`, bytes: content.subarray(at, at + 16) }));
      assert.equal(new Search(sent).in(Buffer.concat(cells.blocks)), []);
    }));
});
