/** Unix sockets: who may connect is settled when one is made, and nobody else can have root change another file by it. */
import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowAccess, bindWithMode, mustBeRootsFolder } from '../../src/cli/unix-sockets.js';
import { Listener } from '../../src/net/listener.js';
import { withFolder } from '../support/folder.js';
import { assert, skip, suite } from '../support/suite.js';

const bits = (path: string) => lstatSync(path).mode & 0o777;

suite('unix sockets', (test) => {
  test('a socket has another mode for a moment, or for ever', () =>
    withFolder(async (folder) => {
      for (const mode of [0o600, 0o660, 0o666]) {
        const path = join(folder, mode.toString(8));
        const before = process.umask();
        let first: number | undefined;
        const listener = await bindWithMode(path, mode, () => {
          const bound = Listener.bind({ path });
          first = bits(path);
          return bound;
        });
        const later = bits(path);
        await listener.close();
        assert.equal([first, later], [mode, mode]);
        assert.is(process.umask(), before);
      }
    }));

  test('what was put in the place of a new socket is changed instead', () =>
    withFolder(async (folder) => {
      const [path, target] = [join(folder, 'socket'), join(folder, 'target')];
      writeFileSync(target, '', { mode: 0o640 });
      const swapped = async () => {
        const listener = await Listener.bind({ path });
        renameSync(path, `${path}.moved`);
        symlinkSync(target, path);
        return listener;
      };
      const refused = await bindWithMode(path, 0o600, swapped).catch((error: Error) => error);
      assert.match(refused instanceof Error ? refused.message : '', /its mode cannot be set/);
      symlinkSync(target, path);
      const me = process.getuid?.() ?? 0;
      await allowAccess(path, { mode: 0o600, uid: me === 0 ? 12_345 : me, gid: -1 });
      assert.is(bits(target), 0o640);
      assert.is(lstatSync(target).uid, me);
    }));

  const root = 'root makes a socket where another user can put something in its place';
  if (process.getuid?.() !== 0) skip(test, root, 'not root');
  else
    test(root, () =>
      withFolder(async (folder) => {
        const said = (path: string) =>
          mustBeRootsFolder(path).then(
            () => 'made',
            (error: Error) => error.message,
          );
        const at = (name: string) => join(folder, name);
        for (const name of ['good', 'theirs', 'open', 'sticky', 'theirs/inner'])
          mkdirSync(at(name), { recursive: true });
        chownSync(at('theirs'), 12_345, 12_345);
        chmodSync(at('open'), 0o775);
        chmodSync(at('sticky'), 0o1777);
        mkdirSync(at('sticky/inner'));
        mkdirSync(at('open/inner'));
        symlinkSync(at('good'), at('link'));
        symlinkSync(at('good'), at('theirs/link'));
        assert.is(await said(at('good/socket')), 'made');
        assert.is(await said(at('link/socket')), 'made');
        assert.is(await said(at('sticky/inner/socket')), 'made');
        for (const path of ['theirs/socket', 'theirs/inner/socket', 'theirs/link/socket'])
          assert.match(
            await said(at(path)),
            /^cannot listen on .*: \/\S*theirs belongs to user 12345, .*\.?$/,
          );
        for (const path of ['open/socket', 'open/inner/socket', 'sticky/socket'])
          assert.match(await said(at(path)), /can be written to by others, who could mislead root; choose/);
      }),
    );
});
