/** Content decoder: from the octets after 354 to the content, and to its one true end (RFC 5321 sections 4.1.1.4, 4.5.2). */

const CR = 13;
const LF = 10;
const DOT = 46;

/** Where in a line the last octet has left us. */
type Place = 'start' | 'line' | 'cr' | 'dot' | 'dotCr';
/** What an octet means: content, a mark that is not content, a bare CR or LF, the end. */
type Meaning = 'keep' | 'drop' | 'bare' | 'end';
type Step = readonly [Place, Meaning];

/** Every decision of the decoder: place → what CR, LF, a dot, any other octet does there. */
const steps: Record<
  Place,
  { readonly cr: Step; readonly lf: Step; readonly dot: Step; readonly other: Step }
> = {
  start: { cr: ['cr', 'keep'], lf: ['line', 'bare'], dot: ['dot', 'drop'], other: ['line', 'keep'] },
  line: { cr: ['cr', 'keep'], lf: ['line', 'bare'], dot: ['line', 'keep'], other: ['line', 'keep'] },
  cr: { cr: ['cr', 'bare'], lf: ['start', 'keep'], dot: ['line', 'bare'], other: ['line', 'bare'] },
  dot: { cr: ['dotCr', 'drop'], lf: ['line', 'bare'], dot: ['line', 'keep'], other: ['line', 'keep'] },
  dotCr: { cr: ['cr', 'bare'], lf: ['start', 'end'], dot: ['line', 'bare'], other: ['line', 'bare'] },
};

/** Octets from which on a native copy is faster than a loop. */
const worthACall = 48;
const nothing: Buffer = Buffer.alloc(0);

/** Decodes one content. Starts as if it just came from CRLF, so that a first line needs no rule of its own. */
export class ContentDecoder {
  #place: Place = 'start';
  #at = 0;
  #bare = false;
  #ended = false;

  /** Where in the last chunk decoding stopped. */
  get at(): number {
    return this.#at;
  }

  /** A bare CR or LF was met: what follows is still followed to its true end, but no longer given out. */
  get bare(): boolean {
    return this.#bare;
  }

  /** CRLF.CRLF was met; the octets from `at` on belong to the next command. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Decodes `bytes` from `from` on and returns the content in it: a view, or one copy where stuffed dots were taken
   * out. Stops at the end of the chunk, at the end of the content, and after the first bare CR or LF.
   */
  decode(bytes: Buffer, from: number): Buffer {
    const length = bytes.length;
    const none = length + 2;
    const runs: number[] = [];
    let begin = from;
    let at = from;
    // The next CR and LF at or after `at`. Each is looked for once, so no input makes this quadratic.
    let cr = -1;
    let lf = -1;
    while (at < length) {
      if (this.#place === 'line') {
        // The rest of this line and all whole lines after it, up to one that begins with a dot.
        for (;;) {
          if (cr < at) cr = orElse(bytes.indexOf(CR, at), none);
          if (lf < at) lf = orElse(bytes.indexOf(LF, at), none);
          if (lf !== cr + 1) break;
          at = lf + 1;
          if (at === length || bytes[at] === DOT) {
            this.#place = 'start';
            break;
          }
        }
        if (this.#place === 'line') at = Math.min(cr, lf);
        if (at >= length) break;
      }
      const octet = bytes[at];
      const row = steps[this.#place];
      const step = octet === CR ? row.cr : octet === LF ? row.lf : octet === DOT ? row.dot : row.other;
      const meaning = step[1];
      this.#place = step[0];
      at += 1;
      if (meaning === 'keep') continue;
      if (at - 1 > begin && !this.#bare) runs.push(begin, at - 1);
      begin = at;
      if (meaning === 'drop') continue;
      if (meaning === 'end') this.#ended = true;
      else if (this.#bare) continue;
      else this.#bare = true;
      this.#at = at;
      return join(bytes, runs);
    }
    if (length > begin && !this.#bare) runs.push(begin, length);
    this.#at = length;
    return join(bytes, runs);
  }
}

/** The runs of `bytes` (begin, end, begin, end ...) as one. */
function join(bytes: Buffer, runs: readonly number[]): Buffer {
  if (runs.length === 0) return nothing;
  if (runs.length === 2) return bytes.subarray(runs[0], runs[1]);
  let sum = 0;
  for (let i = 0; i < runs.length; i += 2) sum += (runs[i + 1] as number) - (runs[i] as number);
  const whole = Buffer.allocUnsafe(sum);
  let to = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const begin = runs[i] as number;
    const end = runs[i + 1] as number;
    if (end - begin >= worthACall) to += bytes.copy(whole, to, begin, end);
    else for (let at = begin; at < end; at++) whole[to++] = bytes[at] as number;
  }
  return whole;
}

function orElse(found: number, none: number): number {
  return found < 0 ? none : found;
}
