/** The guide to reading from one's own computer: its commands do what it says, with rsync over a stand-in for ssh. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, Installation, obalka, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';
import { mailOf } from '../support/watching.js';
import { Wire } from '../support/wire.js';

const page = readFileSync(join(import.meta.dirname, '../../../spec/guide/reading-elsewhere.md'), 'utf8');
/** The commands that are typed at home, block by block. */
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text as string);
const name = 'a command of the guide does not do what it says';

suite('reading elsewhere', (test) => {
  if (spawnSync('rsync', ['--version']).error) return skip(test, name, 'rsync is not installed');

  test(name, () =>
    within(Installation.with('me@example.org', 'you@example.org'), async (made) => {
      const home = join(made.folder, 'home');
      const bin = join(made.folder, 'bin');
      mkdirSync(bin);
      const program = (file: string, ...lines: string[]) =>
        writeFileSync(join(bin, file), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
      program('obalka', `exec "${process.execPath}" "${obalka}" "$@"`);
      // What ssh does with a host and the words of a command, but here.
      program('no-ssh', 'shift', 'eval "$*"');
      const server = await made.serve();
      // The identity is at home, and nowhere near the server.
      await made.exec('mv', [made.identity('me'), join(home, 'me')]);
      const type = async (at: number): Promise<Ended> => {
        const text = (blocks[at] as string).replaceAll('/var/lib/obalka', made.data);
        const environment = { PATH: `${bin}:${process.env.PATH}`, RSYNC_RSH: join(bin, 'no-ssh') };
        const ended = await made.exec('bash', ['-e', '-c', text], environment);
        assert.is(ended.code, 0, `${text}: ${ended.stderr}`);
        return ended;
      };
      const wire = await Wire.to(server.port);
      await wire.hello();
      const send = async (words: string, to = 'me@example.org') =>
        wire.must(await wire.deliver({ from: '', to: [to], content: mailOf(words) }), '250');
      const arrived = () => readdirSync(join(home, 'mail/new'));

      assert.is(blocks.length, 5);
      await send('old mail');
      await send('of somebody else', 'you@example.org');
      assert.match((await type(0)).stdout.toString(), /old mail\n$/);
      await type(1);
      assert.equal(arrived(), []);
      await send('new mail');
      await send('newer mail');
      await type(2);
      assert.is(arrived().length, 2);
      const texts = arrived().map((file) => readFileSync(join(home, 'mail/new', file), 'latin1'));
      assert.equal(texts.sort(), [mailOf('new mail'), mailOf('newer mail')].map(String));
      await type(2);
      assert.is(arrived().length, 2);
      await type(3);
      await wire.quit();
      await server.stop();
      const erased = await made.run('erase', '--order', join(home, 'mail/order'));
      assert.is(erased.code, 0, erased.stderr);
      const { stdout } = await type(0);
      assert.match(stdout.toString(), /old mail\n.* new mail\n$/);
      assert.is(
        (await made.exec('diff', ['-r', join(made.data, 'journal'), join(home, 'mail/journal')])).code,
        0,
      );
      await type(4);
      // Whatever the identity or the reader wrote, it is not in the data directory.
      assert.is((await made.exec('grep', ['-r', '-l', 'AGE-SECRET-KEY', made.data])).code, 1);
    }),
  );
});
