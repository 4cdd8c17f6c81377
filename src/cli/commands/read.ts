/** obalka read: one mail, for a person, or byte for byte. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { envelopeFlags } from '../../format/envelope-flags.js';
import { decodePrelude, type Prelude } from '../../format/prelude.js';
import type { SegmentIndex } from '../../reader/blocks.js';
import { headerText, octetsAsText } from '../../reader/header-text.js';
import { isYoursAlone, type KeyChanges } from '../../reader/key-changes.js';
import type { Mail } from '../../reader/mail.js';
import type { Message } from '../../reader/message.js';
import { limitsFor, type Parsed, Parser } from '../../reader/parser.js';
import { inQuarantine } from '../../reader/quarantine.js';
import { visibleJson, visibleText } from '../../reader/visible.js';
import { headerOf, wholeContent } from '../../reader/whole-content.js';
import { type Identity, showFingerprint } from '../../seal/keys.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { jsonFields, localTime } from '../mailbox/list-lines.js';
import { findListed, type MailReadingOptions, withMail } from '../mailbox/mail-reading.js';
import { messagePieces } from '../mailbox/message-pieces.js';
import { collect, pinsOption } from '../options.js';
import { print, say, write } from '../terminal/output.js';
import { withPager } from '../terminal/pager.js';
import { foldedLines } from '../terminal/text-width.js';

interface ReadOptions extends MailReadingOptions {
  readonly peek?: boolean;
  readonly raw?: boolean;
  readonly headers?: boolean;
  readonly json?: boolean;
  readonly html?: boolean;
  readonly pager: boolean;
}

export function readCommand(program: Command): void {
  program
    .command('read')
    .argument('<ID>', 'as "obalka list" shows it; a beginning of it will do')
    .description('show one mail')
    .option('--raw', 'the content, byte for byte as it was received')
    .option('--headers', 'the header alone')
    .option('--html', 'the HTML part, made so that a browser loads nothing from elsewhere')
    .option('--json', 'one JSON object')
    .option('--no-pager', 'write to the terminal itself')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option('--peek', 'leave the mail unread')
    .option(...cacheOption)
    .option(...pinsOption)
    .action((id: string, options: ReadOptions) => {
      const forms = [options.raw, options.headers, options.html, options.json].filter(Boolean);
      if (forms.length > 1) throw new Problem('usage', 'give one of --raw, --headers, --html, --json');
      return withMail(options, async (opened) => {
        const { mailbox, changes, marksOf } = opened;
        const listed = await findListed(opened, id);
        const mail = await mailbox.opened(listed);
        const index = await mailbox.index();
        const marks = marksOf(listed.identity);
        if (options.raw) for await (const piece of index.content(mail)) await write(piece);
        else {
          const isUnread = marks && !marks.isRead(listed);
          await show(
            mail,
            index,
            changes,
            options,
            jsonFields(listed, changes, isUnread),
            opened.identities[0],
          );
        }
        // Programs ask for these forms; a person has not read the mail because of that.
        if (!options.peek && !options.raw && !options.headers && !options.json) marks?.mark([listed], true);
      });
    });
}

async function show(
  mail: Mail,
  index: SegmentIndex,
  changes: KeyChanges,
  options: ReadOptions,
  fields: Record<string, unknown>,
  newest: Identity | undefined,
): Promise<void> {
  if (options.headers) return print(visibleText(octetsAsText(await headerOf(index.content(mail)))));
  const content = await wholeContent(index.content(mail), mail.envelope.contentLength);
  const prelude = decodePrelude(await index.prelude(mail));
  const parser = new Parser(limitsFor(content.length));
  const wanted = { withoutHtml: options.html !== true, isGiven: true };
  const parsed = await parser.takeApart(content, wanted).finally(() => parser.close());
  if (options.html) return printHtml(mail, parsed);
  if (options.json) return print(visibleJson({ ...fields, ...asJson(mail, prelude, parsed) }));
  const message = 'message' in parsed ? parsed.message : outline(mail, parsed.fault);
  const pieces = messagePieces(message, received(mail, prelude), keys(mail, changes, newest));
  const { isTTY, columns } = process.stdout;
  if (!isTTY) for (const piece of pieces) await write(piece);
  else
    await withPager(options.pager, 'beginning', async (sink) => {
      for (const lines of foldedLines(pieces, columns)) if (sink.isOpen) await sink.print(lines);
    });
  if (isTTY)
    (await import('../terminal/next-steps.js')).afterRead(mail.id, message.attachments.length, options);
}

/** What the envelope says of a message that could not be taken apart. */
function outline(mail: Mail, fault: string): Message {
  const { summary } = mail.envelope;
  const headers = [
    { name: 'From', value: headerText(summary.from) },
    { name: 'Date', value: headerText(summary.date) },
    { name: 'Subject', value: headerText(summary.subject) },
  ];
  return {
    headers: headers.filter(({ value }) => value !== ''),
    text: `(this message cannot be taken apart: ${fault}; "obalka read --raw ${mail.id}" gives it as it came)`,
    isCut: false,
    html: '',
    attachments: [],
  };
}

