/** The reference opens every mail of two thousand that a real server took, as they were sent. */
import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkJournal, checkMail } from '../../tools/reference/checking.js';
import { filesInFolder } from '../../tools/reference/files.js';
import type { Mail } from '../../tools/reference/finding.js';
import { openJournal } from '../../tools/reference/journal.js';
import { parseIdentities } from '../../tools/reference/keys.js';
import { Installation, within } from '../support/installation.js';
import type { Server } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';
import { mailMix } from './mail-mix.js';

/** How many mails are sent. OBALKA_MAILS names another number. */
const count = Number(process.env.OBALKA_MAILS ?? 2000);
const clients = 6;

const [alice, bob, carol, desk] = [
  'alice@x.example',
  'bob@x.example',
  'carol@x.example',
  'desk@x.example',
] as const;
const owners = ['alice', 'bob', 'carol'] as const;
type Owner = (typeof owners)[number];

/** The owners of each address at the moment. */
const ownersOf = new Map<string, readonly Owner[]>([
  [alice, ['alice']],
  [bob, ['bob']],
  [carol, ['carol']],
]);

async function register(made: Installation, address: string, owner: Owner): Promise<void> {
  await made.must('register', address, '--key', `${made.identity(owner)}.pub`);
  ownersOf.set(address, [...(ownersOf.get(address) ?? []), owner]);
}

async function revoke(made: Installation, address: string, owner: Owner): Promise<void> {
  await made.must('revoke', address, '--key', `${made.identity(owner)}.pub`);
  ownersOf.set(address, ownersOf.get(address)?.filter((one) => one !== owner) ?? []);
}

/** One to four recipients who have keys. Those after the first are blind copies: no content names them. */
function recipientsOf(i: number): string[] {
  const all = [...ownersOf].filter(([, by]) => by.length > 0).map(([address]) => address);
  const many = i % 40 === 7 ? all.length : i % 9 === 2 ? 2 : 1;
  return Array.from({ length: many }, (_, k) => all[(i + k) % all.length] as string);
}

/** What is to be found, as "owner recipient digest": what was acknowledged, and what broke off and may stand. */
const acknowledged: string[] = [];
const perhaps: string[] = [];

