/** Mail texts: what of a message can be searched, field by field. MIME is the work of postal-mime. */

import PostalMime, { type Address, decodeWords } from 'postal-mime';
import type { ListedMail } from '../cache/listed-mail.js';
import { headerEnd, octetsAsText } from '../header-text.js';
import { messageBounds } from '../message.js';
import { readableHtml } from '../readable-html.js';
import { type FieldText, fields } from './mail-terms.js';

/** Header fields that hold signatures, keys and what machines sign: nobody looks for that. */
const unsearched =
  /^(?:arc-|dkim-|autocrypt|x-ms-exchange-|x-microsoft-antispam)|signature|^x-gm-message-state$/;
const ofFrom = new Set(['from', 'sender', 'reply-to']);
const ofTo = new Set(['to', 'cc', 'bcc', 'delivered-to']);

/** The texts of a message, those of its header first. Throws, takes long, or takes much memory for some messages. */
export async function messageTexts(content: Uint8Array): Promise<FieldText[]> {
  const mail = await PostalMime.parse(content, { attachmentEncoding: 'arraybuffer', ...messageBounds });
  const texts: FieldText[] = [
    [fields.from, addressText([mail.from, mail.sender, ...(mail.replyTo ?? [])])],
    [fields.to, addressText([...(mail.to ?? []), ...(mail.cc ?? []), ...(mail.bcc ?? [])])],
    [fields.subject, mail.subject ?? ''],
    ...mail.attachments.map(({ filename }): FieldText => [fields.file, filename ?? '']),
  ];
  for (const { key, value } of mail.headers)
    if (!unsearched.test(key)) texts.push([fieldOf(key), decoded(value)]);
  texts.push([fields.body, mail.text ?? ''], [fields.body, readableHtml(mail.html ?? '')]);
  return texts;
}

/** What a message's envelope says: it is searched whatever the content is. */
export function envelopeTexts({ addressing, from, subject, date, messageId }: ListedMail): FieldText[] {
  return [
    [fields.to, addressing.recipient],
    [fields.from, from],
    [fields.subject, subject],
    [fields.header, date],
    [fields.header, messageId],
  ];
}

/** The header of a message that cannot be taken apart, as it stands. */
export function rawHeaderTexts(content: Uint8Array): FieldText[] {
  const some = Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, mostRawHeader));
  return [[fields.header, octetsAsText(some.subarray(0, headerEnd(some)))]];
}

const mostRawHeader = 256 * 1024;

function fieldOf(name: string): number {
  if (ofFrom.has(name)) return fields.from;
  if (ofTo.has(name)) return fields.to;
  return name === 'subject' ? fields.subject : fields.header;
}

function decoded(value: string): string {
  try {
    return decodeWords(value);
  } catch {
    return value;
  }
}

function addressText(addresses: readonly (Address | undefined)[]): string {
  return addresses
    .map((one) => {
      if (!one) return '';
      return one.group ? `${one.name}\n${addressText(one.group)}` : `${one.name}\n${one.address ?? ''}`;
    })
    .join('\n');
}
