/** Servers of several processes: whatever is changed or asked of one holds in all, and every lane stays a lane like others. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { administer } from '../../src/cli/data/administer.js';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { parseIdentities } from '../../src/seal/keys.js';
import { Installation, within } from '../support/installation.js';
import { readMailbox } from '../support/read-mail.js';
import type { Server } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';
import { sessionWithEach } from '../support/worker-processes.js';

const [ann, bob] = ['ann@example.org', 'bob@example.org'];

const lanesIn = (data: string) =>
  readdirSync(join(data, 'journal')).filter((name) => name.startsWith('lane-'));

async function open(server: Server): Promise<Wire> {
  const wire = await Wire.to(server.port);
  await wire.hello();
  return wire;
}

async function send(wire: Wire, to: string, subject: string): Promise<string> {
  const content = Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`);
  const reply = await wire.deliver({ from: 'a@example.net', to: [to], content });
  if (!reply.startsWith('250')) await wire.command('RSET');
  return reply.slice(0, 3);
}

function keyOf(made: Installation, name: string): string {
  const file = made.identity(name);
  const [identity] = parseIdentities(readFileSync(file, 'utf8'), file);
  return Buffer.from(identity?.publicKey ?? []).toString('hex');
}

/** Subjects of an identity's mail but notices, sorted; the order of lanes is that of the times. */
async function subjects(made: Installation, name: string, data = made.data): Promise<string[]> {
  const { mails } = await readMailbox(data, made.identity(name));
  const all = mails.map(({ content }) => /^Subject: (.*)\r\n/m.exec(content.toString('latin1'))?.[1] ?? '');
  return all.filter((subject) => !subject.startsWith('The keys of')).sort();
}

async function verify(made: Installation, data = made.data): Promise<void> {
  const { code, stderr } = await made.bare('verify', '--data', data, '--pins', 'none');
  assert.is(code, 0, stderr);
}

