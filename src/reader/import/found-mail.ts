/** Found mail: what a file says of a mail besides its content, and the content as it is on the wire. */
import { findTrace, longestTrace } from '../export/trace-fields.js';
import { parseMailDate } from './dates.js';
import { FromUnquoting, type Quoting, WireLines } from './wire-lines.js';

export interface FoundMail {
  /** When it was received, as its fields say, the most trustworthy first; milliseconds since 1970. */
  readonly dates: readonly number[];
  /** Reverse-path, if a field says it. */
  readonly from: string | undefined;
  /** Whether a mail program wrote in the fields of an mbox that it was read. */
  readonly isSeen: boolean;
  /** What an export had put on top, and what was taken off: the facts of its way here. */
  readonly received: string | undefined;
  readonly content: AsyncGenerator<Uint8Array>;
}

/** So much of a mail is looked at for its fields. */
const longestHeader = 65_536;

/** A text with the lines of Unix, from an mbox or a Maildir. `quoting`: how an mbox quoted it. */
export async function unixMail(text: AsyncIterable<Uint8Array>, quoting?: Quoting): Promise<FoundMail> {
  const { head, rest } = await peek(quoting ? unquoted(text, quoting) : text);
  const trace = findTrace(head.subarray(0, longestTrace));
  const bare = trace ? behind(rest, trace.length) : rest;
  const whole = trace?.form.noFinalLineEnd && quoting ? withoutLastOctet(bare) : bare;
  const fields = fieldsOf(head.subarray(trace?.length ?? 0));
  const traced = trace && parseMailDate(trace.received.slice(trace.received.lastIndexOf(';')));
  return {
    ...fields,
    dates: traced === undefined ? fields.dates : [traced],
    from: trace?.from ?? fields.from,
    isSeen: quoting !== undefined && !trace && fields.isSeen,
    received: trace?.received,
    content: trace?.form.asIs ? pass(whole) : toWire(whole, trace !== undefined),
  };
}

/** A file that is a mail and nothing else. `asIs`: its octets are the content, whatever ends its lines. */
export async function wholeMail(file: AsyncIterable<Uint8Array>, asIs: boolean): Promise<FoundMail> {
  const { head, rest } = await peek(file);
  const end = head.indexOf('\n');
  const isWire = asIs || end < 0 || head[end - 1] === 0x0d;
  return {
    ...fieldsOf(head),
    isSeen: false,
    received: undefined,
    content: isWire ? pass(rest) : toWire(rest, false),
  };
}

function fieldsOf(head: Uint8Array): Pick<FoundMail, 'dates' | 'from' | 'isSeen'> {
  const text = Buffer.from(head).toString('latin1').replaceAll('\r\n', '\n');
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  const lines = (end < 0 ? text : text.slice(0, end)).replace(/\n[ \t]+/g, ' ').split('\n');
  const field = (name: string) =>
    lines.find((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`)?.slice(name.length + 1);
  const received = field('received');
  const dates = [received?.slice(received.lastIndexOf(';')), field('date')].map((words) =>
    words === undefined ? undefined : parseMailDate(words),
  );
  const path = /^\s*<([^<>]*)>\s*$/.exec(field('return-path') ?? '')?.[1];
  return {
    dates: dates.filter((date) => date !== undefined),
    from: path === undefined ? undefined : Buffer.from(path, 'latin1').toString('utf8'),
    isSeen: /R/.test(field('status') ?? ''),
  };
}

async function* unquoted(text: AsyncIterable<Uint8Array>, quoting: Quoting): AsyncGenerator<Uint8Array> {
  const unquoting = new FromUnquoting(quoting);
  for await (const piece of text) yield* unquoting.write(piece);
  yield unquoting.end();
}

/** The beginning of a text, and the whole of it. */
async function peek(
  text: AsyncIterable<Uint8Array>,
): Promise<{ head: Buffer; rest: AsyncIterable<Uint8Array> }> {
  const source = text[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < longestHeader) {
    const { value, done } = await source.next();
    if (done) break;
    // The source may use its room again.
    pieces.push(Uint8Array.from(value));
    length += value.length;
  }
  const head = Buffer.concat(pieces);
  async function* rest() {
    yield head;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }
  return { head, rest: rest() };
}

async function* pass(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function* toWire(pieces: AsyncIterable<Uint8Array>, isOurs: boolean): AsyncGenerator<Uint8Array> {
  const lines = new WireLines(isOurs);
  for await (const piece of pieces) yield lines.write(piece);
}

async function* behind(pieces: AsyncIterable<Uint8Array>, octets: number): AsyncGenerator<Uint8Array> {
  let left = octets;
  for await (const piece of pieces) {
    yield piece.subarray(Math.min(left, piece.length));
    left -= Math.min(left, piece.length);
  }
}

async function* withoutLastOctet(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    yield held;
    yield piece.subarray(0, -1);
    held = piece.slice(-1);
  }
}
