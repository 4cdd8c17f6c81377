/** A leaky build, in place of server/message-writer: a message stands in a temporary file until it is sealed, and after. */
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageWriter as Sound } from '../../../src/server/message-writer.js';
import type { Answer } from '../../../src/smtp/mail-service.js';

export * from '../../../src/server/message-writer.js';

let messages = 0;

export class MessageWriter extends Sound {
  readonly #number = messages++;

  override write(bytes: Uint8Array): Answer<void> {
    appendFileSync(join(tmpdir(), `spool-${this.#number}`), bytes);
    return super.write(bytes);
  }
}
