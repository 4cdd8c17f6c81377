/** A word as a shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command, to be typed. */
export function shownWords(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A command of the program, to be typed. */
export function shownCommand(...words: readonly string[]): string {
  return shownWords('obalka', ...words);
}
