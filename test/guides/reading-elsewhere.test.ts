/** The guide to reading from one's own computer, typed as it stands, with rsync over a stand-in for ssh. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { mailOf } from '../support/watching.js';
import { Wire } from '../support/wire.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';

const name = 'a command of the guide does not do what it says';

suite('guide: reading elsewhere', (test) => {
  if (!findProgram('rsync')) return skip(test, name, 'rsync is not installed');

  test(name, () =>
    Machine.using(async (machine) => {
      const guide = new Guide('reading-elsewhere.md');
      const home = join(machine.made.folder, 'home');
      await machine.type('obalka key new home/me\nobalka key new you\nobalka init');
      await machine.type('obalka register me@example.org --key home/me.pub');
      await machine.type('obalka register you@example.org --key you.pub');
      const server = await machine.serve('obalka serve --listen 127.0.0.1:0');
      const wire = await Wire.to(server.port);
      await wire.hello();
      const send = async (words: string, to = 'me@example.org') =>
        wire.must(await wire.deliver({ from: '', to: [to], content: mailOf(words) }), '250');
      const arrived = () => readdirSync(join(home, 'mail/new'));

      await send('old mail');
      await send('of somebody else', 'you@example.org');
      const copy = guide.next('sh', 'rsync');
      assert.match(await machine.type(copy), /old mail\n$/);
      assert.match(
        guide.next('authorized_keys', 'rrsync'),
        /^command="rrsync -ro \/var\/lib\/obalka",restrict ssh-/,
      );
      await machine.type(guide.next('sh', 'cat > ~/mail/fetch'));
      assert.equal(arrived(), []);
      await send('new mail');
      await send('newer mail');
      const fetch = guide.next('sh', '~/mail/fetch');
      await machine.type(fetch);
      assert.is(arrived().length, 2);
      const texts = arrived().map((file) => readFileSync(join(home, 'mail/new', file), 'latin1'));
      assert.equal(texts.sort(), [mailOf('new mail'), mailOf('newer mail')].map(String));
      assert.is(guide.next('cron', '*/5'), '*/5 * * * * $HOME/mail/fetch\n');
      assert.match(guide.next('ini', '[Service]'), /^ExecStart=%h\/mail\/fetch$/m);
      assert.match(guide.next('ini', '[Timer]'), /^OnUnitInactiveSec=5min$/m);

      // A watch that is left open ends by --once here, and sshfs is the folder itself.
      const once = (block: string) =>
        machine.type(block.replace('obalka watch', 'obalka watch --once --all'));
      assert.match(await once(guide.next('sh', 'obalka watch')), /newer mail\n$/);
      machine.program('sshfs', '[ "$1 $2" = "-o ro" ] && ln -s "$(echo "$3" | cut -d: -f2)" "$4"');
      assert.match(await once(guide.next('sh', 'sshfs')), /newer mail\n$/);

      // The mounted folder may have been newer than the copy, which would be told.
      await machine.type(copy);
      await machine.type(guide.next('sh', 'obalka erase'));
      await wire.quit();
      await server.stop();
      machine.program('scp', 'cp "$1" .');
      await machine.type(guide.next('sh', 'scp'));
      assert.match(await machine.type(copy), /old mail\n.* new mail\n$/);
      const journal = machine.path('/var/lib/obalka/journal');
      assert.is((await machine.made.exec('diff', ['-r', journal, join(home, 'mail/journal')])).code, 0);
      await machine.type(guide.next('sh', 'obalka verify'));
      // Whatever the identity or the reader wrote, it is not in the data directory.
      const found = await machine.made.exec('grep', [
        '-r',
        '-l',
        'AGE-SECRET-KEY',
        machine.path('/var/lib/obalka'),
      ]);
      assert.is(found.code, 1);
      guide.end();
    }),
  );
});
