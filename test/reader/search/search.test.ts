/** Search: a mail that is there is found by its words, and one that is gone is not. */
import fc from 'fast-check';
import { rowsInMemory, type SealedRows } from '../../../src/reader/cache/sealed-rows.js';
import { parseQuery, QueryFault } from '../../../src/reader/search/query.js';
import { WordIndex } from '../../../src/reader/search/word-index.js';
import { WordMaker } from '../../../src/reader/search/word-maker.js';
import { eachWord } from '../../../src/reader/search/words.js';
import { hostileMails } from '../../support/hostile-mails.js';
import { realMessages } from '../../support/real-messages.js';
import { assert, suite } from '../../support/suite.js';
import { asked, SomeMails, withMails } from './some-mails.js';

const mail = (subject: string, ...body: string[]) =>
  Buffer.from(
    `From: Bob Novák <bob@work.example>\r\nTo: ann@example.org\r\nSubject: ${subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body.join('\r\n')}\r\n`,
  );

const attached = (name: string) =>
  `Subject: parts\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nsecret\r\n--x--\r\n`;

/** Every row, by its name. */
function spied(): { rows: SealedRows; kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    rows: {
      get: (name) => kept.get(name),
      put(rows) {
        for (const [name, value] of [...rows])
          if (value) kept.set(name, value);
          else kept.delete(name);
      },
    },
  };
}

