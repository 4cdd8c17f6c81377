/** Hand-over: relays that people run, and clients over TLS, bring mail to the real server, and its owner reads it. */
import { join } from 'node:path';
import { curl } from '../peers/curl.js';
import { exim } from '../peers/exim.js';
import type { Target } from '../peers/mail-relay.js';
import { msmtp } from '../peers/msmtp.js';
import { nodemailer } from '../peers/nodemailer.js';
import { postfix } from '../peers/postfix.js';
import { smtplib } from '../peers/smtplib.js';
import { pipeliningSwaks, swaks } from '../peers/swaks.js';
import { Installation, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';

const content = Buffer.from(
  'From: a@example.net\r\nTo: ann@example.org\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.net>\r\n' +
    'Subject: handed over\r\n\r\n.\r\n..\r\n.x\r\n\xff\xe9 8-bit\r\n\r\n\r\n',
  'latin1',
);

interface Listed {
  readonly id: string;
  readonly to: string;
}

async function list(made: Installation, who: string): Promise<Listed[]> {
  const lines = (await made.must('list', '--json', '--identity', who)).trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Listed);
}

async function read(made: Installation, id: string, who: string): Promise<Buffer> {
  const { code, stdout, stderr } = await made.run('read', id, '--raw', '--identity', who);
  assert.is(code, 0, stderr);
  return stdout;
}

const ways: readonly {
  readonly name: string;
  readonly listen: string;
  readonly protocol: 'smtp' | 'lmtp';
}[] = [
  { name: 'LMTP over a unix socket', listen: 'unix', protocol: 'lmtp' },
  { name: 'LMTP over TCP', listen: 'tcp', protocol: 'lmtp' },
  { name: 'SMTP', listen: 'tcp', protocol: 'smtp' },
];

for (const relay of [postfix, exim])
  suite(`hand-over by ${relay.name}`, (test) => {
    const reason = relay.missing();
    if (reason !== undefined) return skip(test, 'hands over', reason);

    for (const { name, listen, protocol } of ways)
      test(`${name}: mail is lost, changed, or refused for a recipient that is known`, () =>
        within(Installation.with('ann@example.org', 'ben@example.org'), async (made) => {
          // Relays hand over under a user of their own.
          await made.exec('chmod', ['755', made.folder]);
          const path = join(made.folder, 'hand-over.sock');
          const address = listen === 'unix' ? `unix:${path}?mode=0666` : '127.0.0.1:0';
          const server = await made.serve('--listen', `${protocol}://${address}`);
          const port = Number(/127\.0\.0\.1:(\d+)/.exec(server.stdout)?.[1]);
          const target: Target = { protocol, to: listen === 'unix' ? { path } : { port } };
          const running = await relay.start(target);
          try {
            const mail = { from: 'a@example.net', to: ['ann@example.org', 'ben@example.org'], content };
            const { accepted, output } = await running.deliver(mail);
            assert.ok(accepted, output);
            const partly = await running.deliver({ ...mail, to: ['nobody@example.org'] });
            assert.not.ok(partly.accepted, 'a refusal is taken for success');
          } finally {
            await running.stop();
          }
          for (const who of ['ann', 'ben']) {
            const [only, ...more] = await list(made, who);
            assert.equal([only?.to, more], [`${who}@example.org`, []]);
            const raw = await read(made, only?.id as string, who);
            assert.ok(raw.subarray(-content.length).equals(content), raw.toString('latin1'));
          }
          assert.equal(await server.stop(), { code: 0, signal: null });
        }));

    test('STARTTLS: what protected the mail is not in it', () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const server = await made.serve('--require-tls', '--hostname', 'mx.example.org');
        const running = await relay.start({ protocol: 'smtp', to: { port: server.port }, tls: true });
        try {
          const { accepted, output } = await running.deliver({ from: '', to: ['ann@example.org'], content });
          assert.ok(accepted, output);
        } finally {
          await running.stop();
        }
        const [only] = await list(made, 'ann');
        const shown = await made.must('read', only?.id as string, '--json', '--identity', 'ann');
        const { envelope } = JSON.parse(shown) as { envelope: { tls: string } };
        assert.match(envelope.tls, /^TLSv1\.[23] \S+$/);
      }));
  });

for (const client of [swaks, pipeliningSwaks, curl, smtplib, nodemailer, msmtp])
  suite(`delivery inside TLS by ${client.name}`, (test) => {
    const reason = client.missing();
    if (reason !== undefined) return skip(test, 'delivers inside TLS', reason);

    test('STARTTLS and TLS from the beginning: mail is lost or changed, or plaintext is taken', () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const listen = ['--listen', '127.0.0.1:0', '--listen', 'smtps://127.0.0.1:0'];
        const server = made.start([], '--require-tls', ...listen);
        await server.listening(2);
        const implicit = Number(/^listening smtps 127\.0\.0\.1:(\d+)$/m.exec(server.stdout)?.[1]);
        const mail = { from: 'a@example.net', to: ['ann@example.org'], content };
        for (const [tls, port] of [
          ['starttls', server.port],
          ['implicit', implicit],
        ] as const) {
          const { accepted, output } = await client.deliver({ ...mail, port, tls });
          assert.ok(accepted, `${tls}: ${output}`);
        }
        assert.not.ok((await client.deliver({ ...mail, port: server.port })).accepted, 'plaintext');
        const mails = await list(made, 'ann');
        assert.is(mails.length, 2);
        for (const { id } of mails) assert.ok((await read(made, id, 'ann')).equals(content));
      }));
  });
