/** The guide "Behind Postfix", typed as it stands: a Postfix that runs gets what the guide gives it, the units are started. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Delivered } from '../peers/mail-client.js';
import type { RunningRelay } from '../peers/mail-relay.js';
import { postfix } from '../peers/postfix.js';
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine, until } from './machine.js';
import { startService } from './units.js';

const name = 'whoever follows the guide to its end has no mail, or not all of it';
const reason =
  postfix.missing() ?? (findProgram('systemd-socket-activate') ? undefined : 'no systemd-socket-activate');

/** What stands in Postfix before, and must stand there afterwards. */
const transports = 'transport_maps = inline:{ { a.example = discard: } }';
const others = [
  'mydestination = localhost, $mydomain, other.example',
  'virtual_mailbox_domains = virtual.example',
  'smtpd_recipient_restrictions = permit_mynetworks, reject',
];

suite('guide: Postfix', (test) => {
  if (reason) return skip(test, name, reason);

  test(name, () =>
    Machine.using(async (machine) => {
      const guide = new Guide('postfix.md');
      const to = { path: machine.path('/nowhere') };
      const running = await postfix.start({ protocol: 'lmtp', to });
      try {
        machine.made.environment.MAIL_CONFIG = join(running.folder, 'config');
        machine.standIn('npm');
        await machine.type(guide.next('sh', 'npm install'));
        assert.equal(machine.calls(), [
          'apt-get install --yes nodejs npm python3 make g++',
          'npm install --global --allow-scripts=better-sqlite3 ./obalka-0.1.0.tgz',
        ]);
        await machine.type(guide.next('sh', 'key new'));

        // The service, on the socket that its units name.
        await machine.type(guide.next('sh', 'obalka service'));
        const calls = machine.calls();
        assert.equal(calls.slice(0, 2), ['systemd-sysusers', 'systemctl daemon-reload']);
        const [, units = ''] = /^systemctl enable --now (.*)$/.exec(calls[2] ?? '') ?? [];
        const { server } = await startService(machine, units.split(' '));
        await machine.type(guide.next('sh', 'obalka register'));
        const listed = guide.next('sh', 'LMTP');
        assert.match(await machine.type(listed), /A trial\n$/);
        const list = async (): Promise<string[]> =>
          (await machine.type(listed.trim().split('\n').at(-1) as string)).trim().split('\n');

        // One address, whatever is done with the rest.
        await machine.type('postconf -F lmtp/unix/chroot=y'); // As Debian has it.
        await machine.type(`postconf -e '${transports}'`);
        const main = () => readFileSync(join(running.folder, 'config/main.cf'), 'utf8');
        const before = main();
        await machine.type(guide.next('sh', 'before-obalka'));
        await machine.type(guide.next('sh', 'chroot=n'));
        const master = () => readFileSync(join(running.folder, 'config/master.cf'), 'utf8');
        assert.match(master(), /^lmtp +unix +- +- +n +- +- +lmtp$/m);
        const log = async () => (await running.log?.()) ?? '';
        await machine.type(guide.next('sh', 'sendmail -f'));
        await until(async () => /to=<me@example\.org>.*status=sent \(250 2\.0\.0 Ok: /.test(await log()));
        assert.is((await list()).length, 2);
        const content = Buffer.from('Subject: from elsewhere\r\n\r\nx\r\n');
        const other = { from: 'a@example.net', to: ['you@example.org'], content };
        assert.not.ok((await running.deliver(other)).accepted, 'mail of others goes to obalka too');
        const changed = [main(), master()] as const;
        await machine.type(guide.next('sh', 'cp -p before-obalka'));
        assert.is(main(), before);
        assert.match(master(), /^lmtp +unix +- +- +y /m);
        const mail = { ...other, to: ['me@example.org'] };
        assert.not.ok((await running.deliver(mail)).accepted, 'the way back leads nowhere');

        // The whole domain, which had been Postfix's own, and has neighbours.
        writeFileSync(join(running.folder, 'config/main.cf'), changed[0]);
        writeFileSync(join(running.folder, 'config/master.cf'), changed[1]);
        await machine.type(
          `postconf -e address_verify_poll_delay=1s mydomain=example.org ${others.map((one) => `'${one}'`).join(' ')}`,
        );
        await machine.type(guide.next('sh', 'obalka alias'));
        assert.match(await machine.type('obalka registered abuse@example.org'), /alias for me@example\.org/);
        assert.match(
          await machine.type(guide.next('sh', 'postconf -x')),
          /^mydestination =.* example\.org,/m,
        );
        await machine.type(guide.next('sh', 'virtual_mailbox_domains'));
        assert.is(await machine.type('postconf -h mydestination'), 'localhost other.example\n');
        for (const line of [...others.slice(1), transports]) {
          const [setting = '', value = ''] = line.split(/ = (.*)/);
          assert.match(await machine.type(`postconf -h ${setting}`), new RegExp(`(^| )${value}\n$`), setting);
        }
        const { accepted, output } = await deliver(running, mail);
        assert.ok(accepted, output);
        const unknown = await deliver(running, { ...mail, to: ['nobody@example.org'] });
        assert.not.ok(unknown.accepted);
        assert.match(unknown.output, /550, b'5\.1\.1 .* Recipient address rejected/);
        await machine.type(guide.next('sh', 'sendmail -bv'));
        await until(async () => {
          const said = await log();
          return (
            /to=<me@.*status=deliverable/.test(said) && /to=<nobody@.*status=undeliverable .*550/.test(said)
          );
        });
        assert.match((await list()).at(-1) ?? '', / from elsewhere$/);
        assert.is((await list()).length, 3);
        assert.is((await server.stop()).code, 0, server.stderr);

        // Without systemd: another machine, on which the server's user is the one who runs the test.
        const data = machine.path('/var/lib/obalka');
        await machine.made.exec('mv', [data, `${data}.before`]);
        machine.calls();
        machine.let(/ -o obalka -g obalka/, '');
        await machine.type(guide.next('sh', 'adduser'));
        assert.equal(machine.calls(), [`adduser --system --group --no-create-home --home ${data} obalka`]);
        machine.let(/ --user obalka/, '');
        machine.let(/&owner=obalka/, '');
        const alone = await machine.serve(guide.next('sh', 'lmtp://unix'));
        const socket = 'sed s,/run/obalka-lmtp.sock,/run/obalka/lmtp.sock,g';
        await machine.type(
          `postconf -e "transport_maps = $(postconf -h transport_maps | ${socket})"; postfix reload`,
        );
        const again = await deliver(running, mail);
        assert.ok(again.accepted, again.output);
        assert.is((await list()).length, 1);
        assert.is((await alone.stop()).code, 0, alone.stderr);
        guide.end();
      } finally {
        await running.stop();
      }
    }),
  );
});

/** As a server does that is told to come again, while Postfix is still asking whether there is such an address. */
async function deliver(
  relay: RunningRelay,
  mail: Parameters<RunningRelay['deliver']>[0],
): Promise<Delivered> {
  let delivered: Delivered | undefined;
  await until(async () => {
    delivered = await relay.deliver(mail);
    return delivered.accepted || !/\b45[0-2]\b/.test(delivered.output);
  });
  return delivered as Delivered;
}
