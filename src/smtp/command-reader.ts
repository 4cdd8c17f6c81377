/** Command reader: the commands of one session, and the signs by which another protocol gives itself away. */
import { type Command, readCommand } from './command.js';
import { CommandLines } from './command-lines.js';
import type { Input } from './input.js';
import { Reply, replies } from './replies.js';

/** First octet of a TLS record that opens a handshake. */
const tlsHandshake = 0x16;

export class CommandReader {
  readonly #limit: number;
  #lines: CommandLines;
  #first = true;

  /** `limit`: octets of the longest command line, its CRLF counted. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#lines = new CommandLines(limit);
  }

  /** The next command, why the next line is none, or undefined where the input ends before the line does. */
  read(input: Input): Command | Reply | undefined {
    if (this.#first && this.#lines.empty && input.bytes[input.at] === tlsHandshake)
      return replies.otherProtocol;
    const line = this.#lines.read(input.bytes, input.at);
    input.at = this.#lines.at;
    if (line === undefined) return undefined;
    const first = this.#first;
    this.#first = false;
    if (line instanceof Reply) return line;
    // PROXY version 2 begins with an empty line, and a mail client does not.
    return first && line.length === 0 ? replies.otherProtocol : readCommand(line);
  }

  /** Forgets the line that was begun. */
  forget(): void {
    this.#lines = new CommandLines(this.#limit);
  }
}
