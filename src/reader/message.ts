/** Message: a mail taken apart, as a person reads it. MIME is the work of postal-mime. */
import PostalMime, { type Address, type Attachment } from 'postal-mime';
import { readableHtml } from './readable-html.js';

/** What a mail consists of. All texts are as the sender wrote them: what shows them makes them visible first. */
export interface Message {
  /** From, To, Cc, Reply-To, Date, Subject: those that are there, in this order, decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The text part, or else the words of the HTML part: the beginning of them, if they are very long. */
  readonly text: string;
  /** Whether there is more text. */
  readonly isCut: boolean;
  /** The HTML part as it is; empty where there is none. */
  readonly html: string;
  readonly attachments: readonly Part[];
}

/** One attachment. */
export interface Part {
  /** As the sender named it; empty if he did not. Never to be used as a path as it is. */
  readonly name: string;
  readonly type: string;
  /** Whether the HTML shows it. */
  readonly inline: boolean;
  readonly content: Uint8Array;
}

/** Bounds beyond which a message is not taken apart (postal-mime throws). */
export const messageBounds = {
  maxNestingDepth: 100,
  maxHeadersSize: 4 * 1024 * 1024,
  maxRfc822NestingDepth: 10,
};

/** Letters of a text that are given; more is for `--raw`. */
export const mostText = 4 * 1024 * 1024;

/**
 * Lines beyond which a message is not taken apart, if they are short: each costs some hundred octets of memory, and those
 * of real messages of this many have 60 to 78 octets.
 */
const mostLines = 1_000_000;
const shortLine = 40;

/** Takes a message apart. It throws, takes long, or takes much memory for some messages: see parser.ts. */
export async function takeApart(content: Uint8Array): Promise<Message> {
  mustHaveFewLines(content);
  const { buffer, byteLength } = content;
  // Of a view postal-mime makes a copy, even of one of all octets.
  const octets = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : content;
  const mail = await PostalMime.parse(octets, { attachmentEncoding: 'arraybuffer', ...messageBounds });
  const raw = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? '';
  const headers = [
    { name: 'From', value: addressText(mail.from ? [mail.from] : [], raw('from')) },
    { name: 'To', value: addressText(mail.to ?? [], raw('to')) },
    { name: 'Cc', value: addressText(mail.cc ?? [], raw('cc')) },
    { name: 'Reply-To', value: addressText(mail.replyTo ?? [], raw('reply-to')) },
    { name: 'Date', value: raw('date') },
    { name: 'Subject', value: mail.subject ?? '' },
  ];
  const text = mail.text ?? mail.html ?? '';
  const beginning = text.slice(0, mostText);
  return {
    headers: headers.filter(({ value }) => value !== ''),
    text: mail.text === undefined ? readableHtml(beginning) : beginning,
    isCut: text.length > mostText,
    html: mail.html ?? '',
    attachments: mail.attachments.map(part),
  };
}

function mustHaveFewLines(content: Uint8Array): void {
  const most = Math.max(mostLines, content.length / shortLine);
  if (content.length < most) return;
  let lines = 0;
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines++;
  if (lines > most) throw new Error(`Maximum of ${mostLines} short lines exceeded`);
}

const controls = /(?![\t\r\n])\p{Cc}/u;

/** Addresses as text; or else the header as it stands, where postal-mime leaves out what would steer a terminal. */
function addressText(addresses: readonly Address[], raw = ''): string {
  if (controls.test(raw)) return raw;
  return addresses
    .map((address) => {
      if (address.group) return `${address.name}: ${addressText(address.group)};`;
      return address.name ? `${address.name} <${address.address ?? ''}>` : (address.address ?? '');
    })
    .join(', ');
}

function part({ filename, mimeType, related, content }: Attachment): Part {
  const octets =
    typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content as ArrayBuffer | Uint8Array);
  return { name: filename ?? '', type: mimeType, inline: related === true, content: octets };
}
