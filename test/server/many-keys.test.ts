/** Many keys: two thousand of them, in the real program; keys that come and go while a segment is open; and too many. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { administer } from '../../src/cli/data/administer.js';
import { dataDirectory, openDataRegistry } from '../../src/cli/data/data-directory.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { usualRules } from '../../src/registry/address-rules.js';
import { type Identity, identityOf } from '../../src/seal/keys.js';
import { cpuSeconds } from '../bench/proc.js';
import { bytesFrom } from '../support/chance.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const people: Identity[] = [];
/** The n-th person, the same in each test: making keys takes time. */
function person(number: number): Identity {
  people[number] ??= identityOf(bytesFrom(`one of many ${number}`, 32));
  return people[number];
}
const addressOf = (number: number) => `user${number}@example.org`;

/** Registers keys of addresses, all in one transaction, while no server runs. */
async function registerAll(
  made: Installation,
  keys: readonly (readonly [string, Identity])[],
): Promise<void> {
  const registry = await openDataRegistry(dataDirectory(made.data), () => usualRules);
  try {
    registry.together(() => {
      for (const [address, { publicKey }] of keys) registry.register(address, publicKey);
    });
  } finally {
    registry.close();
  }
}

const mail = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`);

async function timed<T>(work: Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const begun = performance.now();
  const result = await work;
  return { result, milliseconds: performance.now() - begun };
}

/** Subjects of the mail that an identity finds. */
async function subjects(made: Installation, identity: Identity): Promise<string[]> {
  const view = await openDirectory(join(made.data, 'journal'));
  try {
    const { contents } = await openMailbox(view, [identity]);
    assert.equal(contents.faults, []);
    const found = contents.mails.map(({ envelope }) => Buffer.from(envelope.summary.subject).toString());
    // Owners are told of each change of their address's keys.
    return found.filter((subject) => !subject.startsWith('The keys of '));
  } finally {
    await view.close();
  }
}

/** Cells of channels, segment by segment. */
function channelsOf(made: Installation): number[] {
  const journal = join(made.data, 'journal');
  const lane = join(journal, readdirSync(journal).find((name) => name.startsWith('lane-')) as string);
  const segments = readdirSync(lane).filter((name) => name.startsWith('segment-'));
  return segments.sort().map((name) => (statSync(join(lane, name, 'channels')).size - 4096) / 1280);
}

/** Asks one session again and again for nothing; gives how often it was answered, and the longest that it waited. */
async function repliesUntil(
  port: number,
  until: Promise<unknown>,
): Promise<{ count: number; slowest: number }> {
  const wire = await Wire.to(port);
  await wire.hello();
  let [count, slowest, isOver] = [0, 0, false];
  void until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    slowest = Math.max(slowest, (await timed(wire.command('NOOP'))).milliseconds);
    if (!isOver) count++;
    await wait(1);
  }
  await wire.quit();
  return { count, slowest };
}

const say = (milliseconds: number) => `${milliseconds.toFixed(0)} ms`;

suite('many keys', (test) => {
  test('with two thousand keys the server starts late, or a mail to a thousand of them holds up the others', () =>
    within(Installation.with(), async (made) => {
      const all = Array.from({ length: 2000 }, (_, at) => [addressOf(at), person(at)] as const);
      const registered = await timed(registerAll(made, all));
      const start = await timed(made.serve());
      const server = start.result;
      const startSeconds = cpuSeconds(server.pid);
      const wire = await Wire.to(server.port);
      await wire.hello();
      const first = await timed(wire.deliver({ from: '', to: [addressOf(7)], content: mail('first') }));
      wire.must(first.result, '250');
      const to = Array.from({ length: 1000 }, (_, at) => addressOf(at));
      const thousand = timed(wire.deliver({ from: '', to, content: mail('all') }));
      const { count, slowest } = await repliesUntil(server.port, thousand);
      const many = await thousand;
      wire.must(many.result, '250');
      const again = await timed(wire.deliver({ from: '', to: [addressOf(7)], content: mail('again') }));
      wire.must(again.result, '250');
      await wire.quit();
      assert.is((await server.stop()).code, 0);
      console.log(
        `2000 keys: registered in ${say(registered.milliseconds)}, started in ${say(start.milliseconds)}, ${startSeconds.toFixed(1)} s of the processor; first mail ${say(first.milliseconds)}, one to 1000 keys ${say(many.milliseconds)}, others ${count} times meanwhile, at most ${say(slowest)}, the next mail ${say(again.milliseconds)}`,
      );
      // More than 1024: none at first, eight for the first mail, and the others when they were needed.
      assert.equal(channelsOf(made), [8 + 1000]);
      assert.equal(await subjects(made, person(7)), ['first', 'all', 'again']);
      assert.equal(await subjects(made, person(999)), ['all']);
      assert.equal(await subjects(made, person(1000)), []);
      // Others use the machine too: what is promised is asked of the processor's time, and of turns.
      assert.ok(startSeconds < 4, `started in ${startSeconds} s of the processor`);
      assert.ok(count >= 20, `others were answered ${count} times`);
      assert.is((await made.run('verify')).code, 0);
    }));

  test('with as many keys as channels are opened for at once, one has no channel or the first mail waits for long', () =>
    within(Installation.with(), async (made) => {
      await registerAll(
        made,
        Array.from({ length: 1024 }, (_, at) => [addressOf(at), person(at)] as const),
      );
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const first = await timed(
        wire.deliver({ from: '', to: [addressOf(0), addressOf(1023)], content: mail('first') }),
      );
      wire.must(first.result, '250');
      const second = await timed(wire.deliver({ from: '', to: [addressOf(5)], content: mail('second') }));
      wire.must(second.result, '250');
      await wire.quit();
      assert.is((await server.stop()).code, 0);
      console.log(`1024 keys: first mail ${say(first.milliseconds)}, the next ${say(second.milliseconds)}`);
      const [channels = 0] = channelsOf(made);
      assert.ok(channels >= 1024 && channels < 2048, `${channels} channels`);
      for (const [number, found] of [
        [0, ['first']],
        [1023, ['first']],
        [5, ['second']],
        [6, []],
      ] as const)
        assert.equal(await subjects(made, person(number)), found);
    }));

  test('a key that is registered or revoked while mail comes gets what is not its, or misses what is', () =>
    within(Installation.with(), async (made) => {
      const [address, other] = [addressOf(0), addressOf(1)];
      await registerAll(made, [
        [address, person(0)],
        [other, person(1)],
      ]);
      const data = dataDirectory(made.data);
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const newKeys = [2, 3, 4].map(person);
      const expected = new Map<Identity, string[]>([
        [person(0), []],
        ...newKeys.map((one) => [one, []] as const),
      ] as [Identity, string[]][]);
      const present = [person(0)];
      const send = async (subject: string) => {
        wire.must(await wire.deliver({ from: '', to: [address], content: mail(subject) }), '250');
        for (const one of present) expected.get(one)?.push(subject);
      };
      // Others send all the time, so that commits and channels are under way.
      let isOver = false;
      const others = (async () => {
        const noise = await Wire.to(server.port);
        await noise.hello();
        while (!isOver)
          noise.must(await noise.deliver({ from: '', to: [other], content: mail('noise') }), '250');
        await noise.quit();
      })();
      await send('alone');
      for (const [at, one] of newKeys.entries()) {
        const key = Buffer.from(one.publicKey).toString('hex');
        await administer(data, { command: 'register', address, key, details: {} });
        present.push(one);
        await send(`with ${at}`);
      }
      for (const gone of [newKeys[1], person(0)] as Identity[]) {
        const fingerprint = Buffer.from(gone.fingerprint).toString('hex');
        await administer(data, { command: 'revoke', address, fingerprint });
        present.splice(present.indexOf(gone), 1);
        await send(`without ${present.length}`);
      }
      isOver = true;
      await others;
      await wire.quit();
      assert.is((await server.stop()).code, 0);
      for (const [one, found] of expected) assert.equal(await subjects(made, one), found);
      // Eight at first, and eight for each of three registrations.
      assert.equal(channelsOf(made), [32]);
      assert.is((await made.run('verify')).code, 0);
    }));

  test('a mail with more keys than one mail may have is taken, or not refused in words', () =>
    within(Installation.with(), async (made) => {
      // 128 addresses of 32 keys each make 4096 envelopes.
      const keys = Array.from({ length: 32 }, (_, at) => person(at));
      const addresses = Array.from({ length: 129 }, (_, at) => addressOf(at));
      const last = addresses.pop() as string;
      await registerAll(
        made,
        [...addresses, last].flatMap((address) => keys.map((key) => [address, key] as const)),
      );
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      wire.must(await wire.command('MAIL FROM:<>'), '250');
      for (const address of addresses) wire.must(await wire.command(`RCPT TO:<${address}>`), '250');
      assert.is(await wire.command(`RCPT TO:<${last}>`), '452 4.5.3 Too many recipients');
      wire.must(await wire.command('DATA'), '354');
      await wire.send(Buffer.concat([mail('to many'), Buffer.from('.\r\n')]));
      const content = await timed(wire.reply());
      wire.must(content.result, '250');
      wire.must(await wire.deliver({ from: '', to: [last], content: mail('to one') }), '250');
      await wire.quit();
      assert.is((await server.stop()).code, 0);
      console.log(`4096 envelopes: ${say(content.milliseconds)}`);
      const found = await subjects(made, person(31));
      assert.equal(
        ['to many', 'to one'].map((words) => found.filter((one) => one === words).length),
        [128, 1],
      );
    }));
});
