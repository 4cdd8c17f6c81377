/** Told lines: what a command says of the notices that its change was told by. */

/** None if nobody was told. */
export function toldLines(what: string, told: number): string[] {
  if (told === 0) return [];
  return [`${what}: a notice was sealed to ${told === 1 ? 'the key' : `the ${told} keys`} it had before`];
}
