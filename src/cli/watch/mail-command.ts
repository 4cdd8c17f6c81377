/** Mail command: what a person wants to be done with each mail. The shell gets it as it was written, and the content on standard input. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** How it ended: its exit code, or the signal that ended it. */
export type CommandEnd = { readonly code: number } | { readonly signal: string };

export class MailCommand {
  readonly #command: string;
  #child: ChildProcess | undefined;

  constructor(command: string) {
    this.#command = command;
  }

  /** Runs it to its end. What reading the content throws ends it at once, and is thrown. */
  async run(id: string, content: AsyncIterable<Uint8Array>): Promise<CommandEnd> {
    const pieces = content[Symbol.asyncIterator]();
    // A mail that is damaged starts nothing.
    let piece = await pieces.next();
    const child = spawn('/bin/sh', ['-c', this.#command], {
      env: { ...process.env, OBALKA_ID: id },
      // Our standard output carries nothing but mail.
      stdio: ['pipe', 2, 2],
      // In a group of its own: Ctrl-C is for us, and what it has begun is ended with it.
      detached: true,
    });
    this.#child = child;
    const ended = new Promise<CommandEnd>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code === null ? { signal: String(signal) } : { code }));
    });
    ended.catch(() => undefined);
    let isOver = false;
    const over = ended.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    const stdin = child.stdin as Writable;
    // Whoever does not want all of a mail may close it.
    let isClosed = false;
    const closed = new Promise<void>((resolve) => {
      stdin.on('error', () => {
        isClosed = true;
        resolve();
      });
    });
    try {
      for (; !piece.done && !isClosed && !isOver; piece = await pieces.next())
        if (!stdin.write(piece.value)) {
          const drained = new Promise<void>((resolve) => stdin.once('drain', resolve));
          await Promise.race([drained, closed, over]);
        }
      stdin.end();
      return await ended;
    } catch (error) {
      this.kill();
      await over;
      throw error;
    } finally {
      await pieces.return?.();
      stdin.destroy();
      this.#child = undefined;
    }
  }

  /** Ends what runs, and all that it has started. */
  kill(): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}
