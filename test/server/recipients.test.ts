import { cellSizes } from '../../src/format/cell.js';
import type { JournalView, SegmentView } from '../../src/journal/journal-view.js';
import type { Mail } from '../../src/reader/mail.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { nodeAead } from '../../src/seal/aead.js';
import { blockRoom, MessageKeys } from '../../src/seal/block.js';
import type { Identity } from '../../src/seal/keys.js';
import { AcceptedRecipients, RecipientRoom } from '../../src/server/accepted.js';
import type { Client, Delivery, MailSession } from '../../src/smtp/mail-service.js';
import { replies } from '../../src/smtp/replies.js';
import { mailbox, readMail, sender } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { address, content, people, three, withOffice, withView } from './three-people.js';

const client: Client = { protocol: 'smtp', transport: 'tcp', address: '192.0.2.7', port: 50_000 };
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

suite('recipients in memory', (test) => {
  test('one client that names recipients without end takes the room of all others', () => {
    const room = new RecipientRoom(3);
    const resolved = {
      registered: 'r',
      address: 'a',
      reached: 'itself',
      keys: [],
      keySet: new Uint8Array(32),
    } as const;
    const fill = (count: number) => {
      const accepted = new AcceptedRecipients(room);
      const answers = Array.from({ length: count }, () => accepted.add(mailbox('a@example.org'), resolved));
      return {
        accepted,
        taken: answers.filter((answer) => answer === undefined).length,
        last: answers.at(-1),
      };
    };
    const greedy = fill(105);
    assert.equal([greedy.taken, greedy.last], [103, replies.tooManyRecipients]);
    const other = fill(101);
    assert.equal([other.taken, other.last], [100, replies.tooManyRecipients], 'a hundred are for everybody');
    greedy.accepted.release();
    greedy.accepted.release();
    assert.is(other.accepted.add(mailbox('a@example.org'), resolved), undefined);
    assert.is(fill(105).taken, 102);
  });

  test('room is lost with each transaction, however it ends', () =>
    withOffice(async (office) => {
      const many = Array.from({ length: 300 }, () => three[0] as string);
      for (let i = 0; i < 300; i++) {
        const session = (await office.service.connect(client)) as MailSession;
        await session.mail(sender, {});
        for (const to of many) assert.is(await session.recipient(mailbox(to)), undefined, `transaction ${i}`);
        if (i % 3 === 0) session.reset();
        if (i % 3 === 1) ((await session.content()) as Delivery).abort();
        session.close();
      }
    }));
});

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

  test('a recipient who was named twice, or in two spellings, gets the mail twice', () =>
    withOffice(async (office, journal) => {
      const one = three[0] as string;
      assert.equal(await office.send([one, one, one.toUpperCase()], content), [250, 250, 250]);
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
