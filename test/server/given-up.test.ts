import { firstBlockTextSize } from '../../src/format/blocks.js';
import type { Run } from '../../src/format/runs.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { nodeAead } from '../../src/seal/aead.js';
import { MessageKeys } from '../../src/seal/block.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { content, people, three, withOffice, withView } from './three-people.js';

suite('what is refused or given up', (test) => {
  test('a mail is taken that nobody could open', () =>
    withOffice(async (office, journal) => {
      assert.equal(await office.send(['nobody@example.org'], content), [550]);
      await office.close();
      assert.is((await readMail(journal, Object.values(people))).mails.length, 0);
    }));

  test('a mail that broke off can be read, or its key stays behind', async () => {
    const drawn: Uint8Array[] = [];
    const base = withFewFillers(chance('broken off'), 0);
    const random = (length: number) => {
      const bytes = base(length);
      if (length === 32) drawn.push(bytes);
      return bytes;
    };
    await withOffice(
      async (office, journal) => {
        const delivery = await office.begin(...three);
        if (!('abort' in delivery)) return assert.unreachable('refused');
        const key = drawn.at(-1) as Uint8Array;
        assert.ok(key.some((byte) => byte !== 0));
        await delivery.write(content);
        delivery.abort();
        delivery.abort();
        assert.ok(
          key.every((byte) => byte === 0),
          'the message key is still there',
        );
        await office.send([three[0] as string], Buffer.from('after'));
        assert.ok(
          drawn.at(-1)?.every((byte) => byte === 0),
          'the message key outlives the mail',
        );
        await office.close();
        const { mails, contents } = await readMail(journal, Object.values(people));
        assert.equal(
          mails.map((mail) => mail.content.toString()),
          ['after'],
        );
        assert.is(contents.void, 0);
      },
      { random },
    );
  });

  test('a key that was revoked while the content arrived gets the mail', () =>
    withOffice(async (office, journal, book) => {
      const delivery = await office.begin(three[0] as string, three[1] as string);
      if (!('commit' in delivery)) return assert.unreachable('refused');
      await delivery.write(content);
      book.set(three[1] as string);
      office.channels.revoke(people.bob.fingerprint);
      assert.equal(
        (await delivery.commit()).map(({ code }) => code),
        [451, 451],
      );
      await office.close();
      assert.is((await readMail(journal, Object.values(people))).mails.length, 0);
    }));

  test('over LMTP, one revoked key costs the others their mail', () =>
    withOffice(
      async (office, journal, book) => {
        const delivery = await office.begin(...three);
        if (!('commit' in delivery)) return assert.unreachable('refused');
        await delivery.write(content);
        book.set(three[1] as string);
        assert.equal(
          (await delivery.commit()).map(({ code }) => code),
          [250, 451, 250],
        );
        await office.close();
        const { mails } = await readMail(journal, Object.values(people));
        assert.equal(mails.map(({ recipient }) => recipient).sort(), [three[0], three[2]]);
      },
      { protocol: 'lmtp' },
    ));

  test('a key that was revoked in the last moment gets the mail, or the mail is said to be safe', () =>
    withOffice(async (office, journal) => {
      const delivery = await office.begin(three[0] as string);
      if (!('commit' in delivery)) return assert.unreachable('refused');
      await delivery.write(content);
      const committed = delivery.commit();
      // The registry was asked for the last time; the envelope is not sealed yet.
      office.channels.revoke(people.alice.fingerprint);
      assert.equal(
        (await committed).map(({ code }) => code),
        [451],
      );
      await office.close();
      assert.is((await readMail(journal, Object.values(people))).mails.length, 0);
    }));

  test('a key that was registered while the content arrived is left out', () =>
    withOffice(async (office, journal, book) => {
      const delivery = await office.begin(three[0] as string);
      if (!('commit' in delivery)) return assert.unreachable('refused');
      await delivery.write(content);
      book.set(three[0] as string, people.alice, people.mallory);
      assert.equal(
        (await delivery.commit()).map(({ code }) => code),
        [250],
      );
      await office.close();
      const { contents } = await readMail(journal, [people.mallory]);
      assert.equal(
        contents.mails.map(({ envelope }) => envelope.flags),
        [1],
      );
    }));

  test('what was in a buffer before shows behind the end of a mail', () =>
    withOffice(async (office, journal) => {
      const loud = Buffer.alloc(16_000, 'secret of somebody else ');
      const delivery = await office.begin(three[0] as string);
      if (!('abort' in delivery)) return assert.unreachable('refused');
      await delivery.write(loud);
      delivery.abort();
      await office.send([three[0] as string], loud);
      // One block after others' mail, and one after more of the same.
      for (const length of [5, 20_000]) await office.send([three[1] as string], Buffer.alloc(length, 'x'));
      await office.close();
      await withView(journal, async (view, segment) => {
        const { contents } = await openMailbox(view, [people.bob]);
        assert.is(contents.mails.length, 2);
        for (const { envelope } of contents.mails) {
          const { first, count } = envelope.runs[0] as Run;
          const last = { level: 0, index: count - 1, final: true };
          const cell = await segment.read('blocks', first + count - 1, 1);
          const keys = new MessageKeys(envelope.messageKey);
          const text = keys.open(cell, last, segment.place, first + count - 1, nodeAead);
          assert.ok(text);
          const before = count === 1 ? 0 : firstBlockTextSize;
          const padding = text.subarray(envelope.preludeLength + envelope.contentLength - before);
          assert.ok(padding.length > 1000 && padding.every((byte) => byte === 0), `${count} blocks`);
        }
      });
    }));

  test('an id in a reply leads to a mail', () =>
    withOffice(async (office) => {
      const ids = new Set<string>();
      for (let mail = 0; mail < 5; mail++) {
        const delivery = await office.begin(three[0] as string);
        if (!('commit' in delivery)) return assert.unreachable('refused');
        await delivery.write(bytesFrom('same', 10));
        ids.add((await delivery.commit())[0]?.lines[0] ?? '');
      }
      assert.is(ids.size, 5);
      for (const id of ids) assert.match(id, /^Ok: [a-z2-7]{10}$/);
    }));
});
