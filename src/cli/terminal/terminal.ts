/** Terminal: whether somebody looks, how wide it is, and whether it takes colour. All colour goes through here. */

/** What standard output and standard error are. */
interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Narrower than this, nothing is cut to fit. */
const narrowest = 20;
const usualWidth = 80;

/** Whether a terminal is there that moves its cursor: lines on it can be written over. */
export function isTerminal(stream: Stream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

/** Columns: those of the terminal, else COLUMNS, else 80. */
export function widthOf(stream: Stream): number {
  const width = stream.columns ?? Number(process.env.COLUMNS);
  return Number.isInteger(width) && width >= narrowest ? width : usualWidth;
}

/** NO_COLOR (any text but none) forbids it, FORCE_COLOR (but 0) wants it; else a terminal has it, unless it is dumb. */
export function hasColour(stream: Stream): boolean {
  if (process.env.NO_COLOR) return false;
  const force = process.env.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal(stream);
}

/** Bold where there is colour; the bare text elsewhere. */
export function bold(text: string, stream: Stream = process.stdout): string {
  return hasColour(stream) ? `\u001b[1m${text}\u001b[22m` : text;
}
