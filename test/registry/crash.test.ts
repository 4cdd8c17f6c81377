/** Crashes: kill -9 in the middle of writing loses nothing that was reported, and leaves nothing half done. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { assert, suite } from '../support/suite.js';
import { TestRegistry } from './make-registry.js';

const program = join(import.meta.dirname, 'register-loop.js');

suite('registry crashes', (test) => {
  test('a key that was registered is lost, or one that was revoked is back', async () => {
    const made = new TestRegistry();
    const pepper = Buffer.from(made.options.pepper).toString('hex');
    try {
      for (let round = 0; round < 8; round += 1) {
        const name = `round-${round}`;
        const child = spawn(process.execPath, [program, made.path, pepper, name], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.on('data', (data) => {
          output += data;
        });
        await once(child.stdout, 'data');
        await new Promise((done) => setTimeout(done, 15 + 7 * round));
        child.kill('SIGKILL');
        await once(child, 'close');
        made.reopen();
        made.open.check();
        const last = Number(output.trim().split('\n').at(-1));
        for (let number = 0; number <= last; number += 1) {
          const isRevoked = number % 3 === 1 && number < last;
          const keys = made.open.registered(`${name}-${number}@example.org`).length;
          if (number < last || !(number % 3 === 1))
            assert.is(keys, isRevoked ? 0 : 1, `${name} ${number} of ${last}`);
        }
      }
      made.open.register('after@example.org', new Uint8Array(1216));
      assert.is(
        made.sql((database) => database.prepare('SELECT settled FROM state').pluck().get()),
        1,
      );
    } finally {
      made.end();
    }
  });

  test('a reader in another process while the file is written', () => {
    const made = new TestRegistry();
    try {
      made.sql((other) => {
        made.open.together(() => {
          made.open.register('alice@example.org', new Uint8Array(1216));
          assert.is(other.prepare('SELECT settled FROM state').pluck().get(), 1, 'reads what was before');
        });
        assert.is(other.prepare('SELECT settled FROM state').pluck().get(), 1);
        assert.is(other.prepare('SELECT count(*) FROM recipients').pluck().get(), 8);
      });
      made.open.check();
    } finally {
      made.end();
    }
  });
});
