/** Addresses of the registry: what people write, the one form each has, and the bytes that stand for it. */
import { view } from '../core/bytes.js';
import { normaliseDomain } from '../core/domain.js';
import { Problem } from '../core/errors.js';

/** What can be registered: a mailbox, everything in a domain (`*@domain`), everything (`*`). */
export type Address =
  | { readonly kind: 'mailbox'; readonly localPart: string; readonly domain: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'system' };

/** First octet of a subject. What padding rows stand for begins with 0. */
const codes = { mailbox: 1, domain: 2, system: 3 } as const;

/** Longer ones are no addresses (RFC 5321 section 4.5.3.1), and never registered. */
const maxLocalPart = 64;
const maxSubject = 1 + maxLocalPart + 1 + 255;

const quoted = /^"((?:[^"\\\p{Cc}]|\\[ -~])*)"$/u;
const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\u{a0}-\\u{10ffff}]+";
const dotAtom = new RegExp(`^${atom}(?:\\.${atom})*$`, 'u');

/** A mailbox by its values: the local part without quotes, in any form. */
export interface MailboxName {
  readonly localPart: string;
  readonly domain: string;
}

/** Reads an address as people write it. Throws a usage Problem that says what is wrong with it. */
export function parseAddress(text: string): Address {
  const fail = (fault: string) =>
    new Problem('usage', `${JSON.stringify(text.slice(0, 320))} is not an address: ${fault}`);
  if (text === '*') return { kind: 'system' };
  if (/^postmaster$/i.test(text)) return { kind: 'mailbox', localPart: 'postmaster', domain: '' };
  const at = text.lastIndexOf('@');
  if (at < 0) throw fail('there is no @ in it');
  const local = text.slice(0, at);
  const domain = normaliseDomain(text.slice(at + 1));
  if (domain === undefined) throw fail('what follows the @ is no domain');
  if (local === '*') return { kind: 'domain', domain };
  if (local === '') throw fail('nothing stands before the @');
  const value = quoted.exec(local)?.[1]?.replace(/\\(.)/g, '$1') ?? (dotAtom.test(local) ? local : undefined);
  if (value === undefined || value === '' || /\p{Cs}/u.test(value))
    throw fail('what stands before the @ needs quotes, or may not stand there at all');
  const localPart = normaliseLocalPart(value);
  if (Buffer.byteLength(localPart) > maxLocalPart)
    throw fail(`what stands before the @ is longer than ${maxLocalPart} octets`);
  return { kind: 'mailbox', localPart, domain };
}

/** The octets that stand for an address: its kind, then its text. The local part is UTF-8. */
export function subjectOf(address: Address): Uint8Array {
  switch (address.kind) {
    case 'mailbox':
      return mailboxSubject(address);
    case 'domain':
      return subject(codes.domain, address.domain);
    case 'system':
      return subject(codes.system, '');
  }
}

/** The mailbox with both parts in their one form; what is no address keeps a domain that cannot be registered. */
export function normalised({ localPart, domain }: MailboxName): MailboxName {
  return { localPart: normaliseLocalPart(localPart), domain: normaliseDomain(domain) ?? domain };
}

/** "local@domain" by values: what subjects, targets of aliases and mapping rules hold. */
export function mailboxText({ localPart, domain }: MailboxName): string {
  return `${localPart}@${domain}`;
}

/** The mailbox of a text that `mailboxText` made. */
export function mailboxOf(text: string): MailboxName {
  const at = text.lastIndexOf('@');
  return { localPart: text.slice(0, at), domain: text.slice(at + 1) };
}

/** An address as people write it: `parseAddress` reads it back. */
export function showAddress(address: Address): string {
  if (address.kind === 'system') return '*';
  if (address.kind === 'domain') return `*@${address.domain}`;
  const { localPart, domain } = address;
  if (domain === '') return localPart;
  const needsQuotes = !dotAtom.test(localPart) || localPart === '*';
  return `${needsQuotes ? `"${localPart.replace(/["\\]/g, '\\$&')}"` : localPart}@${domain}`;
}

/** The octets that stand for a mailbox in its one form. Any text gives some; what is no address cannot be registered. */
export function mailboxSubject(mailbox: MailboxName): Uint8Array {
  return subject(codes.mailbox, mailboxText(mailbox));
}

/** The catch-alls of a mailbox, that of its domain first. */
export function catchAllSubjects({ domain }: MailboxName): [domain: Uint8Array, system: Uint8Array] {
  return [subject(codes.domain, domain), subject(codes.system, '')];
}

/** The octets that stand for padding row `number`: 0, then the number. */
export function paddingSubject(number: number): Uint8Array {
  const bytes = new Uint8Array(9);
  view(bytes).writeBigUInt64BE(BigInt(number), 1);
  return bytes;
}

function subject(code: number, text: string): Uint8Array {
  const bytes = new Uint8Array(1 + Buffer.byteLength(text));
  if (bytes.length > maxSubject) return Uint8Array.of(code, 0);
  bytes[0] = code;
  view(bytes).write(text, 1, 'utf8');
  return bytes;
}

/** Unicode NFC; A to Z in lower case, and no other letter. */
function normaliseLocalPart(localPart: string): string {
  return localPart.normalize('NFC').replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
