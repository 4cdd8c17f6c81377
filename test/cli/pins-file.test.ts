/** The file of pins: whole or refused, never going back, and never at the cost of what another reader wrote. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPins, mergePins, pinsFile, savePins } from '../../src/cli/mailbox/pins-file.js';
import { Problem } from '../../src/core/errors.js';
import type { Pin } from '../../src/reader/pins.js';
import { setEnvironment } from '../support/environment.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';
import { lanesOfLoop, somePin } from './some-pin.js';

const shown = (pins: readonly Pin[]) =>
  pins.map(({ checkpoint }) => `${checkpoint.segment}:${checkpoint.trees.blocks.size}`);

async function refusal(path: string): Promise<string> {
  try {
    await loadPins(path);
    return 'read';
  } catch (error) {
    assert.instance(error, Problem);
    return (error as Problem).message;
  }
}

suite('the file of pins', (test) => {
  test('pins do not come back, or others can read them', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'state/obalka/pins.json');
      assert.equal(await loadPins(path), []);
      await savePins(path, [], [], []);
      assert.not(existsSync(join(folder, 'state')), 'a folder was made for nothing');
      const pins = [somePin('j', 'a', 0, 4), somePin('j', 'b', 3, 9), somePin('k', 'a', 1, 1)];
      await savePins(path, [], pins, []);
      assert.equal(await loadPins(path), pins);
      assert.is(statSync(path).mode & 0o777, 0o600);
      assert.is(statSync(join(folder, 'state/obalka')).mode & 0o777, 0o700);
      assert.equal(readdirSync(join(folder, 'state/obalka')).sort(), ['pins.json', 'pins.json.lock']);
      const time = statSync(path).mtimeMs;
      await savePins(path, pins, [somePin('j', 'a', 0, 4)], []);
      assert.is(statSync(path).mtimeMs, time, 'the same was written again');
    }));

  test('pins that others could have taken away are believed', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'pins.json');
      await savePins(path, [], [somePin('j', 'a', 0, 4)], []);
      for (const mode of [0o620, 0o602]) {
        chmodSync(path, mode);
        assert.is(await refusal(path), `${path}: others can write to it; mend it with: chmod go-w ${path}`);
      }
      chmodSync(path, 0o644);
      assert.is((await loadPins(path)).length, 1);
    }));

  test('what one reader pins, another that runs beside it takes away', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'pins.json');
      const loop = join(import.meta.dirname, 'pin-loop.js');
      const readers = ['a', 'b', 'c'].map(
        (name) =>
          new Promise<number | null>((ended) => {
            spawn(process.execPath, [loop, path, name], { stdio: 'inherit' }).once('close', ended);
          }),
      );
      assert.equal(await Promise.all(readers), [0, 0, 0]);
      const pins = await loadPins(path);
      assert.is(pins.length, 3 * lanesOfLoop);
      assert.equal(readdirSync(folder).sort(), ['pins.json', 'pins.json.lock']);
    }));

  test('a reader that knows less sets a pin back', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'pins.json');
      await savePins(path, [], [somePin('j', 'a', 5, 4)], []);
      await savePins(path, [], [somePin('j', 'a', 2, 4)], []);
      assert.equal(shown(await loadPins(path)), ['2:4', '5:4']);
    }));

  test('a pin goes back, or one that was not looked at goes away', () => {
    const [old, young, newest] = [somePin('j', 'a', 1, 4), somePin('j', 'a', 1, 8), somePin('j', 'a', 2, 1)];
    assert.equal(shown(mergePins([newest], [old], [])), ['1:4', '2:1']);
    assert.equal(shown(mergePins([old], [young], [])), ['1:4', '1:8']);
    assert.equal(shown(mergePins([old, young], [newest], [old, young])), ['2:1']);
    assert.equal(shown(mergePins([old, young], [], [old, young])), ['1:8'], 'the newest stays');
    const many = Array.from({ length: 100 }, (_, at) => somePin('j', 'a', 1, at));
    const kept = shown(mergePins([], many, []));
    assert.equal([kept.length, kept[0], kept.at(-1)], [64, '1:0', '1:99']);
  });

  test('a file that is no file of pins passes for one without pins', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'pins.json');
      await savePins(path, [], [somePin('j', 'a', 1, 4)], []);
      const good = readFileSync(path, 'utf8');
      const changes: readonly (readonly [string, RegExp])[] = [
        ['', /damaged pins: not JSON; .*move it away/],
        [good.slice(0, -9), /damaged pins: not JSON/],
        ['[]', /damaged pins: it has no version and pins/],
        ['{"version":2,"pins":[]}', /version 2; .*use a newer obalka/],
        ['{"version":1,"pins":{}}', /its pins are no list/],
        ['{"version":1,"pins":[7]}', /pin 0: it has no signer/],
        [good.replace(/"signer": "../, '"signer": "zz'), /pin 0: its signer is no public key/],
        [good.replace(/"signer": ".../, '"signer": "000'), /pin 0: its signature does not hold/],
        [good.replace('blocks 4', 'blocks 5'), /pin 0: its signature does not hold/],
        [good.replace('blocks 4', 'blocks'), /pin 0: checkpoint does not have its form/],
      ];
      for (const [text, says] of changes) {
        assert.is.not(text, good);
        writeFileSync(path, text);
        const said = await refusal(path);
        assert.match(said, says);
        assert.ok(said.startsWith(`${path}: `));
      }
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      assert.match(await refusal(pipe), /cannot be read \(not a file\); .*--pins/);
    }));

  test('--pins, the variables and the default come in another order', () => {
    const before = { ...process.env };
    try {
      delete process.env.OBALKA_PINS;
      process.env.XDG_STATE_HOME = '/state';
      assert.is(pinsFile(undefined), '/state/obalka/pins.json');
      process.env.XDG_STATE_HOME = '';
      process.env.HOME = '/home/somebody';
      assert.is(pinsFile(undefined), '/home/somebody/.local/state/obalka/pins.json');
      process.env.OBALKA_PINS = '/variable';
      assert.is(pinsFile(undefined), '/variable');
      assert.is(pinsFile('/option'), '/option');
      assert.is(pinsFile('none'), undefined);
      process.env.OBALKA_PINS = 'none';
      assert.is(pinsFile(undefined), undefined);
    } finally {
      setEnvironment(before);
    }
  });
});
