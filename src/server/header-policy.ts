/** Header policy: refuses content whose header is not one (RFC 5322, sections 2.2 and 3.6). Off unless asked for. */
import type { Delivery } from '../smtp/mail-service.js';
import type { Policy } from '../smtp/policy.js';
import { type Reply, replies } from '../smtp/replies.js';

/** Fields that stand at most once; the first two must be there. */
const once = [
  'from',
  'date',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
];
const needed = ['from', 'date'];
/** Octets of header that are looked at. */
const longest = 65_536;
const end = Buffer.from('\r\n\r\n');

/** Refuses at the end of the content, with 550 5.6.0. */
export function headerPolicy(): Policy {
  return {
    name: 'header',
    connect: () => {
      let recipients = 0;
      return {
        mail: () => {
          recipients = 0;
          return undefined;
        },
        recipient: () => {
          recipients += 1;
          return undefined;
        },
        content: (next) => new HeaderCheck(next, () => recipients),
      };
    },
  };
}

class HeaderCheck implements Delivery {
  readonly #next: Delivery;
  readonly #recipients: () => number;
  #seen: Buffer | undefined;
  #length = 0;
  /** The header, once its end or enough of it was seen. */
  #header: string | undefined;

  constructor(next: Delivery, recipients: () => number) {
    this.#next = next;
    this.#recipients = recipients;
  }

  write(bytes: Uint8Array): ReturnType<Delivery['write']> {
    if (this.#header === undefined) this.#look(bytes);
    return this.#next.write(bytes);
  }

  commit(): ReturnType<Delivery['commit']> {
    if (isHeader(this.#header ?? this.#text(this.#length))) return this.#next.commit();
    this.#next.abort();
    const refusal: Reply = replies.badHeader;
    return Array.from({ length: Math.max(1, this.#recipients()) }, () => refusal);
  }

  abort(): void {
    this.#next.abort();
  }

  #look(bytes: Uint8Array): void {
    // An empty line at the very beginning ends a header too: as if a line had stood before it.
    if (this.#length === 0) this.#length = end.copy(this.#room(), 0, 0, 2);
    const from = Math.max(0, this.#length - end.length + 1);
    const piece = bytes.subarray(0, longest - this.#length);
    this.#room().set(piece, this.#length);
    this.#length += piece.length;
    const found = this.#room().subarray(0, this.#length).indexOf(end, from);
    if (found >= 0) this.#header = this.#text(found + 2);
    else if (this.#length === longest) this.#header = this.#text(this.#room().lastIndexOf('\r\n') + 2);
  }

  #room(): Buffer {
    this.#seen ??= Buffer.allocUnsafeSlow(longest);
    return this.#seen;
  }

  #text(length: number): string {
    return this.#room().toString('latin1', 2, length);
  }
}

/** Whether every line is a field or goes on with one, and the fields are as many as they may be. */
export function isHeader(text: string): boolean {
  const counts = new Map<string, number>();
  const lines = text.split('\r\n');
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    if (/^[ \t]/.test(line) && index > 0) continue;
    const name = /^([!-9;-~]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) return false;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return needed.every((name) => counts.has(name)) && once.every((name) => (counts.get(name) ?? 0) <= 1);
}
