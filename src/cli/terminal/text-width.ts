/** Text width: how many columns a terminal takes for a text, and texts cut or filled to so many. */

/** Marks, and Hangul vowels and finals, that stand on the letter before them. */
const none = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]$/u;
/** Letters of two columns (UAX #11, Wide and Fullwidth), and pictures. */
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u231a\u231b\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18aff}]|[\u{1b000}-\u{1b2ff}]|[\u{1f200}-\u{1f2ff}]|[\u{20000}-\u{3fffd}])$/u;
const pictureSelector = '\ufe0f';

/** Columns of a text that has been made visible. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** A text of exactly so many columns; what is cut off shows. */
export function fitted(text: string, width: number): string {
  return cut(text, width) + ' '.repeat(Math.max(0, width - textWidth(cut(text, width))));
}

/** A text of at most so many columns; what is cut off shows. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const more = widthOf(character);
    if (used + more > width - 1) break;
    kept += character;
    used += more;
  }
  return width > 0 ? `${kept}…` : '';
}

/**
 * Lines of at most so many columns, cut at spaces where there are any; a word that is longer than a line is cut too. What
 * a line begins with, spaces and marks of quoted text, stays with its first piece.
 */
export function folded(text: string, columns: number): string[] {
  return text
    .split('\n')
    .flatMap((line) => (textWidth(line) <= columns ? [line] : foldedLine(line, columns)));
}

/** The same of a text that comes in pieces: the lines of each piece. A line that does not end is folded on the way. */
export function* foldedLines(pieces: Iterable<string>, columns: number): Generator<string[]> {
  const longest = 65_536;
  let rest = '';
  for (const piece of pieces) {
    rest += piece;
    if (rest.length < longest && !piece.includes('\n')) continue;
    const lines = folded(rest, columns);
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}

function foldedLine(line: string, columns: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  /** Where the last space of the piece stands, behind its first word. */
  let space = -1;
  for (const character of line) {
    const more = widthOf(character);
    if (used + more > columns && piece !== '') {
      if (character === ' ') {
        pieces.push(piece);
        piece = '';
        used = 0;
        space = -1;
        continue;
      }
      const rest = space < 0 ? '' : piece.slice(space + 1);
      pieces.push(space < 0 ? piece : piece.slice(0, space));
      piece = rest;
      used = textWidth(rest);
      space = -1;
    }
    if (character === ' ' && /\S/.test(piece)) space = piece.length;
    piece += character;
    used += more;
  }
  pieces.push(piece);
  return pieces;
}

/** The selector makes a picture, of two columns, of a character that else has one. */
function widthOf(character: string): number {
  if (character === pictureSelector) return 1;
  if (none.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
