/** Page: examples of a command, exit codes, and what else to read; help and manual pages show it. */

export interface CommandPage {
  /** Lines for a shell, as they may be typed, and what they do where that is not plain. */
  readonly examples: readonly (readonly [line: string, what?: string])[];
  /** What may be typed, or is shown, and cannot be guessed. */
  readonly words?: {
    readonly title: string;
    readonly rows: readonly (readonly [word: string, meaning: string])[];
  };
  /** The codes beside 0, 1 and 2; what a code means here where the general words say too little. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** Names of commands; nothing for the program itself. */
  readonly seeAlso: readonly string[];
}

/** Of commands that find mail: it may be absent, the identity bad, the mail damaged. */
export const ofOneMail = { 3: 'no mail has this id, or it is erased or expired', 4: '', 5: '' } as const;
export const ofMailbox = { 3: 'there is no journal', 4: '', 5: '' } as const;
export const ofRegistry = { 75: '' } as const;
