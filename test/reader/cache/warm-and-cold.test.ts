/** Warm and cold: whatever happens to a journal between two readings, a cache changes nothing of what is found. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { headSize } from '../../../src/format/head.js';
import { openDirectory } from '../../../src/journal/directory-view.js';
import { Keeper } from '../../../src/reader/cache/keeper.js';
import { listedKeyChanges } from '../../../src/reader/cache/listed-keys.js';
import type { ListedMail } from '../../../src/reader/cache/listed-mail.js';
import { ListedMailbox } from '../../../src/reader/cache/listed-mailbox.js';
import { openRowsFile } from '../../../src/reader/cache/rows-file.js';
import { rowsInMemory } from '../../../src/reader/cache/sealed-rows.js';
import { envelopesOf, ordersFor } from '../../../src/reader/erasing.js';
import { headerText } from '../../../src/reader/header-text.js';
import { keyChanges } from '../../../src/reader/key-changes.js';
import { openMailbox } from '../../../src/reader/mailbox.js';
import { survey } from '../../../src/reader/survey.js';
import type { Identity } from '../../../src/seal/keys.js';
import { bytesFrom, chance, withFewFillers } from '../../support/chance.js';
import { withFolder } from '../../support/folder.js';
import { AddressBook, PostOffice } from '../../support/post-office.js';
import { assert, suite } from '../../support/suite.js';
import { alice, bob, flip, Journal, toAlice, toBob, withJournal } from '../make-journal.js';

const random = chance('warm and cold');

async function cold(path: string, identities: readonly Identity[]) {
  const view = await openDirectory(path);
  try {
    const { contents } = await openMailbox(view, identities);
    const changes = keyChanges(contents.mails);
    return {
      mails: contents.mails.map((mail) => {
        const { summary, recipient, contentLength } = mail.envelope;
        return `${mail.id} ${mail.place} ${mail.receivedAt} ${contentLength} ${recipient} ${headerText(summary.subject)}`;
      }),
      erased: [...contents.erased].sort(),
      expired: contents.expired.map(({ mail, segment }) => `${mail.id} ${segment}`).sort(),
      damaged: contents.damaged.map(({ id, fault, place }) => `${id} ${place} ${fault}`).sort(),
      void: contents.void,
      faults: [...contents.faults],
      unfound: [...contents.unfound].sort(),
      changes: changes.all.map(({ mail, address }) => `${mail.id} ${address}`),
    };
  } finally {
    await view.close();
  }
}

/** What a reading with the caches in a folder finds; without one it keeps nothing. `opens` reads all mails too. */
async function warm(
  path: string,
  identities: readonly Identity[],
  caches: string | undefined,
  opens = false,
) {
  const view = await openDirectory(path);
  const files = identities.flatMap((identity, at) =>
    caches === undefined ? [] : [openRowsFile(join(caches, `${at}.sqlite`), identity, view.id, random)],
  );
  try {
    for (const file of files) file.hold();
    const keepers = identities.map((one, at) => new Keeper(one, files[at] ?? rowsInMemory(), random));
    const mailbox = await ListedMailbox.open(await survey(view), keepers);
    const changes = await listedKeyChanges(mailbox, keepers, () => []);
    for (const keeper of keepers) keeper.save();
    const all: ListedMail[] = [];
    for await (const mails of mailbox.oldestFirst()) all.push(...mails);
    const back: ListedMail[] = [];
    for await (const mails of mailbox.newestFirst()) back.push(...mails);
    const ids = (mails: readonly ListedMail[]) => mails.map(({ id }) => id);
    assert.equal(ids(back.reverse()), ids(all), 'backwards they are others');
    assert.is(mailbox.count, all.length);
    for (const { id } of all.slice(-3))
      assert.ok((await mailbox.beginningWith(id.slice(0, 5))).some((mail) => mail.id === id));
    if (opens)
      for (const mail of all) assert.is((await mailbox.opened(mail)).envelope.contentLength, mail.size);
    for (const keeper of keepers) assert.is(keeper.isDamaged, false);
    const { findings } = mailbox;
    return {
      mails: all.map(
        ({ id, at, number, receivedAt, size, addressing, subject }) =>
          `${id} lane ${Buffer.from(at.lane.subarray(0, 4)).toString('hex')}, segment ${at.segment}, envelope ${number} ${receivedAt} ${size} ${addressing.recipient} ${subject}`,
      ),
      erased: [...mailbox.erased].sort(),
      expired: mailbox.expired.map(({ id, segment }) => `${id} ${segment}`).sort(),
      damaged: findings.damaged.map(({ id, fault, place }) => `${id} ${place} ${fault}`).sort(),
      void: findings.void,
      faults: findings.faults,
      unfound: [...findings.unfound].sort(),
      changes: changes.all.map(({ mail, address }) => `${mail.id} ${address}`),
    };
  } finally {
    for (const file of files) file.close();
    await view.close();
  }
}

