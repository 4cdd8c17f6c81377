/** Drives a bare session: feeds chunks, answers questions by a rule, and writes down what came out. */
import type { Event, Question } from '../../src/smtp/events.js';
import type { Reply } from '../../src/smtp/replies.js';
import type { Session } from '../../src/smtp/session.js';

/** What an application would say to a question: nothing for yes. */
export type Rule = (question: Question) => Reply | readonly Reply[] | undefined;

/** A conversation written down: adjacent chunks are one, so that it does not depend on how the input was cut. */
export class Transcript {
  readonly events: string[] = [];
  output = '';
  #content = '';

  chunk(bytes: Uint8Array): void {
    this.#content += visible(Buffer.from(bytes).toString('latin1'));
  }

  event(text: string): void {
    this.pause();
    this.events.push(text);
  }

  /** Ends the chunk that is being gathered. */
  pause(): void {
    if (this.#content !== '') this.events.push(`chunk ${this.#content}`);
    this.#content = '';
  }
}

/** Lets the session go on until it needs something; returns what happened into `transcript`. */
export function goOn(session: Session, transcript: Transcript, rule: Rule): void {
  for (;;) {
    const event = session.next();
    if (event === undefined) {
      const output = session.takeOutput();
      if (output === undefined) return;
      transcript.output += Buffer.from(output).toString('latin1');
    } else if (event.type === 'chunk') transcript.chunk(event.bytes);
    else {
      transcript.event(describe(event));
      if (event.type !== 'abort' && event.type !== 'reset') session.answer(rule(event));
    }
  }
}

/** Feeds the chunks one after the other, then the end of the input. */
export function converse(
  session: Session,
  chunks: readonly Uint8Array[],
  rule: Rule = () => undefined,
): Transcript {
  const transcript = new Transcript();
  goOn(session, transcript, rule);
  for (const chunk of chunks) {
    session.receive(chunk);
    goOn(session, transcript, rule);
  }
  session.end();
  goOn(session, transcript, rule);
  transcript.pause();
  return transcript;
}

/** Every octet a chunk of its own. */
export function octets(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (octet) => Uint8Array.of(octet));
}

export function describe(event: Exclude<Event, { type: 'chunk' }>): string {
  switch (event.type) {
    case 'hello':
      return `hello ${event.name} ${event.extended ? 'EHLO' : 'HELO'}`;
    case 'mail': {
      const { size, body, smtpUtf8, requireTls } = event.parameters;
      const given = [size === undefined ? '' : ` size=${size}`, body === undefined ? '' : ` body=${body}`];
      if (smtpUtf8) given.push(' smtputf8');
      if (requireTls) given.push(' requiretls');
      return `mail <${event.from?.text ?? ''}>${given.join('')}`;
    }
    case 'recipient':
      return `recipient ${event.mailbox.text}`;
    case 'xclient':
      return `xclient ${event.address} ${event.port}`;
    default:
      return event.type;
  }
}

/** Printable ASCII as it is, all else as \r, \n, \0 or \xHH, and a backslash doubled. */
export function visible(text: string): string {
  return text.replace(/[^\x20-\x5b\x5d-\x7e]/g, (c) => {
    const named: Record<string, string> = { '\r': '\\r', '\n': '\\n', '\0': '\\0', '\\': '\\\\' };
    return named[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
