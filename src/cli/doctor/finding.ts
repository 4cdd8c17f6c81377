/** Finding: one thing that doctor looked at, what it saw, and the lines that mend it. */
import { visibleLine } from '../../reader/visible.js';
import { bold } from '../terminal/terminal.js';

/** `unseen`: it could not be looked at, which is no fault of the machine. */
export type Level = 'ok' | 'warning' | 'bad' | 'unseen';

export interface Finding {
  readonly level: Level;
  /** One word: "swap". */
  readonly about: string;
  readonly seen: string;
  /** Lines for a shell, a zone or a configuration, to be taken as they stand. */
  readonly mend: readonly string[];
}

type Making = (about: string, seen: string, ...mend: readonly string[]) => Finding;

const making =
  (level: Level): Making =>
  (about, seen, ...mend) => ({ level, about, seen, mend });

export const ok = making('ok');
export const warning = making('warning');
export const bad = making('bad');
export const unseen = making('unseen');

/** As a person reads it: the finding, and its lines below. Some of it is from DNS, where anybody may write anything. */
export function findingLines({ level, about, seen, mend }: Finding): string[] {
  const sign = level.padEnd(7);
  return [
    `${level === 'bad' ? bold(sign) : sign}  ${visibleLine(`${about.padEnd(11)}  ${seen}`)}`,
    ...mend.map((line) => `${' '.repeat(22)}${visibleLine(line)}`),
  ];
}
