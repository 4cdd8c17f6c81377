/** Recipients: each gets the mail once, from the same blocks, and learns nothing of the others. */
import { join } from 'node:path';
import { cellSizes } from '../../src/format/cell.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { JournalView, SegmentView } from '../../src/journal/journal-view.js';
import { type Mail, openMailbox } from '../../src/reader/mailbox.js';
import { nodeAead } from '../../src/seal/aead.js';
import { blockRoom, MessageKeys } from '../../src/seal/block.js';
import type { Identity } from '../../src/seal/keys.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, type PostOfficeOptions, person, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const names = ['alice', 'bob', 'carol', 'mallory'] as const;
const people = Object.fromEntries(names.map((name) => [name, person(name)])) as Record<
  (typeof names)[number],
  Identity
>;
const address = (name: (typeof names)[number]) => `${name}@${name}-home.example`;
const three = [address('alice'), address('bob'), address('carol')];
const content = Buffer.from(`From: sender@from.example\r\nSubject: to three\r\n\r\n${'text '.repeat(8000)}`);

async function withOffice(
  use: (office: PostOffice, journal: string, book: AddressBook) => Promise<void>,
  options: Partial<PostOfficeOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const book = new AddressBook();
    for (const name of ['alice', 'bob', 'carol'] as const) book.set(address(name), people[name]);
    const journal = join(folder, 'journal');
    const random = withFewFillers(chance('recipients'), 0);
    const office = await PostOffice.open({ folder: journal, book, random, ...options });
    try {
      await use(office, journal, book);
    } finally {
      await office.close();
    }
  });
}

async function withView<T>(
  journal: string,
  use: (view: JournalView, segment: SegmentView) => Promise<T>,
): Promise<T> {
  const view = await openDirectory(journal);
  try {
    const [segment] = (await view.segments()).filter((one) => 'place' in one);
    return await use(view, segment as SegmentView);
  } finally {
    await view.close();
  }
}

const countsIn = (journal: string) => withView(journal, async (_, segment) => segment.counts);

/** All that somebody who opens a mail can read: envelope, plaintext, and the padding behind it. */
async function allReadable(view: JournalView, segment: SegmentView, identity: Identity): Promise<Buffer> {
  const { contents, index } = await openMailbox(view, [identity]);
  assert.is(contents.mails.length, 1);
  const mail = contents.mails[0] as Mail;
  const pieces: Uint8Array[] = [];
  for await (const piece of index.plaintext(mail)) pieces.push(piece);
  const envelope = Object.values(mail.envelope.summary).concat(Buffer.from(mail.envelope.recipient));
  const keys = new MessageKeys(mail.envelope.messageKey);
  const blocks = await segment.read('blocks', 0, segment.counts.blocks);
  let opened = 0;
  for (let number = 0; number < segment.counts.blocks; number++)
    for (let index = 0; index < segment.counts.blocks; index++)
      for (const final of [true, false]) {
        const body = blocks.subarray(number * cellSizes.blocks, (number + 1) * cellSizes.blocks);
        const text = keys.open(body, { level: 0, index, final }, segment.place, number, nodeAead);
        if (!text) continue;
        opened++;
        pieces.push(text);
        assert.is(text.length, blockRoom({ level: 0, index }));
      }
  assert.is(opened, 3);
  return Buffer.concat([...pieces, ...envelope]);
}

suite('several recipients', (test) => {
  test('blocks are written once for each recipient', () =>
    withOffice(async (office, journal) => {
      assert.equal(await office.send(three, content), [250, 250, 250]);
      await office.close();
      assert.equal(await countsIn(journal), { channels: 8, envelopes: 4, blocks: 3 });
      for (const name of ['alice', 'bob', 'carol'] as const) {
        const { mails } = await readMail(journal, [people[name]]);
        assert.equal(
          mails.map(({ recipient }) => recipient),
          [address(name)],
        );
        assert.ok(mails[0]?.content.equals(content));
      }
    }));

  test('one recipient finds another in anything he can open', () =>
    withOffice(async (office, journal) => {
      await office.send(three, content);
      await office.close();
      await withView(journal, async (view, segment) => {
        for (const name of ['alice', 'bob', 'carol'] as const) {
          const readable = await allReadable(view, segment, people[name]);
          assert.ok(readable.includes(address(name)), 'the test looks in the wrong place');
          for (const other of ['alice', 'bob', 'carol'] as const) {
            if (other === name) continue;
            assert.not.ok(readable.includes(other), `${name} finds ${other}`);
            for (const secret of [people[other].fingerprint, people[other].publicKey.subarray(0, 32)])
              assert.not.ok(readable.includes(Buffer.from(secret)));
          }
        }
      });
    }));

  test('somebody else opens the mail', () =>
    withOffice(async (office, journal) => {
      await office.send(three, content);
      await office.close();
      const { mails, contents } = await readMail(journal, [people.mallory]);
      assert.is(mails.length, 0);
      assert.equal([contents.damaged, contents.faults, contents.void], [[], [], 0]);
    }));

  test('a recipient who was named twice gets the mail twice', () =>
    withOffice(async (office, journal) => {
      assert.equal(await office.send([three[0] as string, three[0] as string], content), [250, 250]);
      await office.close();
      assert.is((await readMail(journal, [people.alice])).mails.length, 1);
    }));

  test('a key that is behind two addresses gets one of them only, or an address with two keys one key', () =>
    withOffice(async (office, journal, book) => {
      book.set('team@example.org', people.alice, people.bob);
      assert.equal(await office.send(['team@example.org', address('alice')], content), [250, 250]);
      await office.close();
      const { contents } = await readMail(journal, [people.alice]);
      assert.equal(contents.mails.map(({ envelope }) => envelope.recipient).sort(), [
        address('alice'),
        'team@example.org',
      ]);
      const shared = contents.mails.map(({ envelope }) => [envelope.recipient, envelope.flags]).sort();
      assert.equal(shared, [
        [address('alice'), 0],
        ['team@example.org', 1],
      ]);
      assert.is((await readMail(journal, [people.bob])).mails.length, 1);
    }));

  test('commits show how many recipients a mail had', () =>
    withOffice(async (office, journal) => {
      for (const to of [three.slice(0, 1), three.slice(0, 2), three]) await office.send(to, content);
      await office.close();
      assert.is((await countsIn(journal)).envelopes, 12);
    }));
});

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

  test('what is left of one mail in a buffer shows in the next', () =>
    withOffice(async (office, journal) => {
      const loud = Buffer.alloc(16_000, 'secret of somebody else ');
      const delivery = await office.begin(three[0] as string);
      if (!('abort' in delivery)) return assert.unreachable('refused');
      await delivery.write(loud);
      delivery.abort();
      await office.send([three[0] as string], loud);
      await office.send([three[1] as string], Buffer.from('short'));
      await office.close();
      await withView(journal, async (view, segment) => {
        const { contents } = await openMailbox(view, [people.bob]);
        const mail = contents.mails[0] as Mail;
        const run = mail.envelope.runs[0] as { first: number };
        const cell = await segment.read('blocks', run.first, 1);
        const keys = new MessageKeys(mail.envelope.messageKey);
        const text = keys.open(cell, { level: 0, index: 0, final: true }, segment.place, run.first, nodeAead);
        assert.ok(text);
        const used = mail.envelope.preludeLength + mail.envelope.contentLength;
        assert.ok(text.subarray(used).every((byte) => byte === 0));
        assert.is(mail.envelope.contentLength, 5);
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
