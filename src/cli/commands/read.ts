/** obalka read: one mail, for a person, or byte for byte. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { decodePrelude, type Prelude } from '../../format/prelude.js';
import type { SegmentIndex } from '../../reader/blocks.js';
import { isYoursAlone, type KeyChanges } from '../../reader/key-changes.js';
import type { Mail } from '../../reader/mail.js';
import { headerEnd, octetsAsText, render } from '../../reader/render.js';
import { visibleJson, visibleLine, visibleText } from '../../reader/visible.js';
import { showFingerprint } from '../../seal/keys.js';
import { findMail, type ReadingOptions, withMailbox } from '../journal-reading.js';
import { collect, pinsOption } from '../options.js';
import { print, write } from '../output.js';
import { isNotice, isoTime, jsonLine, size } from './list.js';

interface ReadOptions extends ReadingOptions {
  readonly raw?: boolean;
  readonly headers?: boolean;
  readonly json?: boolean;
}

export function readCommand(program: Command): void {
  program
    .command('read')
    .argument('<ID>', 'as "obalka list" shows it; a beginning of it will do')
    .description('show one mail')
    .option('--raw', 'the content, byte for byte as it was received')
    .option('--headers', 'the header alone')
    .option('--json', 'one JSON object')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...pinsOption)
    .action((id: string, options: ReadOptions) => {
      const forms = [options.raw, options.headers, options.json].filter(Boolean);
      if (forms.length > 1) throw new Problem('usage', 'give one of --raw, --headers, --json');
      return withMailbox(options, async (contents, index, changes) => {
        const mail = findMail(contents, id);
        if (options.raw) for await (const piece of index.content(mail)) await write(piece);
        else await show(mail, index, changes, options);
      });
    });
}

async function show(
  mail: Mail,
  index: SegmentIndex,
  changes: KeyChanges,
  options: ReadOptions,
): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of index.content(mail)) pieces.push(piece);
  const content = Buffer.concat(pieces);
  if (options.headers) return print(visibleText(octetsAsText(content.subarray(0, headerEnd(content)))));
  const prelude = decodePrelude(await index.prelude(mail));
  const { headers, text, attachments } = await render(content);
  if (options.json)
    return print(
      visibleJson({
        ...JSON.parse(jsonLine(mail, changes)),
        envelope: { recipient: mail.envelope.recipient, ...prelude },
        headers,
        text,
        attachments,
      }),
    );
  await print(
    ...headers.map(({ name, value }) => `${`${name}:`.padEnd(9)}${value}`),
    `Sealed:  ${received(mail, prelude)}`,
    `Keys:    ${keys(mail, changes)}`,
    '',
    text === '' && content.length > 0 ? '(no readable text found; --raw shows all there is)' : text,
    ...(attachments.length > 0 ? ['', ...attachments.map(attachmentLine)] : []),
  );
}

/** How the mail came, in plain words; all of it was sealed when it arrived. */
function received(mail: Mail, prelude: Prelude | undefined): string {
  const { envelope } = mail;
  const time = isoTime(envelope.receivedAt)?.replace(/\.\d+Z$/, 'Z') ?? 'at an unknown time';
  if (isNotice(mail))
    return visibleLine(`a notice of the server itself about ${envelope.recipient}, written ${time}`);
  const facts = [`received ${time} for ${envelope.recipient}`];
  if (prelude) {
    facts.push(prelude.from === '' ? 'from nobody (a notification)' : `from ${prelude.from}`);
    facts.push(
      `by ${prelude.protocol.toUpperCase()}${prelude.client ? ` from ${prelude.client}` : ''} (${prelude.helo})`,
    );
    facts.push(prelude.tls === '' ? 'not encrypted on the way' : `encrypted on the way with ${prelude.tls}`);
  }
  return visibleLine(facts.join(', '));
}

/** The key set of the address, whose it is, and whether it is another than before. */
function keys(mail: Mail, changes: KeyChanges): string {
  const who = isYoursAlone(mail) ? 'yours alone' : 'others open mail for this address too';
  const before = changes.of(mail)?.before;
  const change = before ? `; other keys than before (${showFingerprint(before)})` : '';
  return `${showFingerprint(mail.envelope.keySet)}, ${who}${change}`;
}

function attachmentLine(attachment: { name: string; type: string; size: number }, index: number): string {
  return `Attachment ${index + 1}: ${attachment.name}, ${attachment.type}, ${size(attachment.size).trim()}`;
}
