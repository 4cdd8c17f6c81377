/** Rendering: a message as a person reads it in a terminal. MIME is taken apart by postal-mime. */
import PostalMime, { type Address, type Attachment, decodeWords } from 'postal-mime';
import { summaryLimits } from '../format/envelope.js';
import { readableHtml } from './readable-html.js';
import { visibleLine, visibleText } from './visible.js';

/** What is shown of a message. */
export interface Rendered {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly size: number }[];
}

/** Takes a message apart. Never throws: a message that cannot be parsed is shown as the text it is. */
export async function render(content: Uint8Array): Promise<Rendered> {
  try {
    const mail = await PostalMime.parse(content, { attachmentEncoding: 'arraybuffer' });
    const headers = [
      { name: 'From', value: showAddresses(mail.from ? [mail.from] : []) },
      { name: 'To', value: showAddresses(mail.to ?? []) },
      { name: 'Cc', value: showAddresses(mail.cc ?? []) },
      { name: 'Date', value: mail.headers.find(({ key }) => key === 'date')?.value ?? '' },
      { name: 'Subject', value: mail.subject ?? '' },
    ];
    return {
      headers: headers
        .filter(({ value }) => value !== '')
        .map(({ name, value }) => ({ name, value: visibleLine(value) })),
      text: visibleText(mail.text ?? readableHtml(mail.html ?? '')),
      attachments: mail.attachments.map(showAttachment),
    };
  } catch {
    return { headers: [], text: visibleText(Buffer.from(content).toString('utf8')), attachments: [] };
  }
}

/** Only values of these lengths may have lost something: a last Latin-1 letter looks like half a character of UTF-8. */
const cutLengths = new Set<number>(Object.values(summaryLimits));

/** A header value from an envelope's summary: UTF-8 or else Latin-1, with encoded words (RFC 2047) decoded. */
export function headerText(bytes: Uint8Array): string {
  const text = octetsAsText(bytes);
  try {
    return decodeWords(text);
  } catch {
    return text;
  }
}

/** Octets of unknown encoding: UTF-8 or else Latin-1. */
export function octetsAsText(bytes: Uint8Array): string {
  return utf8(bytes) ?? Buffer.from(bytes).toString('latin1');
}

/** The text of UTF-8 octets; where a summary cut them, perhaps inside the last character. Undefined if they are something else. */
function utf8(bytes: Uint8Array): string | undefined {
  for (const cut of cutLengths.has(bytes.length) ? [0, 1, 2, 3] : [0])
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut));
    } catch {
      // one octet less, then
    }
  return undefined;
}

function showAddresses(addresses: readonly Address[]): string {
  return addresses
    .map((address) => {
      if (address.group) return `${address.name}: ${showAddresses(address.group)};`;
      return address.name ? `${address.name} <${address.address ?? ''}>` : (address.address ?? '');
    })
    .join(', ');
}

function showAttachment({ filename, mimeType, content }: Attachment): Rendered['attachments'][number] {
  const size = typeof content === 'string' ? content.length : content.byteLength;
  return { name: visibleLine(filename ?? '(no name)'), type: visibleLine(mimeType), size };
}

/** Where the header ends: the offset of the empty line after it, or the whole length. */
export function headerEnd(content: Buffer): number {
  if (content.subarray(0, 2).toString('latin1') === '\r\n') return 0;
  const end = content.indexOf('\r\n\r\n');
  return end < 0 ? content.length : end;
}
