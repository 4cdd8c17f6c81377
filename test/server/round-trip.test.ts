/** Round trip: every octet that was taken comes out again, whatever the length, the cuts, and the neighbours. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { blockTextSize, firstBlockTextSize, runsPerIndexBlock } from '../../src/format/blocks.js';
import { encodePrelude } from '../../src/format/prelude.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { nodeAead, sodiumAead } from '../../src/seal/aead.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import {
  AddressBook,
  PostOffice,
  type PostOfficeOptions,
  person,
  readMail,
  sender,
} from '../support/post-office.js';
import { realMessages } from '../support/real-messages.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';

const alice = person('alice');
const address = 'alice@example.org';
const to = [address];

const preludeLength = encodePrelude({
  from: sender.text,
  helo: 'client.example',
  client: '192.0.2.7',
  protocol: 'smtp',
  tls: '',
}).length;

/** The longest content that fits into so many blocks. */
const border = (blocks: number) => firstBlockTextSize + (blocks - 1) * blockTextSize - preludeLength;

async function withOffice(
  options: Partial<PostOfficeOptions>,
  use: (office: PostOffice, journal: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const book = new AddressBook();
    book.set(address, alice);
    const journal = join(folder, 'journal');
    const office = await PostOffice.open({ folder: journal, book, ...options });
    try {
      await use(office, journal);
    } finally {
      await office.close();
    }
  });
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

