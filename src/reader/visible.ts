/** Visible text: what came in a mail, made safe for a terminal. Nothing in it can move the cursor, recolour, or reorder. */

/**
 * Control characters (C0, DEL, C1), bidirectional overrides and isolates, zero-width and other invisible characters,
 * line and paragraph separators, tags, and lone surrogates.
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

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
