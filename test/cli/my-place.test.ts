/** Places of files that are remembered: nobody else can take away what a reader saw, or how far a watch came. */
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPins, savePins } from '../../src/cli/mailbox/pins-file.js';
import { WatchState } from '../../src/cli/watch/state-file.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';
import { somePin } from './some-pin.js';

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error: Error) => error.message,
  );

suite('places of what is remembered', (test) => {
  const ways: Record<string, (path: string) => Promise<unknown>> = {
    'pins that are read': loadPins,
    'pins that are written': (path) => savePins(path, [], [somePin('journal', 'lane', 1, 1)], []),
    'the state of a watch': async (path) => (await WatchState.open(path)).close(),
  };
  for (const [name, way] of Object.entries(ways))
    test(`${name}: others can take the file away, or put a lock there that leads elsewhere`, () =>
      withFolder(async (around) => {
        const [folder, outside] = [join(around, 'folder'), join(around, 'outside')];
        const path = join(folder, 'file');
        mkdirSync(folder);
        for (const mode of [0o770, 0o707, 0o1777]) {
          chmodSync(folder, mode);
          assert.is(
            await refusal(way(path)),
            `${folder}: others can write to it; mend it with: chmod go-w ${folder}`,
          );
        }
        chmodSync(folder, 0o755);
        symlinkSync(outside, `${path}.lock`);
        assert.match(
          await refusal(way(path)),
          /file\.lock: it is a symbolic link, which is not followed; remove it$/,
        );
        assert.not.ok(existsSync(outside));
        rmSync(`${path}.lock`);
        if (process.getuid?.() === 0) {
          chownSync(folder, 12_345, 12_345);
          assert.match(await refusal(way(path)), /folder: it belongs to another user; name another folder$/);
          chownSync(folder, 0, 0);
        }
        if (name !== 'pins that are read') assert.is(await refusal(way(path)), 'taken');
        writeFileSync(path, '{}', { mode: 0o620 });
        chmodSync(path, 0o620);
        assert.match(await refusal(way(path)), /file: others can write to it; mend it with: chmod go-w/);
      }));
});
