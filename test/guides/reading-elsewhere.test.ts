/** The guide to reading from one's own computer, typed as it stands, with rsync over a stand-in for ssh. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { mailOf } from '../support/watching.js';
import { Wire } from '../support/wire.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';

const name = 'a command of the guide does not do what it says';

suite('guide: reading elsewhere', (test) => {
  const missing = ['rsync', 'rrsync'].filter((program) => !findProgram(program));
  if (missing.length > 0) return skip(test, name, `no ${missing.join()}`);

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
      await letIn(machine, guide);
      const copy = guide.next('sh', 'rsync');
      assert.match(await machine.type(copy), /old mail\n$/);
      for (const other of [
        '/pepper',
        '/../pepper',
        '/../registry.sqlite',
        machine.path('/var/lib/obalka/pepper'),
      ])
        assert.is.not((await machine.ended(`rsync journal-reader@mx.example.org:${other} stolen`)).code, 0);
      const write = await machine.ended('rsync you.pub journal-reader@mx.example.org:/');
      assert.is.not(write.code, 0, 'a reader writes into the journal');
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

/** Who asks as `journal-reader` gets what sshd and sudo would start for that user, and nothing else. */
async function letIn(machine: Machine, guide: Guide): Promise<void> {
  for (const program of ['useradd', 'visudo']) machine.standIn(program);
  mkdirSync(machine.path('/etc/sudoers.d'));
  await machine.type(guide.next('sh', 'sudoers'));
  const rules = machine.path('/etc/sudoers.d/journal-reader');
  assert.match(readFileSync(rules, 'utf8'), /^Defaults:journal-reader env_keep \+= "SSH_ORIGINAL_COMMAND"$/m);
  const line = guide.next('authorized_keys', 'rrsync');
  const [, command = ''] = /^restrict,command="([^"]*)" ssh-/.exec(line) ?? [];
  machine.program(
    'sudo',
    '[ "$1 $2 $3" = "-n -u obalka" ] && shift 3 || exit 1',
    `grep -qxF "journal-reader ALL=(obalka) NOPASSWD: $*" ${rules} && exec "$@"`,
  );
  machine.program(
    'ssh',
    '[ "$1 $2" = "-l journal-reader" ] || { shift; eval "$*"; exit; }',
    'shift 3; export SSH_ORIGINAL_COMMAND="$*"',
    machine.here(command),
  );
}