/** Sends these mails over several connections at once. Gives back those that the server's end left unsent. */
async function send(
  server: Server,
  contents: readonly Uint8Array[],
  indexes: readonly number[],
  onReply: (done: number) => void = () => undefined,
): Promise<number[]> {
  const left = [...indexes];
  const broken: number[] = [];
  let done = 0;
  const client = async () => {
    const wire = await Wire.to(server.port);
    await wire.hello();
    for (let i = left.shift(); i !== undefined; i = left.shift()) {
      const content = contents[i] as Uint8Array;
      const to = recipientsOf(i);
      const digest = createHash('sha256').update(content).digest('hex');
      const found = to.flatMap((one) =>
        (ownersOf.get(one) ?? []).map((owner) => `${owner} ${one} ${digest}`),
      );
      const reply = await wire.deliver({ from: 'writer@from.example', to, content }).catch(() => undefined);
      if (reply === undefined) {
        perhaps.push(...found);
        broken.push(i, ...left.splice(0));
        return;
      }
      assert.ok(reply.startsWith('250'), reply);
      acknowledged.push(...found);
      done += 1;
      onReply(done);
    }
    await wire.quit();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return broken;
}

/** Keys come and go, the server is killed in the middle of mail and restarted, and stopped in good order. */
async function fill(made: Installation): Promise<void> {
  const contents = mailMix(count);
  const part = (from: number, to: number) =>
    Array.from(contents.keys()).slice(Math.floor(from * count), Math.floor(to * count));
  const first = await made.serve();
  assert.equal(await send(first, contents, part(0, 0.25)), []);
  await register(made, desk, 'alice');
  await register(made, desk, 'bob');
  const broken = await send(first, contents, part(0.25, 0.75), (done) => {
    if (done === Math.floor(count / 4)) first.signal('SIGKILL');
  });
  assert.ok(broken.length >= clients, 'the server was killed while mail came');
  await first.ended;

  const second = await made.serve();
  assert.equal(await send(second, contents, broken), []);
  await revoke(made, desk, 'alice');
  await revoke(made, carol, 'carol');
  assert.equal(await send(second, contents, part(0.75, 0.9)), []);
  await second.stop();

  await register(made, carol, 'bob');
  const third = await made.serve();
  assert.equal(await send(third, contents, part(0.9, 1)), []);
  await third.stop();
}

/** What `all` has more than `some`, each as often as it is more. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const one of some) left.set(one, (left.get(one) ?? 0) + 1);
  return all.filter((one) => {
    const times = left.get(one) ?? 0;
    left.set(one, times - 1);
    return times <= 0;
  });
}

suite(`the reference decoder and ${count} mails`, (test) => {
  test('each opens as it was sent, for each of its recipients, and the program lists the same', () =>
    within(Installation.with(alice, bob, carol), async (made) => {
      await fill(made);
      const journal = openJournal(filesInFolder(made.data));
      assert.equal(checkJournal(journal).faults, []);
      const identities = owners.map(
        (owner) => parseIdentities(readFileSync(made.identity(owner), 'utf8'), owner)[0],
      );
      const digests = new Map<Mail, Hash>();
      const { mails, faults } = checkMail(
        journal,
        identities.flatMap((one) => one ?? []),
        (mail, { part, octets }) => {
          const digest = digests.get(mail) ?? createHash('sha256');
          if (part === 'content') digests.set(mail, digest.update(octets));
        },
      );
      assert.equal(faults, []);

      const isNotice = (mail: Mail) => 'envelope' in mail && (mail.envelope.flags & 2) !== 0;
      const shown = (mail: Mail) =>
        `${owners[identities.indexOf(mail.identity)]} ${'envelope' in mail ? mail.envelope.recipient : ''}`;
      const opened = mails
        .filter(({ mail, state }) => state !== 'void' && !isNotice(mail))
        .map(({ mail, state }) => {
          assert.is(state, 'whole');
          const digest = (digests.get(mail) ?? createHash('sha256')).digest('hex');
          return `${shown(mail)} ${digest}`;
        });
      assert.equal(
        mails.flatMap(({ mail }) => (isNotice(mail) ? shown(mail) : [])).sort(),
        [`alice ${desk}`, `alice ${desk}`, `bob ${desk}`, `carol ${carol}`],
        'who had a key before others came, or it went, has a notice',
      );
      assert.equal(without(acknowledged, opened), [], 'what was acknowledged is there');
      const more = without(opened, acknowledged);
      assert.equal(without(more, perhaps), [], 'nothing is there that was not sent');
      assert.ok(opened.length >= count);

      const flags = owners.flatMap((owner) => ['--identity', made.identity(owner)]);
      const listed = (await made.must('list', '--json', ...flags)).split('\n').filter((line) => line !== '');
      const theirs = listed.map((line) => {
        const { id, receivedAt, to, size, flags } = JSON.parse(line);
        // What comes from comparing mails, and what the reader did, stands in no envelope.
        const own = flags.filter((flag: string) => flag !== 'keys-changed' && flag !== 'unread');
        return `${id} ${receivedAt} ${to} ${size} ${own}`;
      });
      const ours = mails.flatMap(({ mail }) => {
        if (!('envelope' in mail)) return [];
        const { receivedAt, recipient, content, flags } = mail.envelope;
        const time = new Date(receivedAt).toISOString();
        const names = [...(flags & 2 ? ['notice'] : []), ...(flags & 1 ? ['shared-address'] : [])];
        return [`${mail.id} ${time} ${recipient} ${content} ${names}`];
      });
      assert.equal(ours, theirs);
      assert.ok(ours.some((line) => line.endsWith('shared-address')));
    }));
});
