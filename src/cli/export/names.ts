/** Names of exported files: from the time and the id of a mail, the same each time. */
import type { Mail } from '../../reader/mail.js';

/** "20270115T080000Z-u7hqlafwerprk": names in order of time. */
export function fileName({ id, receivedAt }: Mail): string {
  const time = new Date(Math.min(receivedAt, Date.UTC(9999, 11, 31, 23, 59, 59)));
  return `${time.toISOString().replace(/[-:]|\.\d+/g, '')}-${id}`;
}

/** The file in a Maildir that says what it got; where it lies, an export keeps the folder. */
export const maildirList = '.obalka-export';

/** The unique part of a Maildir name: "1800000000.M123000_u7hqlafwerprk.obalka". */
export function maildirName({ id, receivedAt }: Mail): string {
  const seconds = Math.floor(receivedAt / 1000);
  return `${seconds}.M${(receivedAt % 1000) * 1000}_${id}.obalka`;
}

/** The id in the name of a file of a Maildir that an export put there. */
export function idInMaildirName(name: string): string | undefined {
  return /^\d+\.M\d+_([a-z2-7]{13})\.obalka(?:[,:;!].*)?$/s.exec(name)?.[1];
}

/** The name under which a mail's file is written before it has its place. */
export function unfinishedName({ id }: Pick<Mail, 'id'>): string {
  return `.obalka-${id}.unfinished`;
}

export function isUnfinishedName(name: string): boolean {
  return /^\.obalka-[a-z2-7]{13}\.unfinished$/.test(name);
}

/** The time in the name of a file that an export wrote; `modifiedAt` where that is in the same second. Undefined for other names. */
export function timeInFileName(name: string, modifiedAt: number): number | undefined {
  const [, ...parts] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[a-z2-7]{13}\.eml(?:\.age)?$/.exec(name) ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 0, day, hour, minute, second] = parts.map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return Math.floor(modifiedAt / 1000) * 1000 === time ? modifiedAt : time;
}
