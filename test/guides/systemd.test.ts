/** The guide to systemd, typed as it stands: the units that it writes are started, with what is added to them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { Guide, guideFolder } from './guide.js';
import { Machine } from './machine.js';
import { startService } from './units.js';

const name = 'the service does not start as the guide says, or loses its registry when the pepper is moved';

suite('guide: systemd', (test) => {
  if (!findProgram('systemd-socket-activate')) return skip(test, name, 'no systemd-socket-activate');

  test(name, () =>
    Machine.using(async (machine) => {
      const guide = new Guide('systemd.md');
      await machine.type('obalka key new ann');
      await machine.type(guide.next('sh', 'obalka service'));
      const units = /^systemctl enable --now (.*)$/m.exec(machine.calls().join('\n'))?.[1]?.split(' ') ?? [];
      assert.equal(units, ['obalka.socket', 'obalka.service']);
      await machine.type(guide.next('sh', 'obalka-smtps.socket'));
      assert.is(machine.calls().at(-1), 'systemctl restart obalka-smtps.socket obalka.service');
      // What the guide has added by hand is what other guides write, and their tests use.
      assert.match(guide.next('ini', '[Socket]'), /^SocketGroup=postfix$/m);
      mkdirSync(machine.path('/etc/obalka'));
      writeFileSync(machine.path('/etc/obalka/obalka.toml'), guide.next('toml', 'hostname'));
      assert.is((await machine.ended('obalka config check')).code, 0);
      await machine.type('obalka init');
      await machine.type(guide.next('sh', 'sudo -u obalka'));
      const mx = readFileSync(join(guideFolder, 'mx.md'), 'utf8');
      for (const [kind, words] of [
        ['ini', 'LoadCredential=tls-cert'],
        ['toml', 'certificates'],
        ['sh', 'deploy/obalka'],
      ] as const)
        assert.ok(mx.includes(guide.next(kind, words)), words);

      await machine.type(guide.next('sh', 'credstore'));
      assert.equal(machine.calls(), [
        'systemctl stop obalka*.socket obalka.service',
        'systemctl start obalka.socket obalka.service',
      ]);
      assert.not.ok(existsSync(machine.path('/var/lib/obalka/pepper')));
      // As systemd: what it finds under a name that the unit has already takes the place of that.
      await machine.type(guide.next('sh', 'systemd-creds').replaceAll('/var/lib/obalka/pepper', 'pepper'));
      assert.match(machine.calls().at(-1) ?? '', /^systemd-creds encrypt --name=pepper /);
      assert.match(guide.next('ini', 'Encrypted'), /^LoadCredentialEncrypted=pepper:obalka\.pepper$/m);
      const { server, address } = await startService(machine, units);
      assert.match(await greeting(address), /^220 mx\.example\.org /);
      assert.match(await machine.type('obalka registered ann@example.org'), /^[a-z2-7]{4}-/);
      assert.is((await server.stop()).code, 0, server.stderr);
      guide.end();
    }),
  );
});

function greeting(address: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1').on('error', fail);
    socket.once('data', (bytes) => {
      socket.end('QUIT\r\n');
      done(bytes.toString());
    });
  });
}
