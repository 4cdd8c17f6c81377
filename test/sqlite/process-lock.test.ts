/** Process lock: held against other processes, free once its holder is gone, and without a trace beside the file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../src/core/errors.js';
import { takeLock } from '../../src/sqlite/process-lock.js';
import { assert, suite } from '../support/suite.js';

const program = join(import.meta.dirname, 'hold-lock.js');

suite('process lock', (test) => {
  let folder = '';
  let path = '';
  const children: ChildProcess[] = [];

  test.before.each(() => {
    folder = mkdtempSync(join(tmpdir(), 'obalka-lock-'));
    path = join(folder, 'lock');
  });
  test.after.each(async () => {
    for (const child of children.splice(0)) await killed(child);
    rmSync(folder, { recursive: true });
  });

  /** Starts a second process and waits for what it says. */
  async function start(at = path): Promise<{ child: ChildProcess; said: string }> {
    const child = spawn(process.execPath, ['--expose-gc', program, at], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const [said] = await once(child.stdout, 'data');
    return { child, said: String(said).trim() };
  }

  async function killed(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  test('two servers on one directory', async () => {
    const lock = takeLock(path);
    assert.ok(lock);
    assert.is((await start()).said, 'refused');
    assert.is(takeLock(path), undefined, 'not twice in one process either');
    lock.release();
    lock.release();
    assert.is((await start()).said, 'held');
    assert.is(takeLock(path), undefined);
  });

  test('a stale lock after kill -9', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { child, said } = await start();
      assert.is(said, 'held');
      assert.is(takeLock(path), undefined);
      await killed(child);
      const lock = takeLock(path);
      assert.ok(lock, 'free at once when its holder was killed');
      lock.release();
    }
  });

  test('a directory copied while its server runs', async () => {
    assert.is((await start()).said, 'held');
    const copy = `${folder}-copy`;
    cpSync(folder, copy, { recursive: true });
    try {
      const lock = takeLock(join(copy, 'lock'));
      assert.ok(lock, 'a copy is another directory');
      lock.release();
    } finally {
      rmSync(copy, { recursive: true });
    }
    assert.is(takeLock(path), undefined);
  });

  test('several that start at once', async () => {
    const said = (await Promise.all(Array.from({ length: 4 }, () => start()))).map((one) => one.said);
    assert.equal(said.sort(), ['held', 'refused', 'refused', 'refused']);
  });

  test('files left beside the lock, or a lock that others can read', async () => {
    const { child } = await start();
    assert.equal(readdirSync(folder), ['lock']);
    await killed(child);
    takeLock(path)?.release();
    assert.equal(readdirSync(folder), ['lock']);
    assert.is(statSync(path).size, 0);
    assert.is(statSync(path).mode & 0o777, 0o600);
  });

  test('a place where no lock can be', () => {
    const problem = (at: string, words: string) =>
      assert.throws(
        () => takeLock(at),
        (error: unknown) => error instanceof Problem && error.message.includes(words),
      );
    problem(join(folder, 'none', 'lock'), 'lock cannot be taken');
    problem(folder, 'lock cannot be taken');
    writeFileSync(path, 'this is a letter and no lock at all\n'.repeat(200));
    problem(path, 'not the lock file of obalka');
  });
});
