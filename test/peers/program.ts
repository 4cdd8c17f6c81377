/** Installed programs: where they are, and running one to its end. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const secondsToEnd = 120;

/** Where a program is, looking in PATH and the folders for administrators; undefined if nowhere. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

/** Runs a program to its end, killing it after two minutes. Gives its exit code (-1 after a signal), stdout and stderr mixed. */
export function runToEnd(
  program: string,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      timeout: secondsToEnd * 1000,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (data: Buffer) => {
      output += data.toString('latin1');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', fail);
    child.on('close', (code) => done({ code: code ?? -1, output }));
    child.stdin.on('error', () => undefined); // it may end without reading all
    child.stdin.end(input);
  });
}

/** Calls `use` with the path of a file that holds `bytes`, and removes the file afterwards. */
export async function withFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'obalka-peer-'));
  try {
    const file = join(folder, 'content');
    await writeFile(file, bytes);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