suite('search', (test) => {
  test('a mail is not found by a word of it, or by its field', () =>
    withMails(
      [
        mail('Účet za obálku', 'please pay 1.299,00 to ann@mail.example.org', 'or =?utf-8?q?not?='),
        mail('=?utf-8?q?Zpr=C3=A1va?=', '東京都に行きます'),
        attached('Über uns.pdf'),
        'From: x@y.example\r\nContent-Type: text/html\r\n\r\n<p>Some <b>bold</b> <a href="https://shop.example/sale">offer</a></p>',
      ],
      async (some) => {
        for (const [asked, found] of [
          ['ucet', [0]],
          ['obalku', [0]],
          ['bob', [0, 1]],
          ['novak', [0, 1]],
          ['from:bob', [0, 1]],
          ['from:work.example', [0, 1]],
          ['to:bob', []],
          ['subject:bob', []],
          ['to:ann@example.org', [0, 1, 2, 3]],
          ['body:ann', [0]],
          ['ann@mail.example.org', [0]],
          ['mail.example', [0]],
          ['body:example.org', [0]],
          ['body:ann@example.org', []],
          ['1.299,00', [0]],
          ['299', [0]],
          ['zprava', [1]],
          ['subject:zpr*', [1]],
          ['京', [1]],
          ['東京', [1]],
          ['京都', [1]],
          ['東都', []],
          ['に行き', [1]],
          ['file:uber', [2]],
          ['file:pdf', [2]],
          ['uns.pdf', [2]],
          ['secret', []],
          ['bold', [3]],
          ['shop.example', [3]],
          ['hell*', [2]],
          ['hell', []],
        ] as const)
          assert.equal(await some.find([asked]), found, asked);
        assert.equal(await some.find(['bob', 'pay']), [0]);
        assert.equal(await some.find(['bob', '-pay']), [1]);
        assert.equal(await some.find(['-bob']), [2, 3]);
        assert.equal(await some.find(['-from:bob', '-file:pdf']), [3]);
        assert.equal(await some.find(['bob', 'bold']), []);
        assert.equal(await some.find(['ann'], some.mails, 2), [2, 3]);
      },
    ));

  test('words that do not follow each other are found as if they did, or the reverse', () =>
    withMails(
      [
        mail('x', 'the quick brown fox'),
        mail('x', 'the brown quick fox'),
        mail('quick', 'brown dog'),
        mail('x', 'quick', 'brown quicker browning'),
      ],
      async (some) => {
        assert.equal(await some.find(['quick brown']), [0, 3]);
        assert.equal(await some.find(['body:"quick brown fo*"']), [0]);
        assert.equal(await some.find(['brown qui*']), [1, 3]);
        assert.equal(await some.find(['quick', 'brown']), [0, 1, 2, 3]);
        assert.equal(await some.find(['-quick brown']), [1, 2]);
        assert.equal(await some.find(['subject:quick brown']), []);
        assert.equal(await some.find(['quick brown'], some.mails, 1), [3]);
      },
    ));

  test('a question that asks for nothing finds everything', () => {
    for (const words of [[''], ['-'], ['from:'], ['...'], ['*'], ['a', '-"'], ['since:x', 'since:y']])
      assert.throws(
        () => parseQuery(words),
        (error: unknown) => error instanceof QueryFault,
      );
  });

  test('the index finds others than a look into every mail would', async () => {
    const some = new SomeMails([]);
    const word = fc.stringMatching(/^[a-c]{1,2}$/);
    const gap = fc.constantFrom(' ', '.', '@', ', ', '\r\n');
    const texts = fc.array(fc.array(fc.tuple(word, gap), { maxLength: 12 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.array(word, { minLength: 1, maxLength: 2 }),
        word,
        fc.boolean(),
        async (mails, all, none, cut) => {
          const bodies = mails.map((words) => words.map((pair) => pair.join('')).join(''));
          const own = new SomeMails([], rowsInMemory(), some.words);
          for (const [at, body] of bodies.entries()) {
            own.add(`\r\n${body}`);
            // Several parts, some of them merged.
            if (at % 3 === 2 || cut) await own.update();
          }
          const sets = bodies.map((body) => {
            const set = new Set<string>();
            eachWord(body, (one) => set.size < set.add(one).size + 1);
            return set;
          });
          const expected = sets.flatMap((set, at) =>
            all.every((one) => set.has(one)) && ![...set].some((one) => one.startsWith(none)) ? [at] : [],
          );
          assert.equal(await own.find([...all.map((one) => `body:${one}`), `-body:${none}*`]), expected);
        },
      ),
      { numRuns: 40, seed: 6 },
    );
    await some.words.close();
  });

  test('a mail that was erased or is expired is found, or its words stay in the index', async () => {
    // Each begins with another letter: of words that begin alike, pages hold only the ends.
    const only = (at: number) => `${String.fromCharCode(97 + at)}only`;
    const { rows, kept } = spied();
    const words = new WordMaker();
    const some = new SomeMails([], rows, words);
    for (let at = 0; at < 20; at++) some.add(mail(`number ${at}`, `${only(at)} shared`));
    assert.equal(
      await some.find(['shared']),
      Array.from({ length: 20 }, (_, at) => at),
    );
    const left = some.mails.filter((_, at) => at !== 7 && at !== 8);
    assert.equal(await some.find([only(7)], left), []);
    assert.is((await some.find(['shared'], left)).length, 18);
    const stands = (word: string) => [...kept.values()].some((row) => Buffer.from(row).includes(word));
    assert.ok(stands(only(7)));
    new WordIndex(rows).forget(new Set([some.mails[7]?.id as string]));
    assert.not(stands(only(7)));
    assert.ok(stands(only(8)));
    assert.ok(![...kept.values()].some((row) => Buffer.from(row).includes(some.mails[7]?.id as string)));
    assert.equal(await some.find([only(9)], left), [9]);
    assert.equal(await some.find(['number', '1'], left), [1]);
    // The last ones that the index knows are not there: those before them are.
    for (const end of [19, 15, 6, 3, 1]) {
      const few = some.mails.slice(0, end);
      const numbers = few.map((_, at) => at);
      for (const limit of [1, 2, 5])
        assert.equal(await some.find(['shared'], few, limit), numbers.slice(-limit));
    }
    // One that was erased elsewhere leaves with the next search; one that is merely missing stays.
    some.erased.add(some.mails[10]?.id as string);
    left.splice(8, 1);
    assert.equal(await some.find(['shared', only(11)], left), [11]);
    assert.not(stands(only(10)), 'words of a mail that was erased elsewhere stay');
    assert.ok(stands(only(8)));
    assert.ok(stands(only(11)));
    // Seven more parts make a crowd; merging drops what is gone.
    for (let part = 0; part < 100 && stands(only(8)); part++) {
      left.push(some.add(mail('later', `part${part}`)));
      await some.find(['later'], left);
    }
    assert.not(stands(only(8)), 'an erased mail is never dropped');
    assert.equal(await some.find([only(9)], left), [9]);
    await words.close();
  });

  test('indexing that was interrupted begins anew, or loses mail', async () => {
    const words = new WordMaker();
    const { rows } = spied();
    const some = new SomeMails([], rows, words);
    for (let at = 0; at < 2600; at++) some.add(`\r\nword${at} all`);
    let stopped = 0;
    const interrupted = some.search(some.mails, (done) => {
      stopped = done;
      if (some.read.length > 2400) throw new Error('interrupted');
    });
    await interrupted.update().then(
      () => assert.unreachable('it was not interrupted'),
      (error: Error) => assert.is(error.message, 'interrupted'),
    );
    assert.ok(stopped > 0);
    some.read.length = 0;
    assert.equal(await some.find(['all', 'word2599']), [2599]);
    assert.ok(some.read.length < 1000, `${some.read.length} mails were read again`);
    assert.is((await some.find(['all'])).length, 2600);
    // A part that was half written was never there: another program's list is as it was before.
    const before = new WordIndex(rows).parts.length;
    const broken = {
      get: (name: string) => rows.get(name),
      put: (all: Iterable<unknown>) => {
        for (const _ of all) throw new Error('killed');
      },
    };
    assert.throws(
      () => new WordIndex(broken).add([{ id: 'a'.repeat(13), receivedAt: 0 }], [['x', [8]]]),
      'killed',
    );
    assert.is(new WordIndex(rows).parts.length, before);
    await words.close();
  });

  test("two programs that index at the same time lose each other's mail, or find one twice", async () => {
    const { rows } = spied();
    const mails = Array.from({ length: 40 }, (_, at) => ({
      id: `${at}`.padStart(2, '0').padStart(13, 'a'),
      receivedAt: at,
    }));
    const [one, other] = [new WordIndex(rows), new WordIndex(rows)];
    for (const [at, mail] of mails.entries()) {
      const index = at % 2 === 0 ? one : other;
      index.add([mail], [['all', [8]]]);
      // One mail is indexed by both.
      if (at === 5) one.add([mail], [['all', [8]]]);
    }
    const state = one.state;
    await other.merge(async () => () => true);
    one.settle(['page'], state);
    assert.equal([...new WordIndex(rows).settled], ['page']);
    assert.equal(
      [...one.ids()].sort(),
      mails.map(({ id }) => id),
    );
    const parts = [...new WordIndex(rows).parts];
    assert.ok(parts.length < 16, `${parts.length} parts`);
    let marked = 0;
    for (const part of parts) {
      const marks = new Uint8Array(part.size.mails);
      part.mark('all', false, 8, marks);
      marked += marks.reduce((sum, mark) => sum + mark, 0);
    }
    assert.is(marked, 40);
    // A part that is lost to one is no more settled for the other.
    const now = one.state;
    rows.put([[`search/${parts[0]?.size.number}/mails`, undefined]]);
    other.refresh();
    other.ids();
    one.settle(['page', 'next'], now);
    assert.equal([...new WordIndex(rows).settled], []);
  });

  test('a row that is damaged or gone ends the search, or hides mail', async () => {
    const words = new WordMaker();
    const { rows, kept } = spied();
    const some = new SomeMails(
      Array.from({ length: 40 }, (_, at) => mail(`number ${at}`, `only${at} shared`)),
      rows,
      words,
    );
    await some.update();
    const names = [...kept.keys()];
    assert.ok(names.length >= 4, `${names}`);
    for (const name of names) {
      const good = kept.get(name) as Uint8Array;
      for (const damage of [
        undefined,
        good.subarray(0, good.length >> 1),
        new Uint8Array(0),
        new Uint8Array(good.length).fill(0xff),
        good.map((octet, at) => (at === 3 ? octet ^ 0x80 : octet)),
      ]) {
        if (damage) kept.set(name, damage);
        else kept.delete(name);
        const found = await some.find(['shared']);
        // What still reads well, an AEAD keeps from being other than it was.
        if (damage === undefined || damage.length !== good.length) assert.is(found.length, 40, name);
        kept.clear();
        await some.update();
      }
    }
    await words.close();
  });

  test('mail with a damaged content is not found at all, or is not looked at again', () =>
    withMails([mail('one', 'first'), mail('two', 'second')], async (some) => {
      const id = some.mails[1]?.id as string;
      some.damaged.add(id);
      const { damaged } = await some.update();
      assert.equal(
        damaged.map((one) => one.mail.id),
        [id],
      );
      assert.equal(await some.find(['to:ann@example.org']), [0, 1]);
      assert.equal(await some.find(['second']), []);
      some.damaged.clear();
      assert.equal(await some.find(['second']), [1]);
    }));

  test('a message that cannot be taken apart stops the others, or is not found by its header', async () => {
    const some = new SomeMails([], rowsInMemory(), new WordMaker({ seconds: 4, mebibytes: 512 }));
    const forever = `Subject: endless\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\n\r\n'.repeat(2_000_000)}--x--\r\n`;
    for (let at = 0; at < 30; at++) some.add(at === 13 ? forever : mail('good', `only${at}`));
    const { faults } = await some.update();
    // A machine with much else to do may take as long to begin a thread: then the mail that waits for it is given up too.
    assert.ok(faults.some(({ mail: { id } }) => id === some.mails[13]?.id));
    for (const { fault } of faults) assert.is(fault, 'it takes longer than 4 s');
    assert.equal(await some.find(['endless']), [13]);
    assert.is((await some.find(['good'])).length, 29);
    await some.words.close();
  });

  test('a hostile mail stops the indexing, or cannot be found', async () => {
    const contents = Object.values(hostileMails).flat();
    await withMails([...contents, mail('harmless', 'end')], async (some) => {
      const { faults } = await some.update();
      for (const { fault } of faults) assert.match(fault, /exceeded|takes (more|longer) than/);
      assert.is((await some.find(['to:ann@example.org'])).length, contents.length + 1);
      assert.equal(await some.find(['subject:harmless']), [contents.length]);
    });
  });

  test('a real message is not found by words that stand in it', async () => {
    const messages = realMessages();
    const contents = messages.map(({ content }) => content);
    await withMails(contents, async (some) => {
      await some.update();
      const search = some.search();
      for (const [at, content] of contents.entries()) {
        const text = content.toString('latin1');
        const header = text.slice(0, text.search(/\r?\n\r?\n/));
        const subject = /^subject:[ \t]*([\x20-\x3c\x3e-\x7e]+)$/im.exec(header)?.[1] ?? '';
        const words = new Set([...subject.matchAll(/[a-z0-9]+/gi)].map(([word]) => word));
        for (const word of [...words].slice(0, 3)) {
          const found = await search.find(asked([word]));
          assert.ok(found.includes(some.mails[at] as never), `${messages[at]?.name}: ${word}`);
        }
      }
    });
  });
});
