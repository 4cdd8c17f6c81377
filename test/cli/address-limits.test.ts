/** Limits of addresses at the command line: one address has had enough, and nobody else notices. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

const [ann, bob] = ['ann@example.org', 'bob@example.org'];
const busy = '450 4.2.1 Mailbox has had too much mail for now, try again later';
const letter = (octets: number) => Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(octets - 16)}\r\n`);

async function send(wire: Wire, to: string, octets = 100): Promise<string> {
  const reply = await wire.deliver({ from: 'a@example.net', to: [to], content: letter(octets) });
  if (!reply.startsWith('250')) await wire.command('RSET');
  return reply.slice(0, 3);
}

suite('limits of addresses at the command line', (test) => {
  test('an address gets more than its limit, or others get less', () =>
    within(Installation.with(ann, bob, '*@example.net', '*@example.com'), async (made) => {
      const server = await made.serve('--set', 'addressMailsPerHour=2', '--set', 'addressMailsPerDay=0');
      const wire = await Wire.to(server.port);
      await wire.hello();
      assert.equal([await send(wire, ann), await send(wire, 'ANN@EXAMPLE.ORG')], ['250', '250']);
      // What was taken counts, in whichever session and spelling; an address that is unknown stays so.
      const other = await Wire.to(server.port);
      await other.hello();
      other.must(await other.command('MAIL FROM:<>'), '250');
      assert.is(await other.command('RCPT TO:<Ann@example.org>'), busy);
      other.must(await other.command('RCPT TO:<nobody@example.org>'), '550');
      other.must(await other.command(`RCPT TO:<${bob}>`), '250');
      other.must(await other.command('DATA'), '354');
      await other.send('x\r\n.\r\n');
      other.must(await other.reply(), '250');
      // A transaction that is given up, or refused, counts for nothing.
      for (let times = 0; times < 3; times++) {
        other.must(await other.command('MAIL FROM:<>'), '250');
        other.must(await other.command(`RCPT TO:<${bob}>`), '250');
        if (times > 0) {
          other.must(await other.command('DATA'), '354');
          await other.send('bare\n\r\n.\r\n');
          other.must(await other.reply(), '550');
        } else other.must(await other.command('RSET'), '250');
      }
      assert.equal([await send(other, bob), await send(other, bob)], ['250', '450']);
      // All that a catch-all takes is one mailbox's.
      const caught = ['one', 'two', 'three'].map((name) => `${name}@example.net`);
      const replies: string[] = [];
      for (const to of caught) replies.push(await send(wire, to));
      assert.equal(replies, ['250', '250', '450']);
      // Nor do many addresses of one mailbox in one mail go round it; the same one twice is one mail.
      wire.must(await wire.command('MAIL FROM:<>'), '250');
      for (const name of ['one', 'two', 'One'])
        wire.must(await wire.command(`RCPT TO:<${name}@example.com>`), '250');
      assert.is(await wire.command('RCPT TO:<three@example.com>'), busy);
      wire.must(await wire.command('DATA'), '354');
      await wire.send('x\r\n.\r\n');
      wire.must(await wire.reply(), '250');
      assert.is(await send(wire, 'four@example.com'), '450');
      await Promise.all([wire.quit(), other.quit()]);
      assert.is((await server.stop()).code, 0);
      assert.is(server.stderr, '');
    }));

  test('LMTP refuses all for one, a file of limits holds for others, or octets do not count', () =>
    within(Installation.with(ann, bob), async (made) => {
      const file = join(made.folder, 'limits.txt');
      writeFileSync(file, `${bob} addressOctetsPerDay=0 # as many as come\n`);
      const socket = join(made.folder, 'lmtp.sock');
      const server = await made.serve(
        ...[
          '--listen',
          `lmtp://unix:${socket}`,
          '--set',
          'addressOctetsPerDay=10000',
          '--address-limits',
          file,
        ],
      );
      const wire = await Wire.to(socket);
      const deliver = async (octets: number) => {
        wire.must(await wire.command('MAIL FROM:<>'), '250');
        const rcpt = [await wire.command(`RCPT TO:<${ann}>`), await wire.command(`RCPT TO:<${bob}>`)];
        wire.must(await wire.command('DATA'), '354');
        await wire.send(Buffer.concat([letter(octets), Buffer.from('.\r\n')]));
        for (const reply of rcpt) if (reply.startsWith('250')) wire.must(await wire.reply(), '250');
        return rcpt.map((reply) => reply.slice(0, 9)).join(', ');
      };
      wire.must(await wire.command('LHLO client.example'), '250');
      assert.is(await deliver(9000), '250 2.1.5, 250 2.1.5');
      assert.is(await deliver(2000), '250 2.1.5, 250 2.1.5', 'octets are known afterwards');
      assert.is(await deliver(100), '450 4.2.1, 250 2.1.5');
      const again = async (text: string, words: string) => {
        writeFileSync(file, text);
        server.signal('SIGHUP');
        await until(
          () => `${words}: not in ${server.stderr}`,
          () => server.stderr.includes(words),
        );
      };
      await again(`${ann} addressOctetsPerDay=1000000\n`, 'address limits read again');
      assert.is(await deliver(100), '250 2.1.5, 250 2.1.5');
      await again(`${ann} octets=1\n`, 'address limits not read again, the old ones stay in use');
      assert.match(server.stderr, /limits-kept: .* \(mistake, line 1\)$/m);
      await wire.quit();
      assert.is((await server.stop()).code, 0);

      writeFileSync(file, 'ann addressMailsPerDay=1\n');
      const refused = await made.run('serve', '--listen', '127.0.0.1:0', '--address-limits', file);
      assert.is(refused.code, 2);
      assert.match(refused.stderr, /^obalka: \S+limits\.txt, line 1: "ann" is not an address[^\n]+\n$/);
      const missing = await made.run('serve', '--listen', '127.0.0.1:0', '--address-limits', 'missing.txt');
      assert.equal(
        [missing.code, /missing\.txt: the list cannot be read \(ENOENT\)/.test(missing.stderr)],
        [1, true],
      );
      const many = await made.run(
        'serve',
        '--listen',
        '127.0.0.1:0',
        '--set',
        'addressMailsPerDay=9999999999',
      );
      assert.is(many.code, 2);
    }));
});
