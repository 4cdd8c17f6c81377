/** Paired stream: an input and an output, such as those of a program, as one stream with two halves. */
import { Duplex, type Readable, type Writable } from 'node:stream';

export class PairedStream extends Duplex {
  readonly #input: Readable;
  readonly #output: Writable;

  constructor(input: Readable, output: Writable) {
    super({ allowHalfOpen: true });
    this.#input = input;
    this.#output = output;
    input.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) input.pause();
    });
    input.on('end', () => this.push(null));
    input.on('error', (error) => this.destroy(error));
    output.on('error', (error) => this.destroy(error));
    input.pause();
  }

  override _read(): void {
    this.#input.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#output.write(bytes, done);
  }

  /** Nobody is left to wait for: what was written is out, and a pipe is not reset. */
  override _final(done: (error?: Error | null) => void): void {
    this.#output.write('', () => {
      done();
      this.destroy();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#input.destroy();
    done(error);
  }
}
