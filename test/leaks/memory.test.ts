/**
 * Memory of the live server, read from outside after mail and more mail: secrets of the past are not in it. What is there
 * of message keys and plaintext is measured and said. By hand it takes the number of mails of a round, and a minute more:
 *
 *   node dist/test/leaks/memory.test.js 1000
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { streams } from '../../src/format/place.js';
import { constantTime } from '../../src/journal/names.js';
import { type Identity, parseIdentities } from '../../src/seal/keys.js';
import { type Pattern, Search } from '../support/disguises.js';
import { Installation, within } from '../support/installation.js';
import { entriesBelow } from '../support/live-folder.js';
import { scan, unreadable } from '../support/process-memory.js';
import { readMailbox } from '../support/read-mail.js';
import type { Server } from '../support/server.js';
import { assert, skip, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';
import { type Replacements, serveAltered } from './altered-program.js';
import { channelsOf, type PastChannel, type Secret } from './past-secrets.js';

const [round = '60'] = process.argv.slice(2);
const mailsOfRound = Number(round);
const isByHand = process.argv.length > 2;

/** Eight: as many as there are channels, so that each is somebody's, the last one too. */
const people = ['wilhelmine', 'bartholomew', 'konstantin', 'theodora', 'ann', 'ben', 'cleo', 'dora'];
const addressOf = (name: string) => `${name}@${name}-domain.example`;
const words = (mail: number) => `plaintext of mail number ${String(mail).padStart(6, '0')} stands here`;

function writeWeek(made: Installation, name: string): void {
  writeFileSync(join(made.folder, 'week'), name);
}

/** A server whose weeks are what the test says, with some mail in it. */
class Office {
  #sent = 0;

  constructor(
    readonly made: Installation,
    readonly server: Server,
  ) {}

  static async open(made: Installation, replacements: Replacements = {}): Promise<Office> {
    writeWeek(made, '2026-W47');
    const server = await serveAltered(made, { 'core/week.js': 'week-in-file', ...replacements });
    return new Office(made, server);
  }

  week(name: string): void {
    writeWeek(this.made, name);
  }

