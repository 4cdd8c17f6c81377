/** Killing a command in the middle of its work. */
import { spawn } from 'node:child_process';
import { type Installation, obalka } from './installation.js';

/** Runs a command and kills it (SIGKILL) when `isTime` says so; tells whether it was killed before its end. */
export async function killWhen(
  made: Installation,
  isTime: () => boolean,
  ...args: readonly string[]
): Promise<boolean> {
  const child = spawn(process.execPath, [obalka, ...args, '--data', made.data], {
    cwd: made.folder,
    env: made.environment,
    stdio: 'ignore',
  });
  const ended = new Promise<boolean>((done) => child.on('close', (_, signal) => done(signal === 'SIGKILL')));
  const watch = setInterval(() => {
    if (isTime()) child.kill('SIGKILL');
  }, 2);
  return ended.finally(() => clearInterval(watch));
}
