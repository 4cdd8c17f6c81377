/** Relays that people run hand over what they got, with lines of their own on top and nothing else changed. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, skip, suite } from '../support/suite.js';
import { exim } from './exim.js';
import type { Target } from './mail-relay.js';
import { postfix } from './postfix.js';
import { receive } from './receiver.js';

const content = Buffer.from(
  'From: a@example.net\r\nTo: b@example.org\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.net>\r\n' +
    'Subject: relayed\r\n\r\n.\r\n..\r\n.x\r\n\xff\xe9 8-bit\r\n\r\n\r\n',
  'latin1',
);

for (const relay of [postfix, exim]) {
  suite(`relay ${relay.name}`, (test) => {
    const reason = relay.missing();
    if (reason !== undefined) return skip(test, 'hands over', reason);

    // Exim sends QUIT right behind the final dot, and smtp-server then hangs up without a reply.
    for (const protocol of relay === exim ? (['lmtp'] as const) : (['smtp', 'lmtp'] as const))
      test(`hands over by ${protocol}, byte for byte behind its own lines`, async () => {
        await receive({ lmtp: protocol === 'lmtp' }, async (port, received) => {
          const running = await relay.start({ protocol, to: { port } });
          try {
            const mail = { from: 'a@example.net', to: ['b@example.org', 'c@example.org'], content };
            const { accepted, output } = await running.deliver(mail);
            assert.ok(accepted, output);
            assert.equal(received.flatMap(({ to }) => to).sort(), ['b@example.org', 'c@example.org']);
            for (const one of received)
              assert.ok(one.content.subarray(-content.length).equals(content), 'changed');
            const refused = await running.deliver({ ...mail, to: ['nobody@example.org'] });
            assert.not.ok(refused.accepted, 'a refusal is taken for success');
          } finally {
            await running.stop();
          }
        });
      });

    test('hands over by LMTP through a unix socket', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'obalka-relay-'));
      // Relays hand over under a user of their own.
      chmodSync(folder, 0o755);
      const path = join(folder, 'lmtp');
      const target: Target = { protocol: 'lmtp', to: { path } };
      await receive({ lmtp: true, path }, async (_port, received) => {
        const running = await relay.start(target);
        try {
          const { accepted, output } = await running.deliver({ from: '', to: ['b@example.org'], content });
          assert.ok(accepted, output);
          assert.ok(received[0]?.content.subarray(-content.length).equals(content), 'changed');
          assert.is(received[0]?.from, '');
        } finally {
          await running.stop();
        }
      });
      rmSync(folder, { recursive: true });
    });
  });
}
