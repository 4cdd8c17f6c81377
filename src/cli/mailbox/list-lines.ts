/** List lines: a mail as one line of a list, for a terminal of some width, for a pipe, or as JSON. */
import { envelopeFlags } from '../../format/envelope-flags.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import type { KeyChanges } from '../../reader/key-changes.js';
import { visibleJson, visibleLine } from '../../reader/visible.js';
import { showFingerprint } from '../../seal/keys.js';
import { hasColour } from '../terminal/terminal.js';
import { cut, fitted } from '../terminal/text-width.js';
import { size as shownSize } from './shown-size.js';

/** How lines are to look. */
export interface LineForm {
  /** Columns of the terminal; undefined where there is none: nothing is cut off, and dates are whole. */
  readonly columns: number | undefined;
  /** Whether what is unread may be bold. */
  readonly isBold: boolean;
  readonly now: Date;
}

/** As standard output wants it. */
export function lineForm(): LineForm {
  const { isTTY, columns } = process.stdout;
  return {
    columns: isTTY ? columns : undefined,
    isBold: hasColour(process.stdout),
    now: new Date(),
  };
}

/** The documented fields of one mail (spec/commands.md, Reading). `isUnread`: undefined where nothing is known of it. */
export function jsonLine(mail: ListedMail, changes: KeyChanges, isUnread: boolean | undefined): string {
  return visibleJson(jsonFields(mail, changes, isUnread));
}

export function jsonFields(
  mail: ListedMail,
  changes: KeyChanges,
  isUnread: boolean | undefined,
): Record<string, unknown> {
  const { id, from, addressing, subject, date, messageId, size } = mail;
  const flags: string[] = [];
  if (mail.flags & envelopeFlags.notice) flags.push('notice');
  if (mail.flags & envelopeFlags.sharedAddress) flags.push('shared-address');
  if (mail.flags & envelopeFlags.imported) flags.push('imported');
  if (changes.of(mail)) flags.push('keys-changed');
  if (isUnread) flags.push('unread');
  const receivedAt = isoTime(mail.receivedAt);
  const [to, key, keySet] = [
    addressing.recipient,
    shown(mail.identity.fingerprint),
    shown(addressing.keySet),
  ];
  return { id, receivedAt, from, to, subject, date, messageId, size, key, keySet, flags };
}

/** A mailbox has many mails, and few fingerprints. */
const fingerprints = new WeakMap<Uint8Array, string>();

function shown(fingerprint: Uint8Array): string {
  const known = fingerprints.get(fingerprint);
  if (known !== undefined) return known;
  const text = showFingerprint(fingerprint);
  fingerprints.set(fingerprint, text);
  return text;
}

/** The marks stand where nothing of the mail's own words can: `!` other keys, `#` a notice; `N` not read yet. */
export function textLine(
  mail: ListedMail,
  changes: KeyChanges,
  isUnread: boolean | undefined,
  form: LineForm,
): string {
  const mark = changes.of(mail) ? '!' : mail.flags & envelopeFlags.notice ? '#' : ' ';
  const from = visibleLine(unquoted(mail.from)) || '(no sender)';
  const subject = visibleLine(mail.subject.replace(/\s+/g, ' ').trim()) || '(no subject)';
  const begin = `${mail.id} ${mark}${isUnread ? 'N' : ' '}`;
  const { columns } = form;
  if (columns === undefined)
    return `${begin} ${wholeTime(mail.receivedAt)}  ${shownSize(mail.size)}  ${fitted(from, 28)}  ${subject}`;
  const left = Math.max(0, columns - begin.length - 1 - dateWidth - 2);
  const octets = left >= 40 ? `${shownSize(mail.size)}  ` : '';
  const sender = Math.min(28, Math.max(8, Math.floor((left - octets.length) * 0.32)));
  const line = `${begin} ${shortTime(mail.receivedAt, form.now)}  ${octets}${fitted(from, sender)}  `;
  const whole = cut(line + cut(subject, Math.max(1, left - octets.length - sender - 2)), columns);
  return isUnread && form.isBold ? `\u001b[1m${whole}\u001b[0m` : whole;
}

/** `"Ann B." <ann@example.org>` without the quotes, which are for programs. */
function unquoted(from: string): string {
  const [, name = '', address = ''] = /^"((?:[^"\\]|\\.)+)"\s*(<.*)$/s.exec(from) ?? [];
  return name === '' ? from : `${name.replace(/\\(.)/gs, '$1')} ${address}`;
}

/** ISO 8601 in UTC; null for a time that no calendar reaches. */
export function isoTime(milliseconds: number): string | null {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** "2026-11-21 02:56:31 +0100" where the reader is; undefined for a time that no calendar reaches. */
export function localTime(milliseconds: number): string | undefined {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return undefined;
  const east = -time.getTimezoneOffset();
  const zone = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}${two(Math.abs(east) % 60)}`;
  return `${wholeTime(milliseconds)}:${two(time.getSeconds())} ${zone}`;
}

/** "2026-11-21 02:56" where the reader is. */
function wholeTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return '????-??-?? ??:??';
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

const dateWidth = 6;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** " 02:56" of today, "Nov 21" of this year, "  2025" of others; where the reader is. */
function shortTime(milliseconds: number, now: Date): string {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return '????'.padStart(dateWidth);
  if (time.toDateString() === now.toDateString())
    return `${two(time.getHours())}:${two(time.getMinutes())}`.padStart(dateWidth);
  if (time.getFullYear() === now.getFullYear())
    return `${months[time.getMonth()]} ${String(time.getDate()).padStart(2)}`;
  return String(time.getFullYear()).padStart(dateWidth);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