  /** Mails to one, two, and so on up to all of the people in turn, of all sizes up to three blocks. */
  async send(count: number, to = people): Promise<void> {
    const wire = await Wire.to(this.server.port);
    await wire.hello();
    for (const end = this.#sent + count; this.#sent < end; this.#sent++) {
      const some = to.slice(0, 1 + (this.#sent % to.length)).map(addressOf);
      const rest = 'and some more.\r\n'.repeat((this.#sent * 37) % 2500);
      const content = Buffer.from(`Subject: ${this.#sent}\r\n\r\n${words(this.#sent)}\r\n${rest}`);
      wire.must(await wire.deliver({ from: 'sender@example.net', to: some, content }), '250');
    }
    await wire.quit();
    await until('the claim is written and the times of files are set', () =>
      entriesBelow(join(this.made.data, 'journal'))
        .filter(([name]) => streams.some((stream) => name.endsWith(`/${stream}`)))
        .every(([, { mtimeMs }]) => mtimeMs === BigInt(constantTime) * 1000n),
    );
  }

  /** Has a recipient accepted, and no mail. */
  async beginSegment(): Promise<void> {
    const wire = await Wire.to(this.server.port);
    await wire.hello();
    wire.must(await wire.command('MAIL FROM:<>'), '250');
    wire.must(await wire.command(`RCPT TO:<${addressOf(people[0] as string)}>`), '250');
    await wire.quit();
  }

  identity(name: string): Identity {
    const file = this.made.identity(name);
    return parseIdentities(readFileSync(file, 'utf8'), file)[0] as Identity;
  }

  channels(): PastChannel[] {
    return people.flatMap((name) => channelsOf(this.made.data, name, this.identity(name)));
  }

  async messageKeys(): Promise<Secret[]> {
    const { mails } = await readMailbox(this.made.data, this.made.identity(people[0] as string));
    return mails.map(({ mail }, at) => ({ name: `message key ${at}`, bytes: mail.envelope.messageKey }));
  }

  get mails(): number {
    return this.#sent;
  }
}

/** Half a secret is a secret: each half is looked for by itself. */
function halves(secrets: readonly Secret[]): Pattern[] {
  return secrets.flatMap(({ name, bytes }) => [
    { name: `${name}: first half`, bytes: Buffer.from(bytes.subarray(0, 16)) },
    { name: `${name}: second half`, bytes: Buffer.from(bytes.subarray(16)) },
  ]);
}

/** Says how many message keys (each half by itself) and how many words of mails are in memory, of all and of the first round. */
async function measure(office: Office, when: string): Promise<void> {
  const keys = halves(await office.messageKeys());
  const plaintexts = Array.from({ length: office.mails }, (_, mail) => ({
    name: `words ${mail}`,
    bytes: Buffer.from(words(mail)),
  }));
  const { found, octets } = scan(office.server.pid, new Search([...keys, ...plaintexts]));
  const share = (patterns: readonly Pattern[]) =>
    `${patterns.filter(({ name }) => found.has(name)).length} of ${patterns.length}`;
  console.log(
    `measured: ${when}, ${office.mails} mails, ${(octets / 2 ** 20).toFixed()} MiB: ` +
      `halves of message keys ${share(keys)}; words of mails ${share(plaintexts)}, ` +
      `of the first round ${share(plaintexts.slice(0, mailsOfRound))}`,
  );
}

const promise =
  'a past shared secret, channel key, chain key, or secret or key of a step is in the memory of the server';
const planted = 'a secret that is kept is not found';

const child = spawn('sleep', ['100']);
const reason = child.pid === undefined ? 'nothing can be started' : unreadable(child.pid);
child.kill();

suite('memory of the server', (test) => {
  if (reason !== undefined) {
    skip(test, promise, reason);
    skip(test, planted, reason);
    return;
  }

  test(promise, () =>
    within(Installation.with(...people.map(addressOf)), async (made) => {
      const office = await Office.open(made);
      const { pid } = office.server;
      // As soon as the channels are open, before anything else is done with keys.
      await office.beginSegment();
      const opened = office.channels();
      const secrets = halves(opened.flatMap((channel) => channel.past));
      assert.is(secrets.length, 2 * 2 * people.length, 'a shared secret and a key of each channel');
      assert.equal([...scan(pid, new Search(secrets)).found], []);

      await office.send(mailsOfRound);
      await office.send(mailsOfRound);
      const open = office.channels();
      const past = open.flatMap((channel) => channel.past);
      assert.is(open.length, people.length);
      assert.ok(past.length > 6 * mailsOfRound, `${past.length} secrets`);
      const next = halves(open.map((channel) => channel.next));
      const seen = scan(pid, new Search([...halves(past), ...next]));
      const wanted = next.map(({ name }) => name);
      // The keys that the server does need are found: so others would be.
      assert.equal([...seen.found].sort(), wanted.sort());
      await measure(office, 'after two rounds');
      if (isByHand) {
        await new Promise((done) => setTimeout(done, 60_000));
        await measure(office, 'a minute later');
      }

      // A chain whose key was revoked, and all chains of a segment that ended, are gone too.
      await made.must('revoke', addressOf('theodora'));
      const rest = people.filter((name) => name !== 'theodora');
      const hers = (name: string) => name.includes('theodora');
      assert.equal(
        [...scan(pid, new Search(next)).found].sort(),
        wanted.filter((name) => !hers(name)),
      );
      office.week('2026-W48');
      await office.send(mailsOfRound / 2, rest);
      const all = office.channels();
      const old = all.filter(({ segment }) => segment === 0);
      const current = all.filter(({ segment }) => segment === 1).map((channel) => channel.next);
      assert.is(current.length, rest.length);
      const gone = [...old.flatMap((channel) => [...channel.past, channel.next])];
      const later = scan(pid, new Search([...halves(gone), ...halves(current)]));
      assert.equal(
        [...later.found].sort(),
        halves(current)
          .map(({ name }) => name)
          .sort(),
      );
      await measure(office, 'after half a round more');
    }),
  );

  test(planted, async () => {
    const secret = randomBytes(32);
    const search = new Search(halves([{ name: 'planted', bytes: secret }]));
    const keeper = spawn(process.execPath, [
      '-e',
      'process.stdin.once("data", (bytes) => { globalThis.kept = Buffer.from(bytes.toString(), "hex"); console.log("kept"); })',
    ]);
    try {
      await new Promise((done) => {
        keeper.stdout.once('data', done);
        keeper.stdin.write(secret.toString('hex'));
      });
      assert.is(scan(keeper.pid as number, search).found.size, 2);
    } finally {
      keeper.kill();
    }
  });

  test('not caught: a program that keeps chain keys in a Buffer', () =>
    within(Installation.with(...people.map(addressOf)), async (made) => {
      const office = await Office.open(made, { 'seal/chain.js': 'keeps-chain-key' });
      await office.send(8);
      const past = office.channels().flatMap((channel) => channel.past);
      const { found } = scan(office.server.pid, new Search(halves(past)));
      assert.ok(
        [...found].some((name) => name.startsWith('chain 0 of ')),
        `${[...found]}`,
      );
    }));
});