suite('workers', (test) => {
  test('what is registered, revoked, erased or reloaded holds in one worker only', () =>
    within(Installation.with(ann, bob), async (made) => {
      const data = dataDirectory(made.data);
      await made.must('key', 'new', 'cat');
      const deny = join(made.folder, 'deny');
      writeFileSync(deny, '');
      const server = await made.serve('--workers', '2', '--deny', deny);
      const wires = await sessionWithEach(server, () => open(server));
      for (const [at, wire] of wires.entries()) assert.is(await send(wire, ann, `first ${at}`), '250');
      assert.is(lanesIn(made.data).length, 2);

      // Registered: at once, and with a notice to whoever had a key before.
      const key = keyOf(made, 'cat');
      await administer(data, { command: 'register', address: 'cat@example.org', key, details: {} });
      const added = await administer(data, { command: 'register', address: ann, key, details: {} });
      assert.equal(added, { result: 'added', told: 1 });
      for (const [at, wire] of wires.entries()) {
        assert.is(await send(wire, 'cat@example.org', `to cat ${at}`), '250');
        assert.is(await send(wire, ann, `to both ${at}`), '250');
      }
      // Revoked: also for a transaction that began before.
      for (const wire of wires) {
        wire.must(await wire.command('MAIL FROM:<>'), '250');
        wire.must(await wire.command(`RCPT TO:<${bob}>`), '250');
      }
      assert.equal(await administer(data, { command: 'revoke', address: bob }), { count: 1, told: 1 });
      for (const wire of wires) {
        wire.must(await wire.command('DATA'), '354');
        await wire.send('Subject: too late\r\n\r\n.\r\n');
        wire.must(await wire.reply(), '451');
        assert.is(
          await send(wire, bob, 'too late').catch((error: Error) => error.message.slice(0, 3)),
          '550',
        );
        await wire.command('RSET');
      }
      const both = ['to both 0', 'to both 1'];
      assert.equal(await subjects(made, 'ann'), ['first 0', 'first 1', ...both]);
      assert.equal(await subjects(made, 'cat'), [...both, 'to cat 0', 'to cat 1']);
      assert.equal(await subjects(made, 'bob'), []);

      // Erased: in segments that the workers are writing.
      const { mails } = await readMailbox(made.data, made.identity('ann'));
      const firsts = mails.filter(({ content }) => content.includes('Subject: first'));
      assert.is(new Set(firsts.map(({ mail }) => mail.lane)).size, 2, 'each worker has a lane');
      await made.must('erase', ...firsts.map(({ mail }) => mail.id), '--identity', 'ann', '--pins', 'none');
      for (const wire of wires) assert.is(await send(wire, ann, 'after'), '250');
      assert.equal(await subjects(made, 'ann'), ['after', 'after', ...both]);

      // Reloaded.
      writeFileSync(deny, 'a@example.net\n');
      server.signal('SIGHUP');
      const isRefused = async (wire: Wire) => {
        const reply = await wire.command('MAIL FROM:<a@example.net>');
        await wire.command('RSET');
        return reply.startsWith('550');
      };
      for (const wire of wires)
        await until('a list that was read again holds in each worker', () => isRefused(wire), 20);

      // Stopped: a transaction under way is finished in each.
      for (const [at, wire] of wires.entries()) {
        wire.must(await wire.command('MAIL FROM:<>'), '250');
        wire.must(await wire.command(`RCPT TO:<${ann}>`), '250');
        wire.must(await wire.command('DATA'), '354');
        await wire.send(`Subject: last ${at}\r\n\r\n`);
      }
      const stopped = server.stop();
      await new Promise((done) => setTimeout(done, 200));
      for (const wire of wires) {
        await wire.send('.\r\n');
        wire.must(await wire.reply(), '250');
      }
      assert.equal(await stopped, { code: 0, signal: null });
      assert.equal(await subjects(made, 'ann'), ['after', 'after', 'last 0', 'last 1', ...both]);
      assert.is(
        server.stderr.replace(/^obalka: lists-read: lists read again\n/m, ''),
        '',
        'and it is said once',
      );
      await verify(made);
    }));

  test('an address gets its limit from each worker', () =>
    within(Installation.with(ann), async (made) => {
      const server = await made.serve('--workers', '2', '--set', 'addressMailsPerHour=3');
      const [one, two] = (await sessionWithEach(server, () => open(server))) as [Wire, Wire];
      assert.equal([await send(one, ann, 'one'), await send(one, ann, 'two')], ['250', '250']);
      assert.is(await send(two, ann, 'three'), '250');
      // Each hears of what the other took a little later.
      const hasEnough = async (wire: Wire) => {
        wire.must(await wire.command('MAIL FROM:<>'), '250');
        const reply = await wire.command(`RCPT TO:<${ann}>`);
        await wire.command('RSET');
        return reply.startsWith('450');
      };
      for (const wire of [one, two])
        await until('the address has had enough in each worker', () => hasEnough(wire), 50);
      await server.stop();
    }));

  test('lanes of more workers, of fewer, or of a copy cannot be read, erased from or gone on with', () =>
    within(Installation.with(ann), async (made) => {
      const expected: string[] = [];
      const take = async (workers: string, data = made.data) => {
        const server = await made.serve('--workers', workers, '--data', data);
        const wires =
          workers === '1' ? [await open(server)] : await sessionWithEach(server, () => open(server));
        for (const [at, wire] of wires.entries()) {
          expected.push(`${expected.length} ${at}`);
          assert.is(await send(wire, ann, expected.at(-1) as string), '250');
        }
        return server;
      };
      await (await take('1')).stop();
      await (await take('3')).kill();
      assert.is(lanesIn(made.data).length, 3);
      // One worker, and two lanes that a crash left without any.
      const server = await take('1');
      const { mails } = await readMailbox(made.data, made.identity('ann'));
      assert.is(new Set(mails.map(({ mail }) => mail.lane)).size, 3);
      const erased = mails.filter(
        (one, at) => mails.findIndex(({ mail }) => mail.lane === one.mail.lane) === at,
      );
      await made.must('erase', ...erased.map(({ mail }) => mail.id), '--identity', 'ann', '--pins', 'none');
      for (const { content } of erased)
        expected.splice(
          expected.indexOf(/^Subject: (.*)\r\n/.exec(content.toString('latin1'))?.[1] ?? ''),
          1,
        );
      await server.stop();
      for (const lane of lanesIn(made.data))
        for (const segment of readdirSync(join(made.data, 'journal', lane)).filter((name) => name !== 'lane'))
          assert.ok(
            readdirSync(join(made.data, 'journal', lane, segment)).includes('checkpoint'),
            'all are closed',
          );
      assert.equal(await subjects(made, 'ann'), [...expected].sort());
      await verify(made);
      // A copy goes on in no lane of the original.
      const copy = join(made.folder, 'copy');
      cpSync(made.data, copy, { recursive: true, preserveTimestamps: true });
      const second = await take('2', copy);
      await second.stop();
      assert.equal(second.stderr.match(/a copy: a new lane begins/g)?.length, 1);
      assert.is(lanesIn(copy).length, 6);
      assert.equal(await subjects(made, 'ann', copy), [...expected].sort());
      await verify(made, copy);
      const restored = await made.bare('restore', copy, '--pins', 'none');
      assert.is(restored.code, 0, restored.stderr);
      const third = await take('2', copy);
      await third.stop();
      assert.match(third.stderr, /this journal was restored: a new lane begins/);
      assert.equal(await subjects(made, 'ann', copy), [...expected].sort());
      await verify(made, copy);
    }));
});