suite('round trip', (test) => {
  for (const [aead, other] of [
    [nodeAead, sodiumAead],
    [sodiumAead, nodeAead],
  ] as const)
    test(`a length at a border loses or gains an octet (sealed by ${aead.name}, opened by both)`, () =>
      withOffice({ aead }, async (office, journal) => {
        const lengths = [
          0,
          1,
          2,
          100,
          ...[1, 2, 3].flatMap((blocks) => [-1, 0, 1].map((more) => border(blocks) + more)),
        ];
        const contents = lengths.map((length) => bytesFrom(`content of ${length}`, length));
        for (const content of contents) assert.equal(await office.send(to, content), [250]);
        for (const reading of [aead, other]) {
          const { mails } = await readMail(journal, [alice], reading);
          assert.equal(
            mails.map(({ content }) => content.length),
            lengths,
          );
          for (const [at, mail] of mails.entries())
            assert.ok(same(mail.content, contents[at] as Uint8Array), `${lengths[at]} octets`);
        }
      }));

  test('content depends on how it was cut on its way', () =>
    withOffice({ maxStreamSize: 7 * 16_384 }, async (office, journal) => {
      const content = bytesFrom('cut', 50_000);
      const pieces = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 });
      let count = 0;
      await fc.assert(
        fc.asyncProperty(pieces, async (lengths) => {
          const delivery = await office.begin(address);
          if (!('commit' in delivery)) return assert.unreachable('refused');
          let at = 0;
          for (let piece = 0; at < content.length; piece++) {
            // The array is only borrowed: what comes after must not show in what was before.
            const bytes = content.slice(at, at + (lengths[piece % lengths.length] as number));
            await delivery.write(bytes);
            bytes.fill(0xee);
            at += bytes.length;
          }
          assert.is((await delivery.commit())[0]?.code, 250);
          count++;
        }),
        { seed: 1, numRuns: 25 },
      );
      const { mails } = await readMail(journal, [alice]);
      assert.is(mails.length, count);
      assert.ok(mails.every((mail) => same(mail.content, content)));
    }));

  test('64 MiB come out otherwise, with either implementation', () =>
    withOffice({}, async (office, journal) => {
      const size = 64 * 2 ** 20;
      const piece = bytesFrom('piece', 1_000_003);
      const hashes: string[] = [];
      for (const aead of [nodeAead, sodiumAead]) {
        const book = office.book;
        const sealing =
          aead === nodeAead ? office : await PostOffice.open({ folder: `${journal}-other`, book, aead });
        const delivery = await sealing.begin(address);
        if (!('commit' in delivery)) return assert.unreachable('refused');
        const sent = createHash('sha256');
        for (let at = 0; at < size; at += piece.length) {
          piece.fill(at / piece.length, 0, 8);
          const bytes = piece.subarray(0, Math.min(piece.length, size - at));
          sent.update(bytes);
          await delivery.write(bytes);
        }
        assert.is((await delivery.commit())[0]?.code, 250);
        hashes.push(sent.digest('hex'));
        if (sealing !== office) await sealing.close();
      }
      for (const [at, folder] of [journal, `${journal}-other`].entries()) {
        const view = await openDirectory(folder);
        const { contents, index } = await openMailbox(view, [alice]);
        const received = createHash('sha256');
        for (const mail of contents.mails)
          for await (const bytes of index.content(mail, at === 0 ? sodiumAead : nodeAead))
            received.update(bytes);
        assert.is(received.digest('hex'), hashes[at]);
        await view.close();
      }
    }));

  for (const blocks of [16, 17, runsPerIndexBlock, runsPerIndexBlock + 1, 2 * runsPerIndexBlock + 1])
    test(`a mail in ${blocks} runs cannot be found again`, () =>
      withOffice({}, async (office, journal) => {
        const content = bytesFrom(`runs ${blocks}`, border(blocks));
        const delivery = await office.begin(address);
        if (!('commit' in delivery)) return assert.unreachable('refused');
        const first = firstBlockTextSize - preludeLength;
        await delivery.write(content.subarray(0, first));
        for (let at = first; at < content.length; at += blockTextSize) {
          // A block is sealed when more comes; then somebody else's follows.
          await delivery.write(content.subarray(at, at + blockTextSize));
          office.lane.appendBlock(() => {});
        }
        assert.is((await delivery.commit())[0]?.code, 250);
        const { mails, contents } = await readMail(journal, [alice]);
        assert.ok(mails[0] && same(mails[0].content, content));
        const [mail] = contents.mails;
        assert.is(mail?.envelope.depth, blocks > 16 ? 1 : 0);
        const indexBlocks = mail?.envelope.runs.reduce((sum, run) => sum + run.count, 0) ?? 0;
        assert.is(indexBlocks, blocks > 16 ? Math.ceil(blocks / runsPerIndexBlock) : 16);
      }));

  test('deliveries that wait for the same new segment lose a block', async () => {
    // One block fills a segment, so that everybody waits for the next one, again and again.
    const book = new AddressBook();
    book.set(address, alice);
    const disk = new TestDisk();
    const random = withFewFillers(chance('narrow'), 0);
    const office = await PostOffice.open({ folder: '/journal', book, disk, random, maxStreamSize: 16_384 });
    const lengths = [100, 20_000, 40_000, 300, 30_000, 5, 60_000, 16_000, 33_000, 7];
    const contents = lengths.map((length, at) => bytesFrom(`narrow ${at}`, length));
    const codes = await Promise.all(contents.map((content) => office.send(to, content, 7000)));
    assert.equal(
      codes.flat(),
      lengths.map(() => 250),
    );
    await office.close();
    await withFolder(async (folder) => {
      disk.materialise(folder);
      const { mails } = await readMail(`${folder}/journal`, [alice]);
      assert.is(mails.length, contents.length);
      for (const content of contents) assert.ok(mails.some((mail) => same(mail.content, content)));
    });
  });

  test('a message as it is really sent comes out otherwise', () =>
    withOffice({}, async (office, journal) => {
      const messages = realMessages();
      for (const { content } of messages) assert.equal(await office.send(to, content, 1000), [250]);
      for (const aead of [nodeAead, sodiumAead]) {
        const { mails } = await readMail(journal, [alice], aead);
        assert.is(mails.length, messages.length);
        for (const [at, mail] of mails.entries())
          assert.ok(same(mail.content, messages[at]?.content as Uint8Array), messages[at]?.name);
      }
    }));
});
