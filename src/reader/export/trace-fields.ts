/** Trace fields: what a delivery agent writes on top of a mail, from what was sealed; and how it is known again (spec/export.md). */
import type { Prelude } from '../../format/prelude.js';

/** What the fields say of a mail. */
export interface TraceFacts {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly recipient: string;
  /** Undefined where it cannot be read. */
  readonly prelude: Prelude | undefined;
}

/** How the octets of a content stand in a file, where that is not the usual way. */
export interface Form {
  /** The line ends are as they were: there was an LF without a CR. */
  readonly asIs: boolean;
  /** The line end behind the content is not the content's own. */
  readonly noFinalLineEnd: boolean;
}

export const usualForm: Form = { asIs: false, noFinalLineEnd: false };

/** Characters of a value: a line of a header has 998 octets at most (RFC 5322, section 2.1.1). */
const longestValue = 240;

/** The fields, each line ended with LF. */
export function traceFields({ id, receivedAt, recipient, prelude }: TraceFacts, form: Form): string {
  const { helo, client, protocol, tls } = { helo: '', client: '', protocol: '', tls: '', ...prelude };
  const from = `${clean(helo) || 'unknown'}${client ? ` ([${clean(client)}])` : ''}`;
  const comments = [form.asIs ? ' (as-is)' : '', form.noFinalLineEnd ? ' (no-final-line-end)' : ''];
  return [
    `Return-Path: <${clean(prelude?.from ?? '')}>`,
    `Delivered-To: ${clean(recipient)}`,
    `Received: from ${from}`,
    `\tby obalka with ${withWord(protocol, tls !== '')}${tls ? ` (${clean(tls)})` : ''} id ${id}${comments.join('')}`,
    `\tfor <${clean(recipient)}>; ${mailDate(receivedAt)}`,
    '',
  ].join('\n');
}

/** What was found on top of a file. */
export interface FoundTrace {
  readonly id: string;
  /** Reverse-path without angle brackets. */
  readonly from: string;
  /** The field Received, unfolded, without its name. */
  readonly received: string;
  readonly form: Form;
  /** Octets that the fields take. */
  readonly length: number;
}

/** Longer than any fields that `traceFields` makes: so much of a file must be looked at. */
export const longestTrace = 8192;

const pattern = new RegExp(
  '^Return-Path: <([^\\n]*)>\\nDelivered-To: [^\\n]*\\nReceived: (from [^\\n]*\\n\\tby obalka with [^\\n]* ' +
    'id ([a-z2-7]{13})( \\(as-is\\))?( \\(no-final-line-end\\))?\\n\\tfor <[^\\n]*>; [^\\n]*)\\n',
);

/** The fields that an export put on top of a file, if it begins with them. */
export function findTrace(head: Uint8Array): FoundTrace | undefined {
  const found = pattern.exec(Buffer.from(head.subarray(0, longestTrace)).toString('latin1'));
  if (!found) return undefined;
  const [whole, from = '', received = '', id = '', asIs, noFinalLineEnd] = found;
  const utf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
  return {
    id,
    from: utf8(from),
    received: utf8(received.replace(/\n\t/g, ' ')),
    form: { asIs: asIs !== undefined, noFinalLineEnd: noFinalLineEnd !== undefined },
    length: whole.length,
  };
}

/** RFC 3848 has no words for these. */
function withWord(protocol: string, isTls: boolean): string {
  if (protocol === 'smtp') return isTls ? 'ESMTPS' : 'ESMTP';
  if (protocol === 'lmtp') return isTls ? 'LMTPS' : 'LMTP';
  return /^(notice|import)$/.test(protocol) ? protocol : 'unknown';
}

/** A value that stays on its line, whatever is in it. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.slice(0, longestValue).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

/** A time that the forms of dates can say; others are shown as the nearest. */
function sayable(milliseconds: number): Date {
  return new Date(Math.min(milliseconds, Date.UTC(9999, 11, 31, 23, 59, 59)));
}

/** RFC 5322, section 3.3, in UTC. */
export function mailDate(milliseconds: number): string {
  const time = sayable(milliseconds);
  const day = `${days[time.getUTCDay()]}, ${time.getUTCDate()} ${months[time.getUTCMonth()]}`;
  return `${day} ${time.getUTCFullYear()} ${clock(time)} +0000`;
}

/** asctime, as a From_ line has it, in UTC: "Fri Jan  5 08:00:00 2027". */
export function asctime(milliseconds: number): string {
  const time = sayable(milliseconds);
  const date = String(time.getUTCDate()).padStart(2, ' ');
  return `${days[time.getUTCDay()]} ${months[time.getUTCMonth()]} ${date} ${clock(time)} ${time.getUTCFullYear()}`;
}

function clock(time: Date): string {
  return `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
}