async function printHtml(mail: Mail, parsed: Parsed): Promise<void> {
  if ('fault' in parsed)
    throw new Problem('failure', `${mail.id}: this message cannot be taken apart: ${parsed.fault}`);
  const { html } = parsed.message;
  if (html === '')
    throw new Problem(
      'missing',
      `${mail.id}: this mail has no HTML part; without --html it is shown as text`,
    );
  if (process.stdout.isTTY)
    say('obalka: for a browser, write this to a file: obalka read --html ID > mail.html');
  await print(inQuarantine(process.stdout.isTTY ? visibleText(html) : html));
}

function asJson(mail: Mail, prelude: Prelude | undefined, parsed: Parsed): Record<string, unknown> {
  const envelope = { recipient: mail.envelope.recipient, ...prelude };
  if ('fault' in parsed) return { envelope, fault: parsed.fault, headers: [], text: '', attachments: [] };
  const { headers, text, isCut, attachments } = parsed.message;
  return {
    envelope,
    headers,
    text,
    ...(isCut && { textCut: true }),
    attachments: attachments.map(({ name, type, content, inline }) => ({
      ...{ name: name || '(no name)', type, size: content.length, inline },
    })),
  };
}

/** Whether the server itself wrote a mail: no sender can say so. */
function isNotice({ envelope }: Mail): boolean {
  return (envelope.flags & envelopeFlags.notice) !== 0;
}

/** How the mail came, in plain words; all of it was sealed when it arrived. */
function received(mail: Mail, prelude: Prelude | undefined): string {
  const { envelope } = mail;
  const time = localTime(envelope.receivedAt) ?? 'at an unknown time';
  if (isNotice(mail)) return `a notice of the server itself about ${envelope.recipient}, written ${time}`;
  if (prelude?.protocol === 'import') {
    const way = prelude.notes?.['import.received'];
    const before = way === undefined ? '' : `; it had come ${way}`;
    const from = prelude.from === '' ? '' : ` from ${prelude.from}`;
    return `old mail that was brought in for ${envelope.recipient}, received ${time}${from} (nothing of this is vouched for)${before}`;
  }
  const facts = [`received ${time} for ${envelope.recipient}`];
  if (prelude) {
    facts.push(prelude.from === '' ? 'from nobody (a notification)' : `from ${prelude.from}`);
    facts.push(
      `by ${prelude.protocol.toUpperCase()}${prelude.client ? ` from ${prelude.client}` : ''} (${prelude.helo})`,
    );
    facts.push(prelude.tls === '' ? 'not encrypted on the way' : `encrypted on the way with ${prelude.tls}`);
  }
  return facts.join(', ');
}

/** The key set of the address, whose it is, whether it is another than before, and which key opened the mail if not the first. */
function keys(mail: Mail, changes: KeyChanges, first: Identity | undefined): string {
  const who = isYoursAlone(mail) ? 'yours alone' : 'others open mail for this address too';
  const before = changes.of(mail)?.before;
  const change = before ? `; other keys than before (${showFingerprint(before)})` : '';
  const opener = showFingerprint(mail.identity.fingerprint);
  const other =
    first && opener !== showFingerprint(first.fingerprint)
      ? `; opened with another of your keys (${opener})`
      : '';
  return `${showFingerprint(mail.envelope.keySet)}, ${who}${change}${other}`;
}
