/** The guide to backups, typed as it stands, with rsync over a stand-in for ssh. */
import { rmSync } from 'node:fs';
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';

const name = 'what was backed up is not what was there, or cannot be served or read';

suite('guide: backup', (test) => {
  if (!findProgram('rsync')) return skip(test, name, 'no rsync');

  test(name, () =>
    Machine.using(async (machine) => {
      const guide = new Guide('backup.md');
      machine.let('127\\.0\\.0\\.1:2525', '127.0.0.1:0');
      const send = async (port: number, subject: string) => {
        const wire = await Wire.to(port);
        await wire.hello();
        const content = Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`);
        wire.must(await wire.deliver({ from: '', to: ['me@example.org'], content }), '250');
        await wire.quit();
      };
      const subjects = (list: string) =>
        list
          .trim()
          .split('\n')
          .map((line) => line.split(/ {2,}/).at(-1));
      await machine.type('obalka key new me\nobalka init\nobalka register me@example.org --key me.pub');
      const before = await machine.serve('obalka serve --listen 127.0.0.1:2525');
      await send(before.port, 'one');
      const make = guide.next('sh', 'rsync -a --delete --ignore-times');
      await machine.type(make);
      await send(before.port, 'two');
      await machine.type(make);
      await send(before.port, 'too late');
      await before.stop();

      await machine.type('mv /var/lib/obalka /var/lib/lost');
      const back = guide.next('sh', 'obalka restore');
      const after = await machine.serve(back);
      assert.equal(subjects(await machine.type('obalka list --identity me')), ['one', 'two']);
      await send(after.port, 'three');
      await after.stop();

      // The same where systemd runs the server.
      await machine.type('mv /var/lib/obalka /var/lib/lost-again');
      await machine.type(guide.next('sh', 'sudo -u obalka obalka restore'));
      assert.equal(machine.calls(), [
        'systemctl stop obalka*.socket obalka.service',
        `chown -R obalka: ${machine.path('/var/lib/obalka')}`,
        'systemctl start obalka.socket obalka.service',
      ]);
      assert.equal(subjects(await machine.type('obalka list --identity me --pins none')), ['one', 'two']);

      // Another copy, of the lost one, has the mail that came too late, in a segment that is gone here.
      await machine.type('mkdir /mnt\nmv /var/lib/lost /mnt/other-copy');
      await machine.type(guide.next('sh', '--from'));

      rmSync(machine.path('/var/lib/obalka/pepper'));
      assert.is.not((await machine.ended('obalka registered me@example.org')).code, 0);
      await machine.type(guide.next('sh', 'obalka init'));
      assert.match(await machine.type('obalka registered me@example.org'), /^[a-z2-7]{4}-/);
      assert.match(await machine.type('obalka list --identity me --pins none'), / two$/m);

      const [verify = '', list = ''] = guide.next('sh', 'obalka verify').trim().split('\n');
      assert.match(await machine.type(verify), /\d/);
      assert.equal(subjects(await machine.type(list)), ['one', 'two']);
      guide.end();
    }),
  );
});
