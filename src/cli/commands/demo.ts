/** obalka demo: the tour, with the real program: keys, server, real mail, two readers, and a thief. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { print } from '../terminal/output.js';
import { demoMails, sendDemoMail } from '../tour/mails.js';
import { Obalka } from '../tour/program.js';
import { showThiefView } from '../tour/thief.js';

const ann = 'ann@example.org';
const bob = 'bob@example.org';

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('the tour: real mail, sealed, read by its owners, and what a thief sees')
    .action(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'obalka-demo-'));
      const obalka = new Obalka(folder);
      await print(`Everything happens in ${folder}; no root, no port below 1024.`);

      await print('', '== A journal, two people, two keys ==');
      await obalka.run('init', '--data', 'data');
      for (const name of ['ann', 'bob', 'eve']) await obalka.run('key', 'new', name);
      await obalka.run('register', ann, '--key', 'ann.pub', '--data', 'data');
      await obalka.run('register', bob, '--key', 'bob.pub', '--data', 'data');

      const server = await obalka.serve(
        '--data',
        'data',
        '--listen',
        '127.0.0.1:0',
        '--hostname',
        'demo.example',
      );
      try {
        await print('', '== Real mail over SMTP, sent with nodemailer ==');
        const mails = demoMails(ann, bob);
        for (const mail of mails)
          await print(`$ send ${mail.title}`, `  ${await sendDemoMail(server.port, mail)}`);

        await print('', '== Each reads what is theirs ==');
        const annIds = await obalka.ids('ann');
        await obalka.run('list', '--identity', 'ann', '--data', 'data');
        await obalka.run('read', annIds[1] ?? '', '--identity', 'ann', '--data', 'data');
        await obalka.run('list', '--identity', 'bob', '--data', 'data');

        await print('', '== Eve has a key too, and it opens nothing ==');
        await obalka.run('list', '--identity', 'eve', '--data', 'data');

        await print('', '== What a thief of the disk sees ==');
        await showThiefView(obalka.path('data'), [ann, bob, ...mails.flatMap(({ words }) => words)]);
      } finally {
        await server.stop();
      }
      await print('', '== Everything checked once more, every mail of Ann opened ==');
      await obalka.run('verify', '--identity', 'ann', '--data', 'data');
      await print(
        '',
        `The data stays in ${folder}; remove that folder when you have seen enough. What next:`,
        `  cd ${folder}`,
        '  obalka list --identity ann --data data',
        '  obalka serve --data data --listen 127.0.0.1:2525',
        '(without an installation, "obalka" is: node dist/src/cli/obalka.js in the repository)',
      );
    });
}
