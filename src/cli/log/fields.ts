/** Fields: what an event may say besides its code. No type here has room for an address, a name, a size or a client. */
import { type Cause, systemCauses } from '../../core/cause.js';
import { Problem } from '../../core/errors.js';
import { type Key, keys } from '../config/settings.js';

/** Numbers of which a log knows no others. */
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000],
] as const;

/** How often something happened, at least. */
export type Times = (typeof steps)[number];

/** The largest step that is not above a number. */
export function timesOf(times: number): Times {
  return steps.findLast((step) => step <= times) ?? 1;
}

export const replyCodes = [
  ...[211, 214, 220, 221, 250, 252, 354, 421, 450, 451, 452, 454, 500, 501, 502, 503, 504, 521, 523, 530],
  ...[550, 551, 552, 553, 554, 555],
] as const;

/** A reply code of RFC 5321 and its kin; 0 for any other, which a policy made up. */
export type ReplyCode = (typeof replyCodes)[number] | 0;

export function replyCodeOf(code: number): ReplyCode {
  return replyCodes.find((one) => one === code) ?? 0;
}

const nths = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
/** Which of several things that the operator named, in his order; 0 for one further back. */
export type Nth = (typeof nths)[number] | 0;

export function nthOf(index: number): Nth {
  return nths.find((one) => one === index + 1) ?? 0;
}

const fileFaults = [
  'gone',
  'unreadable',
  'no certificate',
  'no key',
  'not its key',
  'unusable',
  'mistake',
] as const;
/** What is wrong with a file that the operator wrote. */
export type FileFault = (typeof fileFaults)[number];

/** The number of a line in such a file: made by `faultOfFile`, and of nothing else. */
export type LineNumber = number & { readonly __line: never };

export interface Fields {
  readonly cause?: Cause | undefined;
  readonly fault?: FileFault;
  readonly line?: LineNumber | undefined;
  /** Of the configuration. */
  readonly key?: Key;
  readonly certificate?: Nth;
  readonly protocol?: 'smtp' | 'lmtp';
  readonly reply?: ReplyCode;
  readonly times?: Times;
}

const said: readonly (readonly [RegExp, FileFault])[] = [
  [/ cannot be read \(/, 'unreadable'],
  [/ is gone\b/, 'gone'],
  [/ belongs to another certificate/, 'not its key'],
  [/: not a certificate/, 'no certificate'],
  [/: not a private key/, 'no key'],
  [/: OpenSSL cannot use/, 'unusable'],
];

/** Of a Problem with a file: what kind of fault it is, and in which line. What stands there is the operator's, and no log's. */
export function faultOfFile(error: unknown): Pick<Fields, 'fault' | 'line'> {
  const message = error instanceof Problem ? error.message : '';
  const line = /, line (\d{1,7})[:,] /.exec(message)?.[1];
  return {
    fault: said.find(([words]) => words.test(message))?.[1] ?? 'mistake',
    line: line === undefined ? undefined : (Number(line) as LineNumber),
  };
}

/** The fields in words, for the end of a line. What is not of its list is left out, whatever the types said. */
export function shownFields(fields: Fields): string {
  const among = <T>(list: readonly T[], value: T | undefined) =>
    value !== undefined && list.includes(value) ? value : undefined;
  const { line } = fields;
  const cause = among<string>([...systemCauses, 'other'], fields.cause);
  const fault = among<string>(fileFaults, fields.fault);
  const key = among<string>(keys, fields.key);
  const certificate = among<number>(nths, fields.certificate);
  const protocol = among(['smtp', 'lmtp'], fields.protocol);
  const reply = among<number>(replyCodes, fields.reply);
  const times = among<number>(steps, fields.times);
  const words = [
    ...(cause === undefined ? [] : [cause]),
    ...(fault === undefined ? [] : [fault]),
    ...(Number.isSafeInteger(line) ? [`line ${line}`] : []),
    ...(key === undefined ? [] : [key]),
    ...(certificate === undefined ? [] : [`certificate ${certificate}`]),
    ...(protocol === undefined ? [] : [protocol]),
    ...(reply === undefined ? [] : [`${reply}`]),
    ...(times === undefined || times === 1 ? [] : [`${times} times or more`]),
  ];
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}
