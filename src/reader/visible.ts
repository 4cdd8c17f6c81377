/** Visible text: what came in a mail, made safe for a terminal. Nothing in it can move the cursor, recolour, or reorder. */

/**
 * Control and format characters (C0, C1, bidirectional overrides and isolates, zero-width characters, tags), line and
 * paragraph separators, lone surrogates; letters and marks that show nothing: fillers, the grapheme joiner, and variation
 * selectors anywhere but behind an emoji; and each mark behind ten others. Marks are what takes no column of a terminal,
 * Hangul vowels and finals among them. No script puts more than eight on one letter (Tibetan), and thousands would be
 * drawn over the lines around it.
 */
const hidden =
  /\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|\u034f|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180d]|\u3164|\uffa0|(?<!\p{Emoji})[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]|[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7fb](?<=[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7fb]{11})/gu;

/** One line: every hidden character is written as ‹U+XXXX›, tabs as spaces. */
export function visibleLine(text: string): string {
  return text.replaceAll('\t', ' ').replace(hidden, (character) => {
    const code = character.codePointAt(0) as number;
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

/** Many lines: line breaks stay, the rest is as in visibleLine. */
export function visibleText(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map(visibleLine)
    .join('\n');
}

/** A value as one line of JSON in which hidden characters are written as escapes; it reads back the same. */
export function visibleJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 2 * pieceLength ? Array.from(piecesOf(json), escaped).join('') : escaped(json);
}

function escaped(json: string): string {
  return json.replace(hidden, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** Letters of a piece of a long text. */
const pieceLength = 65_536;
/** How much longer a piece may become, to end with a line. */
const mostMore = 4096;

/** A text in pieces, as what is made of a piece may be many times as long. They end with a line, if lines are not long. */
export function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + pieceLength, text.length);
    const lineEnd = text.slice(to - 1, to + mostMore).indexOf('\n');
    if (lineEnd >= 0) to += lineEnd;
    // Not between the halves of a letter, or of a line's end.
    else if (to < text.length && /[\r\ud800-\udbff]/.test(text.charAt(to - 1))) to += 1;
    yield text.slice(from, to);
    from = to;
  }
}