type Step =
  | { readonly do: 'send'; readonly to: readonly string[]; readonly octets: number }
  | { readonly do: 'keys' | 'retain' | 'close' | 'copy' | 'older' | 'list' }
  | { readonly do: 'erase' | 'flip' | 'flip channel' | 'cut claim'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      to: fc.constantFrom([toAlice], [toBob], [toAlice, toBob]),
      octets: fc.constantFrom(10, 10, 10, 20_000, 50_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('list', 'list', 'keys', 'retain', 'copy', 'older') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('erase', 'flip', 'flip channel', 'cut claim'),
      which: fc.nat(1000),
    }),
  },
) as fc.Arbitrary<Step>;

/** A journal, and what may become of it. */
class Story {
  #office: PostOffice | undefined;
  readonly #book = new AddressBook();
  #sent = 0;
  #mends: (() => void)[] = [];

  constructor(readonly folder: string) {
    this.#book.set(toAlice, alice);
    this.#book.set(toBob, bob);
  }

  get path(): string {
    return join(this.folder, 'journal');
  }

  async take(one: Step): Promise<void> {
    if (one.do === 'send') return this.#send(one.to, one.octets);
    if (one.do === 'keys') return this.#book.set(toAlice, ...(this.#sent % 2 === 0 ? [alice, bob] : [alice]));
    if (one.do === 'retain') {
      await this.#office?.retain(Date.UTC(2030, 0, 1), () => true);
      return;
    }
    if (one.do === 'erase') return this.#erase(one.which);
    if (one.do === 'flip' || one.do === 'flip channel') return this.#flip(one.do, one.which);
    if (one.do === 'cut claim') {
      const claim = new Journal(this.path).file('synced', this.#segments().at(-1));
      const before = readFileSync(claim);
      writeFileSync(claim, Buffer.from(before.toString('latin1').replace(/\d\n/, 'x\n'), 'latin1'));
      this.#mends.push(() => existsSync(claim) && writeFileSync(claim, before));
    }
  }

  /** What was damaged is as it was. */
  mend(): void {
    for (const mend of this.#mends.reverse()) mend();
    this.#mends = [];
  }

  async end(): Promise<void> {
    await this.#office?.close();
  }

  async #send(to: readonly string[], octets: number): Promise<void> {
    this.mend();
    this.#office ??= await PostOffice.open({
      folder: this.path,
      book: this.#book,
      maxStreamSize: 6 * 16_384,
      week: () => '2026-W10',
    });
    const subject = `mail ${this.#sent++}`;
    const content = Buffer.concat([Buffer.from(`Subject: ${subject}\r\n\r\n`), bytesFrom(subject, octets)]);
    const codes = await this.#office.send(to, content);
    assert.ok(codes.every((code) => code === 250));
  }

  async #erase(which: number): Promise<void> {
    this.mend();
    const view = await openDirectory(this.path);
    try {
      const { contents, found } = await openMailbox(view, [alice]);
      const mail = contents.mails[which % Math.max(1, contents.mails.length)];
      if (mail) await this.#office?.erase(await ordersFor(envelopesOf(mail, contents), found));
    } finally {
      await view.close();
    }
  }

  #segments(): number[] {
    const journal = new Journal(this.path);
    return Array.from({ length: 60 }, (_, at) => at).filter((at) => existsSync(journal.file('blocks', at)));
  }

  #flip(what: 'flip' | 'flip channel', which: number): void {
    const segments = this.#segments();
    const segment = segments[which % segments.length] as number;
    const journal = new Journal(this.path);
    const names = what === 'flip' ? ['envelopes'] : ['channels', 'channels.mirror'];
    for (const name of names) {
      const path = journal.file(name, segment);
      const cells = Math.floor((statSync(path).size - headSize) / 1280);
      const mend = flip(path, headSize + (which % cells) * 1280 + 100);
      this.#mends.push(() => existsSync(path) && mend());
    }
  }
}

