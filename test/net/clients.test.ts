/** Well-kept clients deliver over real sockets, and what arrives is what they sent. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { ListenAddress } from '../../src/net/listener.js';
import { serveSmtp } from '../../src/net/serve-smtp.js';
import { replies } from '../../src/smtp/replies.js';
import { assert, skip, suite } from '../support/suite.js';
import { MemoryService } from './memory-service.js';
import { pause } from './peer.js';

const message = 'From: <a@example.org>\r\nSubject: hello\r\n\r\n.dot\r\n..two\r\n.\r\nfin\r\n';

async function withServer(
  listen: ListenAddress,
  run: (address: ListenAddress & { port?: number }, service: MemoryService) => Promise<void>,
): Promise<void> {
  const service = new MemoryService();
  service.mood = (method, detail) => {
    if (method === 'recipient' && detail.startsWith('nobody')) return replies.noSuchRecipient;
    return method === 'write' || method === 'commit' ? pause(1).then(() => undefined) : undefined;
  };
  const server = await serveSmtp({ listen: [listen], service, hostname: 'mx.example' });
  try {
    await run(server.addresses[0] as ListenAddress & { port?: number }, service);
  } finally {
    await server.stop(1000);
  }
}

function run(program: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (code) => done({ code, output }));
  });
}

const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
const local = { host: '127.0.0.1', port: 0 };

suite('clients', (test) => {
  test('nodemailer: a message changed on the way', () =>
    withServer(local, async ({ port }, service) => {
      const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
      const envelope = {
        from: 'a@example.org',
        to: ['b@example.net', 'nobody@example.net', 'c@example.net'],
      };
      const info = await transport.sendMail({ envelope, raw: message });
      transport.close();
      assert.equal(info.rejected, ['nobody@example.net']);
      assert.is(info.response, '250 2.0.0 Ok: 1');
      assert.is(service.messages[0]?.content.toString(), message);
      assert.equal(service.messages[0]?.recipients, ['b@example.net', 'c@example.net']);
    }));

  test('nodemailer: many mails over kept connections, and a large one', () =>
    withServer(local, async ({ port }, service) => {
      const transport = createTransport({
        pool: true,
        maxConnections: 5,
        host: '127.0.0.1',
        port,
        ignoreTLS: true,
      });
      const envelope = { from: 'a@example.org', to: 'b@example.net' };
      const large = `Subject: large\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(100_000)}`;
      const raws = [...Array.from({ length: 200 }, (_, i) => `Subject: ${i}\r\n\r\n${i}\r\n`), large];
      await Promise.all(raws.map((raw) => transport.sendMail({ envelope, raw })));
      transport.close();
      const got = service.messages.map((one) => one.content.toString()).sort();
      assert.ok(got.length === raws.length && raws.sort().every((raw, i) => raw === got[i]));
    }));

  const python = (host: string) => `
import smtplib, sys
with smtplib.SMTP(${host}) as s:
    code, text = s.ehlo('client.example')
    assert code == 250 and s.has_extn('pipelining') and s.has_extn('size') and s.has_extn('8bitmime'), text
    assert s.noop()[0] == 250 and s.verify('b')[0] == 252 and s.rset()[0] == 250 and s.help()
    refused = s.sendmail('a@example.org', ['b@example.net', 'nobody@example.net'], ${JSON.stringify(message)},
        mail_options=['BODY=8BITMIME'])
    assert list(refused) == ['nobody@example.net'], refused
    assert refused['nobody@example.net'][0] == 550
    try:
        s.sendmail('a@example.org', ['nobody@example.net'], 'x')
        assert False
    except smtplib.SMTPRecipientsRefused: pass
    s.sendmail('', ['b@example.net'], 'bounce\\r\\n')
`;
  const smtplib = 'smtplib: extensions, a refused recipient, a notification';
  if (!has('python3')) skip(test, smtplib, 'no python3');
  else
    test(smtplib, () =>
      withServer(local, async ({ port }, service) => {
        const { code, output } = await run('python3', '-c', python(`'127.0.0.1', ${port}`));
        assert.is(code, 0, output);
        assert.equal(
          service.messages.map((one) => [one.from, one.content.toString()]),
          [
            ['a@example.org', message],
            ['', 'bounce\r\n'],
          ],
        );
      }),
    );

  const curl = 'curl: byte for byte, also over IPv6';
  if (!has('curl')) skip(test, curl, 'no curl');
  else
    test(curl, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'obalka-net-'));
      const options = ['-sS', '--mail-from', 'a@example.org', '--mail-rcpt', 'b@example.net', '-T'];
      for (const host of ['127.0.0.1', '::1'])
        await withServer({ host, port: 0 }, async ({ port }, service) => {
          const file = join(folder, 'mail');
          writeFileSync(file, message);
          const url = `smtp://${host.includes(':') ? `[${host}]` : host}:${port}/client.example`;
          const { code, output } = await run('curl', ...options, file, url);
          assert.is(code, 0, output);
          assert.is(service.messages[0]?.content.toString(), message);
          assert.is(service.clients[0]?.address, host);
        });
      rmSync(folder, { recursive: true });
    });

  test('a unix socket: a client that has an address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'obalka-net-'));
    await withServer({ path: join(folder, 'smtp') }, async (address, service) => {
      const connection = connect({ path: 'path' in address ? address.path : '' });
      const transport = createTransport({ connection, ignoreTLS: true } as object);
      await transport.sendMail({ envelope: { from: 'a@example.org', to: 'b@example.net' }, raw: message });
      transport.close();
      assert.is(service.messages[0]?.content.toString(), message);
      assert.equal(service.clients, [{ protocol: 'smtp', transport: 'unix', address: '', port: 0 }]);
    });
    rmSync(folder, { recursive: true });
  });
});
