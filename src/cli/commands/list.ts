/** obalka list: the mail of a mailbox, newest last. */
import type { Command } from 'commander';
import { envelopeFlags } from '../../format/envelope.js';
import { headerText } from '../../reader/header-text.js';
import type { KeyChanges } from '../../reader/key-changes.js';
import type { Mail } from '../../reader/mail.js';
import { visibleJson, visibleLine } from '../../reader/visible.js';
import { showFingerprint } from '../../seal/keys.js';
import { type ReadingOptions, withMailbox } from '../journal-reading.js';
import { size } from '../message-lines.js';
import { forEmptyMailbox, hintToRead } from '../next-steps.js';
import { collect, count, pinsOption } from '../options.js';
import { inform, print, say } from '../output.js';

interface ListOptions extends ReadingOptions {
  readonly limit?: number;
  readonly json?: boolean;
}

export function listCommand(program: Command): void {
  program
    .command('list')
    .description('list the mail that your identity opens, newest last')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--limit <N>', 'only the last N', count)
    .option('--json', 'one JSON object a line')
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...pinsOption)
    .action((options: ListOptions) =>
      withMailbox(options, async (contents, _index, _found, changes) => {
        if (contents.faults.length + contents.damaged.length > 0) process.exitCode = 5;
        const expired = contents.expired.length;
        if (expired > 0)
          say(
            `${expired} ${expired === 1 ? 'mail is' : 'mails are'} expired: what held the content was dropped`,
          );
        if (contents.mails.length + expired === 0) await sayEmpty(options);
        const mails = options.limit === undefined ? contents.mails : contents.mails.slice(-options.limit);
        const line = options.json ? jsonLine : textLine;
        for (let at = 0; at < mails.length; at += linesAtOnce)
          await print(...mails.slice(at, at + linesAtOnce).map((mail) => line(mail, changes)));
        hintToRead(mails, options);
      }),
    );
}

async function sayEmpty({ data, identity }: ListOptions): Promise<void> {
  inform('no mail for this identity here (a mailbox without mail and a key of somebody else look alike)');
  await forEmptyMailbox(data, identity);
}

const linesAtOnce = 1000;

/** The documented fields of one mail (spec/commands.md, Reading). */
export function jsonLine(mail: Mail, changes: KeyChanges): string {
  const { id, envelope } = mail;
  const { summary } = envelope;
  return visibleJson({
    id,
    receivedAt: isoTime(envelope.receivedAt),
    from: headerText(summary.from),
    to: envelope.recipient,
    subject: headerText(summary.subject),
    date: headerText(summary.date),
    messageId: headerText(summary.messageId),
    size: envelope.contentLength,
    key: showFingerprint(mail.identity.fingerprint),
    keySet: showFingerprint(envelope.keySet),
    flags: [
      ...(isNotice(mail) ? ['notice'] : []),
      ...(envelope.flags & envelopeFlags.sharedAddress ? ['shared-address'] : []),
      ...(envelope.flags & envelopeFlags.imported ? ['imported'] : []),
      ...(changes.of(mail) ? ['keys-changed'] : []),
    ],
  });
}

/** Whether the server itself wrote a mail: no sender can say so. */
export function isNotice({ envelope }: Mail): boolean {
  return (envelope.flags & envelopeFlags.notice) !== 0;
}

/** The mark stands where nothing of the mail's own words can. */
export function textLine(mail: Mail, changes: KeyChanges): string {
  const { id, envelope } = mail;
  const mark = changes.of(mail) ? '!' : isNotice(mail) ? '#' : ' ';
  const time = localTime(envelope.receivedAt);
  const from = visibleLine(headerText(envelope.summary.from)) || '(no sender)';
  const subject = visibleLine(headerText(envelope.summary.subject)) || '(no subject)';
  return `${id} ${mark} ${time}  ${size(envelope.contentLength)}  ${column(from, 28)}  ${subject}`;
}

/** ISO 8601 in UTC; null for a time that no calendar reaches. */
export function isoTime(milliseconds: number): string | null {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** "2026-11-21 02:56" where the reader is. */
function localTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return '????-??-?? ??:??';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** A text of exactly so many characters; what is cut off shows. */
function column(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
