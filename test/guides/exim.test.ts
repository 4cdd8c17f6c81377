/** The guide "Behind Exim", typed as it stands: Exim runs with the files that the guide writes. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { exim, mainSection } from '../peers/exim.js';
import { findProgram } from '../peers/program.js';
import { freePort } from '../support/free-port.js';
import { assert, skip, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';
import { startService } from './units.js';

const name = 'whoever follows the guide to its end has no mail, or not all of it';
const reason =
  exim.missing() ?? (findProgram('systemd-socket-activate') ? undefined : 'no systemd-socket-activate');

/** Exim as Debian has it: update-exim4.conf puts the pieces together. */
async function installExim(machine: Machine): Promise<void> {
  const folder = machine.path('/etc/exim4/conf.d');
  for (const piece of ['main', 'acl', 'router', 'transport'])
    mkdirSync(`${folder}/${piece}`, { recursive: true });
  const main = `${mainSection(machine.path('/var/exim'))}acl_smtp_rcpt = check_rcpt\n`;
  writeFileSync(`${folder}/main/main`, main);
  writeFileSync(`${folder}/acl/10_begin`, 'check_rcpt:\n');
  writeFileSync(`${folder}/acl/90_end`, 'accept\n');
  const sections = ['acl', 'router:s', 'transport:s'].map((words) => {
    const [piece, plural = ''] = words.split(':');
    return `echo begin ${piece}${plural}; cat ${folder}/${piece}/*`;
  });
  const file = machine.path('/etc/exim.conf');
  machine.program('update-exim4.conf', `{ cat ${folder}/main/*; ${sections.join('; ')}; } > ${file}`);
  machine.program('exim4', `exec ${findProgram('exim4')} -C ${file} "$@"`);
  mkdirSync(machine.path('/var/exim/spool'), { recursive: true });
  await machine.made.exec('/bin/chown', ['Debian-exim', machine.path('/var/exim/spool')]);
}

suite('guide: Exim', (test) => {
  if (reason) return skip(test, name, reason);

  test(name, () =>
    Machine.using(async (machine) => {
      const guide = new Guide('exim.md');
      await installExim(machine);
      machine.let('2424', String(await freePort()));
      machine.standIn('npm');
      await machine.type(guide.next('sh', 'npm install'));
      await machine.type('obalka key new me');
      // The address is registered while the server runs; the lines before that are what starts it.
      const [start = '', ...register] = guide.next('sh', 'obalka service').split(/^(?=obalka register)/m);
      await machine.type(start);
      const [, units = ''] = /^systemctl enable --now (.*)$/m.exec(machine.calls().join('\n')) ?? [];
      const { server } = await startService(machine, units.split(' '));
      await machine.type(register.join(''));
      const list = async () => (await machine.type('obalka list --identity me')).trim().split('\n');

      await machine.type(guide.next('sh', 'local_parts'));
      await machine.type(guide.next('sh', 'exim4 -odf'));
      const log = () => readFileSync(machine.path('/var/exim/spool/mainlog'), 'utf8');
      assert.match(log(), /=> me <?.*T=obalka .*250 2\.0\.0 Ok/);
      assert.is((await list()).length, 1);

      await machine.type(guide.next('sh', 'driver = smtp'));
      appendFileSync(machine.path('/etc/exim4/conf.d/acl/10_begin'), guide.next('exim', 'callout'));
      assert.match(await machine.type(guide.next('sh', 'exim4 -bv')), / verified$/m);
      assert.match(machine.calls().at(-1) ?? '', /^systemctl reload exim4$/);
      const asked = guide.next('sh', '-bhc');
      assert.match(await machine.type(asked), /^550 /m);
      assert.match(await machine.type(asked.replace('nobody@', 'me@')), /^250 Accepted/m);
      await machine.type(
        "printf 'Subject: by TCP\\n\\nx\\n' | exim4 -odf -f root@example.org me@example.org",
      );
      assert.match((await list()).at(-1) ?? '', / by TCP$/);
      assert.is((await server.stop()).code, 0, server.stderr);
      guide.end();
    }),
  );
});
