import { assert, skip, suite } from '../support/suite.js';
import { curl } from './curl.js';
import { msmtp } from './msmtp.js';
import { nodemailer } from './nodemailer.js';
import { receive } from './receiver.js';
import { smtplib } from './smtplib.js';
import { pipeliningSwaks, swaks } from './swaks.js';

const header = 'From: a@example.net\r\nSubject: %DATE% \\n\r\n\r\n';
const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)).replace(
  /[\0\r\n]/g,
  '',
);
const contents: Record<string, string> = {
  'leading dots': `.\r\n${header}.\r\n..\r\n.x\r\n...\r\n \r\n.\r\n`,
  'a From_ line and a dot line last': `From a@example.net Sat Nov 21 00:00:00 2026\r\n${header}x\r\n.\r\n`,
  'long lines': `${header}${'x'.repeat(998)}\r\n${'.'.repeat(70_000)}\r\n`,
  '8-bit bytes and controls': `${header}${everyByte}\r\n\xff\xfe\r\n\xe9`.repeat(3).concat('\r\n'),
  'empty lines at the end': `${header}x\r\n\r\n\r\n\r\n`,
  'nothing but an empty line': '\r\n',
  'dots at every place of a buffer': header.concat('.23\r\n'.repeat(40_000), '.234567\r\n'.repeat(20_001)),
};

for (const client of [swaks, pipeliningSwaks, curl, smtplib, nodemailer, msmtp]) {
  suite(`mail client ${client.name}`, (test) => {
    const reason = client.missing();
    if (reason !== undefined) return skip(test, 'delivers byte for byte', reason);

    for (const [name, text] of Object.entries(contents)) {
      test(`delivers byte for byte: ${name}`, async () => {
        const content = Buffer.from(text, 'latin1');
        const received = await receive({}, async (port) => {
          const mail = { port, from: 'a@example.net', to: ['b@example.org', 'c@example.org'], content };
          const { accepted, output } = await client.deliver(mail);
          assert.ok(accepted, output);
        });
        assert.is(received.length, 1);
        assert.equal(received[0]?.to, ['b@example.org', 'c@example.org']);
        assert.is(received[0]?.from, 'a@example.net');
        assert.ok(received[0]?.content.equals(content), 'the content arrived changed');
      });
    }

    for (const tls of ['starttls', 'implicit'] as const)
      test(`TLS (${tls}): goes on without it, or changes the content`, async () => {
        const content = Buffer.from(contents['8-bit bytes and controls'] as string, 'latin1');
        const received = await receive({ tls }, async (port) => {
          const mail = { port, from: 'a@example.net', to: ['b@example.org'], content, tls };
          const { accepted, output } = await client.deliver(mail);
          assert.ok(accepted, output);
        });
        assert.ok(received[0]?.secure && received[0].content.equals(content));
        await receive({}, async (port) => {
          const { accepted } = await client.deliver({ port, from: '', to: ['b@example.org'], content, tls });
          assert.not(accepted, 'it delivered in plaintext');
        });
      });

    test('a null reverse-path arrives as one', async () => {
      const received = await receive({}, async (port) => {
        const content = Buffer.from(`${header}bounce\r\n`);
        const { accepted, output } = await client.deliver({ port, from: '', to: ['b@example.org'], content });
        assert.ok(accepted, output);
      });
      assert.equal(received[0]?.from, '');
    });

    test('a refused recipient is not taken for success', async () => {
      await receive({}, async (port) => {
        const to = ['b@example.org', 'nobody@example.org'];
        const { accepted } = await client.deliver({ port, from: '', to, content: Buffer.from('x\r\n') });
        assert.not(accepted);
      });
    });

    test('content that SMTP cannot carry is refused before it is changed', async () => {
      const mail = { port: 9, from: '', to: [], content: Buffer.from('no line end') };
      assert.instance(await client.deliver(mail).catch((error: unknown) => error), RangeError);
    });
  });
}
