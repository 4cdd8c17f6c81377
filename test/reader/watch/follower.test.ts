/** Follower: every mail of an identity is given out, once, in whatever order its cells come into a copy. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { openDirectory } from '../../../src/journal/directory-view.js';
import { survey } from '../../../src/reader/survey.js';
import { Follower } from '../../../src/reader/watch/follower.js';
import { isPosition, type Position } from '../../../src/reader/watch/position.js';
import { openPositions, sealPositions } from '../../../src/reader/watch/sealed-positions.js';
import { bytesFrom, chance } from '../../support/chance.js';
import { assert, suite } from '../../support/suite.js';
import { alice, bob, Journal, text, toAlice, toBob, withJournal } from '../make-journal.js';

/** One look: the subjects that were given out. */
async function look(
  follower: Follower,
  path: string,
  isDone: (words: string) => boolean = () => true,
): Promise<string[]> {
  const view = await openDirectory(path);
  const given: string[] = [];
  try {
    await follower.look(await survey(view), {
      deliver: async (mail) => {
        const words = Buffer.from(mail.envelope.summary.subject).toString();
        given.push(words);
        return isDone(words);
      },
      fault: () => undefined,
      moved: async () => undefined,
    });
  } finally {
    await view.close();
  }
  return given;
}

async function begun(path: string): Promise<Follower> {
  const follower = new Follower(alice);
  const view = await openDirectory(path);
  await follower.begin(await survey(view));
  await view.close();
  return follower;
}

const again = (follower: Follower) =>
  new Follower(alice, JSON.parse(JSON.stringify(follower.positions)) as Position[]);

suite('follower', (test) => {
  test('a mail is given out twice, or not, where the process is another at each look', () =>
    withJournal(
      async (office, { path }) => {
        let follower = await (async () => {
          await office.send([toAlice], text('old'));
          return begun(path);
        })();
        for (let round = 0; round < 5; round++) {
          const words = Array.from({ length: round }, (_, at) => `mail ${round} ${at}`);
          for (const word of words) {
            await office.send([toBob], text('not yours'));
            await office.send([toAlice], text(word));
          }
          assert.equal(await look(follower, path), words);
          assert.equal(await look(follower, path), []);
          follower = again(follower);
        }
        assert.equal((await look(new Follower(alice), path)).length, 11);
      },
      { maxStreamSize: 100_000 },
    ));

  test('a mail that is put off holds others up, or is forgotten', () =>
    withJournal(async (office, { path }) => {
      const first = new Follower(alice);
      for (const word of ['one', 'two', 'three']) await office.send([toAlice], text(word));
      assert.equal(await look(first, path, (words) => words !== 'one'), ['one', 'two', 'three']);
      assert.equal(await look(first, path, () => false), ['one']);
      await office.send([toAlice], text('four'));
      const second = again(first);
      assert.equal(await look(second, path), ['one', 'four']);
      assert.equal(await look(second, path), []);
    }));

  test('a copy has envelopes, and not yet the channel or the blocks: mail is lost', () =>
    withJournal(async (office, { path }) => {
      const copy = `${path}-copy`;
      // Bob alone has a channel at first.
      office.book.set(toAlice);
      await office.send([toBob], text('to Bob'));
      cpSync(path, copy, { recursive: true });
      const follower = await begun(copy);
      office.book.set(toAlice, alice);
      for (const word of ['one', 'two']) await office.send([toAlice], text(word));
      const [from, to] = [new Journal(path), new Journal(copy)];
      const bring = (...files: string[]) => {
        for (const file of files) writeFileSync(to.file(file), readFileSync(from.file(file)));
      };
      bring('envelopes');
      assert.equal(await look(follower, copy), []);
      const later = again(follower);
      bring('channels', 'channels.mirror');
      for (const one of [follower, later]) assert.equal(await look(one, copy), []);
      bring('blocks');
      for (const one of [follower, later, again(later)]) assert.equal(await look(one, copy), ['one', 'two']);
      assert.equal(await look(again(follower), copy), []);
    }));

  test('what is kept opens for somebody else, tells how much it is, or is taken though it is none', () => {
    const journal = bytesFrom('a journal', 16);
    const id = 'ab'.repeat(16);
    const position: Position = {
      lane: id,
      segment: 3,
      id,
      channels: 8,
      untried: [],
      envelopes: 40,
      waiting: [7],
    };
    const sealed = sealPositions([position], alice, journal, chance('seal'));
    assert.equal(openPositions(sealed, alice, journal), [position]);
    assert.is(sealPositions([], alice, journal, chance('seal')).length, sealed.length);
    assert.throws(() => openPositions(sealed, bob, journal), /changed/);
    assert.throws(() => openPositions(sealed, alice, bytesFrom('another', 16)), /changed/);
    sealed[40] = (sealed[40] as number) ^ 1;
    assert.throws(() => openPositions(sealed, alice, journal), /changed/);
    for (const change of [{ lane: 'x' }, { segment: -1 }, { waiting: [1.5] }, { untried: undefined }])
      assert.not(isPosition({ ...position, ...change }), JSON.stringify(change));
  });
});
