/** Import writer: old mail is sealed to the keys of the day, with its own date, and does not look like a change of keys. */
import { Problem } from '../../src/core/errors.js';
import { envelopeFlags } from '../../src/format/envelope-flags.js';
import { keyChanges } from '../../src/reader/key-changes.js';
import { nodeAead } from '../../src/seal/aead.js';
import { importWriter, type OldMail } from '../../src/server/import-writer.js';
import { chance } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, person, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const ann = person('ann');
const address = 'ann@example.org';
const old = (receivedAt: number): OldMail => ({ receivedAt, from: 'x@y.example', isSeen: false, notes: {} });
const text = (words: string) => Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);

suite('import writer', (test) => {
  test('old mail looks as if keys had changed, or hides that they did', () =>
    withFolder(async (folder) => {
      const book = new AddressBook();
      book.set(address, ann);
      const office = await PostOffice.open({ folder, book });
      const bring = importWriter(
        {
          ...{ lane: office.lane, recipients: book, aead: nodeAead, random: chance('old mail') },
          ...{ now: () => PostOffice.clock, maxSize: 10_000, diskReserve: undefined, space: () => undefined },
        },
        address,
      );
      const add = async (receivedAt: number, words: string) => {
        const incoming = await bring.begin(old(receivedAt));
        await incoming.write(text(words));
        await incoming.commit();
      };
      await office.send([address], text('one'));
      await add(Date.UTC(1999, 0), 'before the change');
      const changed = PostOffice.clock;
      book.set(address, ann, person('bob'));
      await add(Date.UTC(1998, 0), 'first with other keys');
      await add(changed * 2, 'from the future');
      await office.send([address], text('two'));
      await office.close();
      const { contents } = await readMail(folder, [ann]);
      const words = contents.mails.map(({ envelope }) => Buffer.from(envelope.summary.subject).toString());
      assert.equal(words, ['first with other keys', 'before the change', 'one', 'from the future', 'two']);
      const { all } = keyChanges(contents.mails);
      assert.equal(
        all.map(({ mail }) => mail.id),
        [contents.mails[0]?.id],
      );
      assert.ok(contents.mails.every(({ receivedAt }) => receivedAt <= PostOffice.clock));
      assert.is(contents.mails.filter(({ flags }) => (flags & envelopeFlags.imported) !== 0).length, 3);
    }));

  test('mail is taken that is too large, for a full disk, or for nobody', () =>
    withFolder(async (folder) => {
      const book = new AddressBook();
      book.set(address, ann);
      const office = await PostOffice.open({ folder, book });
      let free = 2000;
      const options = {
        ...{ lane: office.lane, recipients: book, aead: nodeAead, random: chance('old mail') },
        ...{ now: () => 0, maxSize: 100, diskReserve: 1000, space: () => ({ free, total: 10_000 }) },
      };
      const kindOf = async (work: () => unknown) => {
        try {
          await work();
          return 'none';
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          return error.kind;
        }
      };
      for (const [wrong, kind] of [
        ['nobody@example.org', 'missing'],
        ['*@example.org', 'usage'],
        ['ann@example.org>', 'usage'],
        ['', 'usage'],
      ] as const)
        assert.is(await kindOf(() => importWriter(options, wrong)), kind, wrong);
      const bring = importWriter(options, address);
      const incoming = await bring.begin(old(0));
      await incoming.write(Buffer.alloc(100));
      assert.is(await kindOf(() => incoming.write(Buffer.alloc(1))), 'failure');
      incoming.abort();
      free = 999;
      assert.is(await kindOf(() => bring.begin(old(0))), 'later');
      free = 2000;
      const last = await bring.begin(old(0));
      book.set(address);
      assert.is(await kindOf(() => last.commit()), 'missing');
      await office.close();
      assert.is((await readMail(folder, [ann])).mails.length, 0);
    }));
});
