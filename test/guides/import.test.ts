/** The guide to old mail, typed as it stands; a stand-in plays Dovecot. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';

function maildir(path: string, ...names: string[]): void {
  for (const folder of ['cur', 'new', 'tmp']) mkdirSync(join(path, folder), { recursive: true });
  for (const name of names)
    writeFileSync(join(path, 'cur', `${name}:2,S`), `Subject: ${name}\n\nholiday ${name}\n`);
}

suite('guide: old mail', (test) => {
  test('mail is not brought in, brought in twice, or the waste too; or does not come out again', () =>
    Machine.using(async (machine) => {
      const guide = new Guide('import.md');
      // Folders of two people, of root and me; the reader's own is "~".
      machine.let('/home/', machine.path('/srv/home/'));
      machine.let('/root/', machine.path('/srv/root/'));
      mkdirSync(machine.path('/srv/root'), { recursive: true });
      maildir(machine.path('/srv/home/me/Maildir'), '1.a', '2.b');
      maildir(machine.path('/srv/home/me/Maildir/.Sent'), '3.c');
      maildir(machine.path('/srv/home/me/Maildir/.Trash'), '4.d');
      mkdirSync(machine.path('/var/mail'), { recursive: true });
      writeFileSync(
        machine.path('/var/mail/me'),
        'From a@example.net Sat Nov 21 00:00:00 2026\nSubject: holiday box\n\nx\n',
      );
      mkdirSync(machine.path('/srv/home/me/saved'));
      writeFileSync(machine.path('/srv/home/me/saved/one.eml'), 'Subject: saved\r\n\r\nx\r\n');
      maildir(machine.path('/srv/dovecot'), '1.a', '5.e');
      const away = machine.path('/srv/dovecot');
      machine.program('doveadm', `[ "$1 $2 $3" = "backup -u me" ] && cp -r ${away} "\${4#maildir:}"`);
      await machine.type('obalka key new me\nobalka init\nobalka register me@example.org --key me.pub');

      const count = async () =>
        Number(/^\d+/.exec(await machine.type('obalka count --identity me'))?.[0] ?? 0);
      const first = guide.next('sh', 'Maildir --format maildir');
      await machine.type(first);
      await machine.type(first);
      assert.is(await count(), 2);
      await machine.type(guide.next('sh', 'for folder'));
      assert.is(await count(), 3);
      await machine.type(guide.next('sh', 'doveadm backup'));
      assert.is(await count(), 4);
      await machine.type(guide.next('sh', '--format mbox'));
      assert.is(await count(), 6);
      assert.match(await machine.type(guide.next('sh', 'obalka count')), /^6[^\n]*\n[^\n]*holiday box\n$/);
      const rm = guide.next('sh', 'rm -r');
      await machine.type(rm);
      assert.not.ok(existsSync(machine.path('/srv/home/me/Maildir')));
      await machine.type(guide.next('sh', 'obalka export'));
      assert.is(
        readdirSync(machine.path('/home/Mail/obalka/new')).length +
          readdirSync(machine.path('/home/Mail/obalka/cur')).length,
        6,
      );
      guide.end();
    }));
});