async function tell(steps: readonly Step[]): Promise<void> {
  await withFolder(async (folder) => {
    const story = new Story(folder);
    const copy = join(folder, 'copy');
    const older = join(folder, 'older');
    const listAll = async (path: string, opens = false) => {
      for (const identities of [[alice], [bob, alice]]) {
        const caches = join(folder, `caches ${identities.length}`);
        mkdirSync(caches, { recursive: true });
        // The writer writes claims and checkpoints when it likes: what changed meanwhile is read again.
        for (let tries = 0; ; tries++) {
          const expected = await cold(path, identities);
          const found = [await warm(path, identities, caches, opens), await warm(path, identities, caches)];
          const isSettled = JSON.stringify(await cold(path, identities)) === JSON.stringify(expected);
          if (!isSettled && tries < 5) continue;
          assert.equal(found[0], expected, 'the first time');
          assert.equal(found[1], expected, 'the second time');
          break;
        }
      }
    };
    try {
      await story.take({ do: 'send', to: [toAlice, toBob], octets: 10 });
      for (const one of steps) {
        await story.take(one);
        if (one.do === 'list') await listAll(story.path);
        if (one.do === 'copy') {
          rmSync(copy, { recursive: true, force: true });
          cpSync(story.path, copy, { recursive: true, preserveTimestamps: true });
          if (!existsSync(older)) cpSync(copy, older, { recursive: true });
          await listAll(copy);
        }
        if (one.do === 'older' && existsSync(older)) await listAll(older);
      }
      await listAll(story.path);
      story.mend();
      await listAll(story.path, true);
      assert.equal(await warm(story.path, [alice], undefined), await cold(story.path, [alice]), 'no cache');
    } catch (error) {
      if (error instanceof Error && 'details' in error) console.log(error.details);
      throw error;
    } finally {
      await story.end();
    }
  });
}

suite('warm and cold', (test) => {
  test('a cache finds more, less or other mail than a reader without one', () =>
    fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), tell), {
      numRuns: Number(process.env.OBALKA_RUNS ?? 3),
      seed: 20261121,
      endOnFailure: true,
      includeErrorInReport: true,
    }));

  test('a machine that was set back to a snapshot went on otherwise, and its mail is not found', () =>
    withFolder(async (folder) => {
      const book = new AddressBook();
      book.set(toAlice, alice);
      book.set(toBob, bob);
      const caches = join(folder, 'caches');
      const path = join(folder, 'journal');
      mkdirSync(caches);
      // The same chance makes the same segment twice, and what came is not the same.
      for (const [to, name] of [
        [toBob, 'one'],
        [toAlice, 'two'],
      ] as const) {
        const random = withFewFillers(chance('snapshot'), 0);
        const office = await PostOffice.open({ folder: join(folder, name), book, random });
        await office.send([to], Buffer.from(`Subject: ${name}\r\n\r\n`));
        await office.close();
      }
      const [one, two] = [new Journal(join(folder, 'one')), new Journal(join(folder, 'two'))];
      assert.equal(one.head().id, two.head().id);
      for (const [times, name] of ['one', 'two', 'one', 'one', 'two'].entries()) {
        rmSync(path, { recursive: true, force: true });
        cpSync(join(folder, name), path, { recursive: true, preserveTimestamps: true });
        const found = await warm(path, [alice], caches);
        assert.is(found.mails.length, name === 'two' ? 1 : 0, name);
        // The mail that was there is missed, for good or until the cache is deleted.
        const isMissed = name === 'one' && times > 0;
        assert.is(found.damaged.length, isMissed ? 1 : 0, name);
        if (isMissed) assert.match(found.damaged[0] ?? '', /was listed before, and is not there any more/);
        assert.equal({ ...found, damaged: [] }, await cold(path, [alice]));
      }
    }));

  for (const stream of ['channels', 'envelopes'] as const)
    test(`${stream} changed for one reading hide mail for good, or known mail without a word`, () =>
      withJournal(async (office, journal) => {
        for (const to of [toAlice, toAlice, toBob])
          await office.send([to], Buffer.from('Subject: one\r\n\r\n'));
        await office.close();
        // The last envelope is looked at in any case.
        const count = journal.claim()[stream] - (stream === 'envelopes' ? 1 : 0);
        const cells = Array.from({ length: count }, (_, number) => Buffer.from(journal.cell(stream, number)));
        for (const isKnown of [false, true])
          await withFolder(async (caches) => {
            const list = () => warm(journal.path, [alice], caches);
            if (isKnown) assert.is((await list()).mails.length, 2);
            // Other octets at the beginning, where a tag stands, and a check that is right.
            for (const [number, cell] of cells.entries())
              journal.setBody(stream, number, Buffer.concat([bytesFrom(`${number}`, 64), cell.subarray(64)]));
            for (const time of ['once', 'again']) {
              const found = await list();
              assert.equal([found.mails.length, found.damaged.length], [0, isKnown ? 2 : 0], time);
            }
            for (const [number, cell] of cells.entries()) journal.setCell(stream, number, cell);
            for (const time of ['once', 'again'])
              assert.equal(await list(), await cold(journal.path, [alice]), time);
          });
      }));
});
