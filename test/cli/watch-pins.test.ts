/** obalka watch and pins: a journal that has lost what it had is told, and the pins stay. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeIdentity } from '../../src/seal/keys.js';
import { alice } from '../reader/make-journal.js';
import { withSigned } from '../reader/signed-journal.js';
import { command } from '../support/in-process.js';
import { assert, suite } from '../support/suite.js';

suite('watch and pins', (test) => {
  test('what is gone from a journal is not told, or what was pinned is forgotten', () =>
    withSigned(async (journal, fresh) => {
      const folder = dirname(journal.path);
      const file = (name: string) => join(folder, name);
      writeFileSync(file('alice'), `${encodeIdentity(alice.seed)}\n`, { mode: 0o600 });
      const watch = async (data: string) => {
        const said = await command(
          ...['watch', '--once', '--all', '--json', '--data', data],
          ...['--identity', file('alice'), '--state', file('state'), '--pins', file('pins')],
        );
        for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal);
        return said;
      };
      const first = await watch(journal.path);
      assert.is(first.code, 0, first.stderr);
      assert.is(first.stdout.toString().trim().split('\n').length, 8);
      const pins = readFileSync(file('pins'), 'utf8');
      const less = fresh();
      const newest = readdirSync(less.lane)
        .filter((name) => name.startsWith('segment-'))
        .sort()
        .at(-1);
      rmSync(join(less.lane, newest as string), { recursive: true });
      const second = await watch(less.path);
      assert.is(second.code, 5);
      assert.match(second.stderr, /segment \d+: was there when it was last read, and is gone: deletion/);
      assert.match(second.stderr, /move .*pins away to begin anew/);
      assert.is(readFileSync(file('pins'), 'utf8'), pins);
      assert.equal((await watch(journal.path)).stdout.length, 0);
    }));
});
