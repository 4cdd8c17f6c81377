/** The quick start, typed as it stands, by a user who has nothing. */

import { freePort } from '../support/free-port.js';
import { assert, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';

suite('guide: quick start', (test) => {
  test('whoever follows it does not get to read a mail, or a thief does', () =>
    Machine.using(async (machine) => {
      const guide = new Guide('quick-start.md');
      const port = await freePort();
      machine.let('127\\.0\\.0\\.1:2525', `127.0.0.1:${port}`);
      machine.standIn('npm');
      await machine.type(guide.next('sh', 'apt-get'));
      await machine.type(guide.next('sh', 'npm ci\nnpm pack'));
      await machine.type(guide.next('sh', 'npm install'));
      const variables = 'export OBALKA_DATA=$PWD/data OBALKA_IDENTITY=$PWD/me\n';
      await machine.type(guide.next('sh', variables));
      const server = await machine.serve(`${variables}${guide.next('sh', 'obalka serve')}`);
      const listed = await machine.type(guide.next('sh', 'curl'));
      const [, id = ''] = /^([a-z2-7]{13}) .* First\n$/.exec(listed) ?? [];
      const read = guide.next('sh', 'obalka read ID').replace('ID', id.slice(0, 4));
      assert.match(await machine.type(`${variables}${read}`), /\nSubject: +First\n[\s\S]*\nHello\.\n/);
      assert.is(await machine.type(guide.next('sh', 'grep')), '0\n');
      // The same finds something where there is something.
      assert.match(await machine.type('grep -r -a -i -c -h -e hello mail.eml'), /^1$/m);
      assert.is(
        await machine.type(`${variables}${guide.next('sh', 'no key, no mail')}`),
        'no key, no mail\n',
      );
      assert.match(await machine.type(`${variables}obalka list`), /First\n$/);
      assert.is((await server.stop()).code, 0, server.stderr);
      guide.end();
    }));
});
