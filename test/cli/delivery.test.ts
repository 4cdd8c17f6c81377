/** Delivery: clients that people use bring mail, and its owner reads exactly what they sent. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { curl } from '../peers/curl.js';
import { msmtp } from '../peers/msmtp.js';
import { nodemailer } from '../peers/nodemailer.js';
import { findProgram, runToEnd } from '../peers/program.js';
import { smtplib } from '../peers/smtplib.js';
import { pipeliningSwaks, swaks } from '../peers/swaks.js';
import { Installation, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const header = (subject: string) =>
  `From: =?UTF-8?Q?J=C3=A1n?= <jan@example.net>\r\nTo: everyone@example.org\r\nSubject: ${subject}\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${subject.replace(/\W/g, '')}@example.net>\r\n\r\n`;
const everyByte = Array.from({ length: 256 }, (_, byte) => byte).filter(
  (byte) => ![0, 10, 13].includes(byte),
);
const contents: Readonly<Record<string, string>> = {
  'plain text': `${header('plain')}Hello.\r\n`,
  'leading dots': `${header('dots')}.\r\n..\r\n.x\r\n...\r\n.\r\n`,
  '8-bit octets': `${header('octets')}${String.fromCharCode(...everyByte)}\r\n\xff\xfe\xe9\r\n`,
  'long lines': `${header('lines')}${'x'.repeat(998)}\r\n${'.y'.repeat(35_000)}\r\n`,
  'an empty body': header('empty'),
  'an attachment of 2 MB': attachment(),
};

function attachment(): string {
  const base64 = Buffer.alloc(2_000_000, 'sixteen octets..').toString('base64');
  const parts = ['--part', 'Content-Type: text/plain', '', 'See the attachment.', '--part'];
  const type = 'Content-Type: application/octet-stream; name="two.bin"';
  const head = header('attachment').replace(
    /\r\n\r\n$/,
    '\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n\r\n',
  );
  return `${head}${[...parts, type, 'Content-Transfer-Encoding: base64', '', ...(base64.match(/.{1,76}/g) ?? []), '--part--', ''].join('\r\n')}`;
}

interface Listed {
  readonly id: string;
  readonly size: number;
  readonly messageId: string;
}

for (const client of [swaks, pipeliningSwaks, curl, smtplib, nodemailer, msmtp])
  suite(`delivery by ${client.name}`, (test) => {
    const reason = client.missing();
    if (reason !== undefined) return skip(test, 'every content is read as it was sent', reason);

    test('a mail is read otherwise than it was sent', () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const server = await made.serve();
        for (const [name, text] of Object.entries(contents)) {
          const content = Buffer.from(text, 'latin1');
          const mail = { port: server.port, from: 'jan@example.net', to: ['ann@example.org'], content };
          const { accepted, output } = await client.deliver(mail);
          assert.ok(accepted, `${name}: ${output}`);
        }
        const list = await made.must('list', '--json', '--identity', 'ann');
        const listed = list
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Listed);
        assert.is(listed.length, Object.keys(contents).length);
        const sent = Object.entries(contents);
        for (let at = 0; at < sent.length; at += 2)
          await Promise.all(
            sent.slice(at, at + 2).map(async ([name, text], more) => {
              const { id, size } = listed[at + more] as Listed;
              const read = await made.run('read', id, '--raw', '--identity', 'ann');
              assert.is(read.code, 0, `${name}: ${read.stderr}`);
              assert.ok(read.stdout.equals(Buffer.from(text, 'latin1')), `${name}: content was changed`);
              assert.is(size, text.length, name);
              assert.is(read.stderr, '');
            }),
          );
        assert.equal(await server.stop(), { code: 0, signal: null });
        assert.is(server.stderr, '');
      }));
  });

suite('delivery', (test) => {
  test('a field of the list is missing, or says something else than the mail', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const before = Date.now();
      const server = await made.serve();
      const content = Buffer.from(contents['plain text'] as string, 'latin1');
      const wire = await Wire.to(server.port);
      await wire.hello('field.example');
      assert.match(
        await wire.deliver({ from: 'jan@example.net', to: ['Ann@Example.ORG'], content }),
        /^250 /,
      );
      assert.match(await wire.deliver({ from: '', to: ['ann@example.org'], content }), /^250 /);
      await wire.quit();

      const lines = (await made.must('list', '--json', '--identity', 'ann')).trim().split('\n');
      assert.is(lines.length, 2);
      const fields = JSON.parse(lines[0] as string) as Record<string, unknown>;
      assert.match(fields.id as string, /^[a-z2-7]{13}$/);
      const receivedAt = Date.parse(fields.receivedAt as string);
      assert.ok(receivedAt >= before && receivedAt <= Date.now(), fields.receivedAt as string);
      assert.equal(
        { ...fields, id: '', receivedAt: '', keySet: '', key: '' },
        {
          id: '',
          receivedAt: '',
          keySet: '',
          from: 'Ján <jan@example.net>',
          to: 'Ann@Example.ORG',
          subject: 'plain',
          date: 'Sat, 21 Nov 2026 10:00:00 +0100',
          messageId: '<plain@example.net>',
          size: content.length,
          flags: ['unread'],
          key: '',
        },
      );
      assert.match(fields.key as string, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
      const last = await made.must('list', '--json', '--limit', '1', '--identity', 'ann');
      assert.is(last.trim(), lines[1], '--limit 1 is the newest');

      const read = JSON.parse(
        await made.must('read', fields.id as string, '--json', '--identity', 'ann'),
      ) as Record<string, Record<string, unknown>>;
      assert.is(read.envelope?.from, 'jan@example.net');
      assert.is(read.envelope?.helo, 'field.example');
      assert.is(read.envelope?.client, '127.0.0.1');
      assert.is(read.envelope?.recipient, 'Ann@Example.ORG');
      const shown = await made.must('read', (fields.id as string).slice(0, 6), '--identity', 'ann');
      assert.match(shown, /^Subject: +plain$/m);
      assert.match(shown, /^Hello\.$/m);
    }));

  test('mail by a unix socket does not arrive, or the socket stays behind', async () => {
    await within(Installation.with('ann@example.org'), async (made) => {
      const path = join(made.folder, 'smtp.sock');
      const server = made.start([], '--listen', `unix:${path}`, '--listen', '127.0.0.1:0');
      await server.listening(2);
      assert.match(
        server.stdout,
        new RegExp(`^listening smtp unix:${path}\\nlistening smtp 127\\.0\\.0\\.1:\\d+\\n$`),
      );
      const wire = await Wire.to(path);
      await wire.hello();
      const content = Buffer.from('Subject: by socket\r\n\r\nx\r\n');
      assert.match(await wire.deliver({ from: 'a@example.net', to: ['ann@example.org'], content }), /^250 /);
      await wire.quit();
      const program = findProgram('swaks');
      if (program) {
        const words = [
          '--socket',
          path,
          '--from',
          'a@example.net',
          '--to',
          'ann@example.org',
          '--helo',
          'swaks.example',
        ];
        const { code, output } = await runToEnd(program, [...words, '--header', 'Subject: by swaks']);
        assert.is(code, 0, output);
      }
      const list = await made.must('list', '--json', '--identity', 'ann');
      const subjects = list
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { subject: string }).subject);
      assert.equal(subjects, program ? ['by socket', 'by swaks'] : ['by socket']);
      assert.is((await server.stop()).code, 0);
      assert.is(await readFile(path).catch((error: NodeJS.ErrnoException) => error.code), 'ENOENT');
    });
  });
});
