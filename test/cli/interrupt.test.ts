/** Ctrl-C: at whatever moment, a command ends by the signal, says nothing of its own insides, and leaves all files whole. */
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { End } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { changing, withOneMail } from './every-command.js';

/** Of the time that a command takes: while modules are read, and while most commands do what they are for. */
const moments = [0.5, 0.85];

suite('interrupt', (test) => {
  test('an interrupted command shows a stack, ends as if nothing had been, or is in the way of the next', () =>
    withOneMail(async (made, line) => {
      let interrupted = 0;
      const tryOne = async (words: string, moment: number) => {
        const child = spawn('bash', ['-c', `exec ${line(words)}`], {
          cwd: made.folder,
          env: made.environment,
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        const ended = new Promise<End>((done) => child.on('close', (code, signal) => done({ code, signal })));
        await wait(moment);
        child.kill('SIGINT');
        const { code, signal } = await ended;
        const what = `${words} after ${moment} ms: ${code} ${signal} ${stderr}`;
        if (signal === 'SIGINT') interrupted++;
        // Before the shell has become the program, or once all is done: 3 where the other one had done it.
        else assert.ok(code === 0 || code === 130 || (words.startsWith('revoke') && code === 3), what);
        assert.not.match(stderr, /this is a fault|node:\S|\.js:\d|Error:/, what);
        return signal === 'SIGINT';
      };
      const began = performance.now();
      await made.shell(line('list'));
      let whole = performance.now() - began;
      for (const words of changing) {
        const tries = await Promise.all(moments.map((moment) => tryOne(words, moment * whole)));
        // It depends on what else the machine does how long commands take.
        if (!tries.includes(true)) whole *= 0.8;
        const after = await made.shell(line(words));
        // What was done already is done: 3 where nothing is left to be taken away.
        assert.ok(
          after.code === 0 || (words.startsWith('revoke') && after.code === 3),
          `${words}: ${after.stderr}`,
        );
      }
      assert.ok(interrupted > changing.length, `only ${interrupted} were still running`);
      const { code, stderr } = await made.shell(line('verify --identity ann'));
      assert.equal([code, stderr], [0, '']);
    }));
});
