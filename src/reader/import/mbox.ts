/** mbox: where its mails begin and end, in memory that does not grow with them. */

/** One mail of an mbox. Its text must be read to the end before the next is asked for. */
export interface MboxMail {
  /** Where its From_ line begins, in octets. */
  readonly offset: number;
  /** The line without its end. */
  readonly fromLine: string;
  /** As it stands there: quoted, without the empty line behind it. */
  readonly text: AsyncGenerator<Uint8Array>;
}

/** The file does not begin with a From_ line. */
export class NoMbox extends Error {}

const lf = 0x0a;
const cr = 0x0d;
/** Longer lines separate nothing. */
const longestFromLine = 4096;
/** The end of a line and an empty one, and as much of "From " as is not enough to know it. */
const heldBack = 2 + 2 + 4;
/** A line behind which a mail may begin, if it is empty. */
const separator = '\nFrom ';

/** A line "From …" behind an empty line, or at the beginning, begins a mail. Throws NoMbox. */
export async function* mailsOfMbox(source: AsyncIterable<Uint8Array>): AsyncGenerator<MboxMail> {
  const splitter = new Splitter(source[Symbol.asyncIterator]());
  for (let line = await splitter.first(); line; line = splitter.following()) {
    yield { ...line, text: splitter.text() };
    await splitter.skipRest();
  }
}

type FromLine = Pick<MboxMail, 'offset' | 'fromLine'>;

class Splitter {
  /** The line that ended the text. */
  #next: FromLine | undefined;
  #buffer = Buffer.alloc(0);
  /** What of the buffer was given out; the octets before it are looked back at. */
  #at = 0;
  /** Offset in the file of the buffer's beginning. */
  #offset = 0;
  #isOver = false;
  #inText = false;

  constructor(readonly source: AsyncIterator<Uint8Array>) {}

  async first(): Promise<FromLine | undefined> {
    while (this.#buffer.length < longestFromLine && !this.#isOver) await this.#read();
    if (this.#buffer.length === 0) return undefined;
    const found = this.#buffer.indexOf(lf);
    const end = found < 0 && this.#isOver ? this.#buffer.length : found;
    if (this.#buffer.toString('latin1', 0, 5) !== 'From ' || end < 0) throw new NoMbox();
    this.#next = this.#begin(0, end);
    return this.following();
  }

  /** The line that ended the last text: the next text begins. */
  following(): FromLine | undefined {
    const line = this.#next;
    this.#next = undefined;
    this.#inText = line !== undefined;
    return line;
  }

  async *text(): AsyncGenerator<Uint8Array> {
    while (this.#inText) {
      const found = this.#find();
      if (found) {
        const [end, line, lineEnd] = found;
        const piece = this.#buffer.subarray(this.#at, end);
        this.#next = this.#begin(line, lineEnd);
        this.#inText = false;
        yield piece;
      } else if (this.#isOver) {
        const piece = this.#buffer.subarray(this.#at, this.#lastEmptyLine());
        this.#inText = false;
        yield piece;
      } else {
        const upTo = Math.max(this.#at, this.#buffer.length - this.#undecided());
        const piece = this.#buffer.subarray(this.#at, upTo);
        this.#at = upTo;
        yield piece;
        await this.#read();
      }
    }
  }

  /** For whoever did not read a mail to its end. */
  async skipRest(): Promise<void> {
    if (this.#inText) for await (const _ of this.text());
  }

  #begin(at: number, lineEnd: number): FromLine {
    const offset = this.#offset + at;
    const fromLine = this.#buffer.toString('latin1', at, lineEnd).replace(/\r$/, '');
    this.#at = lineEnd + 1;
    return { offset, fromLine };
  }

  /** Where the text ends, and where the line begins and ends behind it. */
  #find(): [end: number, line: number, lineEnd: number] | undefined {
    const buffer = this.#buffer;
    for (let at = buffer.indexOf(separator, this.#at); at >= 0; at = buffer.indexOf(separator, at + 1)) {
      const empty = this.#emptyLineBefore(at);
      const lineEnd = buffer.indexOf(lf, at + 1);
      if (empty === undefined) continue;
      // The end of the file ends the line too: there is nothing behind it.
      if (lineEnd >= 0 ? lineEnd - at <= longestFromLine : this.#isOver)
        return [empty, at + 1, lineEnd >= 0 ? lineEnd : buffer.length];
    }
    return undefined;
  }

  /** Where the empty line begins that an LF ends; undefined if the line is not empty. */
  #emptyLineBefore(end: number): number | undefined {
    const begin = this.#buffer[end - 1] === cr ? end - 1 : end;
    return begin >= this.#at && this.#buffer[begin - 1] === lf ? begin : undefined;
  }

  /** Octets at the end of the buffer of which it is not known what they are. */
  #undecided(): number {
    const last = this.#buffer.lastIndexOf(separator);
    const isOpen =
      last >= this.#at &&
      this.#emptyLineBefore(last) !== undefined &&
      this.#buffer.indexOf(lf, last + 1) < 0 &&
      this.#buffer.length - last <= longestFromLine;
    return isOpen ? this.#buffer.length - last + 2 : heldBack;
  }

  /** Where the text of the last mail ends: before an empty line, if there is one. */
  #lastEmptyLine(): number {
    const { length } = this.#buffer;
    if (length <= this.#at || this.#buffer[length - 1] !== lf) return length;
    return this.#emptyLineBefore(length - 1) ?? length;
  }

  async #read(): Promise<void> {
    const { value, done } = await this.source.next();
    if (done) {
      this.#isOver = true;
      return;
    }
    // One octet before is looked back at.
    const from = Math.max(0, this.#at - 1);
    this.#buffer = Buffer.concat([this.#buffer.subarray(from), value]);
    this.#offset += from;
    this.#at -= from;
  }
}
