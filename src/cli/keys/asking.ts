/** Asking: questions to the person at the terminal, whatever standard input and output are. What is secret is not shown. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { Problem } from '../../core/errors.js';
import { SecretLine } from './secret-line.js';

/** The terminal while it is asked. It shows nothing that is typed, from the first question to `close`. */
export interface Terminal {
  /** One line, not shown. The caller wipes it. */
  secret(question: string): Promise<Uint8Array>;
  say(line: string): void;
  /** The terminal is as it was before. */
  close(): void;
}

/** The controlling terminal; undefined if there is none. */
export function openTerminal(path = '/dev/tty'): Terminal | undefined {
  let input: ReadStream;
  let output: number;
  try {
    output = openSync(path, constants.O_WRONLY | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
  try {
    input = new ReadStream(openSync(path, constants.O_RDONLY | constants.O_NOCTTY));
  } catch {
    closeSync(output);
    return undefined;
  }
  const show = (text: string) => writeSync(output, text);
  let ahead = Buffer.alloc(0);
  let waiting: { line: SecretLine; done(line: Uint8Array): void; failed(error: Error): void } | undefined;

  const close = () => {
    input.setRawMode(false);
    input.destroy();
    closeSync(output);
    ahead.fill(0);
  };
  const take = () => {
    while (waiting && ahead.length > 0) {
      const { used, what } = waiting.line.take(ahead);
      ahead = ahead.subarray(used);
      if (what === undefined) continue;
      const { line, done, failed } = waiting;
      waiting = undefined;
      show('\n');
      if (what === 'line') done(line.finish());
      else {
        line.wipe();
        failed(
          what === 'end'
            ? new Problem('identity', 'nothing was typed; nothing was done')
            : new Problem('identity', 'this line is too long; nothing was done'),
        );
      }
    }
  };
  input.setRawMode(true);
  input.on('data', (bytes: Buffer) => {
    // In this mode the terminal makes no signals of its own.
    if (bytes.includes(interrupt)) {
      bytes.fill(0);
      waiting?.line.wipe();
      show('\n');
      close();
      process.kill(process.pid, 'SIGINT');
      waiting?.failed(new Problem('identity', 'interrupted; nothing was done'));
      return;
    }
    const both = Buffer.concat([ahead, bytes]);
    bytes.fill(0);
    ahead.fill(0);
    ahead = both;
    take();
  });
  const gone = () => waiting?.failed(new Problem('identity', 'the terminal is gone; nothing was done'));
  input.on('error', gone);
  input.on('end', gone);
  return {
    secret(question) {
      show(question);
      return new Promise((done, failed) => {
        waiting = { line: new SecretLine(), done, failed };
        take();
      });
    },
    say: (line) => void show(`${line}\n`),
    close,
  };
}

const interrupt = 3;
