/** Notice: the message that tells those whose keys an address had of a change of its keys (spec/registry.md, Telling the owners). */
import type { RegisteredKey } from '../registry/registry.js';
import { showFingerprint } from '../seal/keys.js';
import { type ChangeOfKeys, differences, keySetAt, toBeTold } from './change-of-keys.js';

export interface Notice {
  readonly address: string;
  /** The keys it is sealed to: at least one. */
  readonly keys: readonly RegisteredKey[];
  /** Key-set fingerprint of the keys that were in use before the change. */
  readonly keySet: Uint8Array;
  /** RFC 5322, in lines that end with CRLF. It fits into one block, however many keys there are. */
  readonly content: Uint8Array;
}

export interface NoticeSettings {
  /** What the server calls itself. */
  readonly hostname: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Octets that no other message has, for Message-ID. */
  readonly id: string;
}

/** Keys of each list that are named; of more, the number is said. */
const mostNamed = 16;
/** Octets of an address in Subject, so that the envelope's texts have room for the longest. */
const longestNamed = 100;

/** The notice of a change, or undefined if there is nothing to tell, or nobody to be told. */
export function noticeOfChange(change: ChangeOfKeys, settings: NoticeSettings): Notice | undefined {
  const { address, before } = change;
  const keys = toBeTold(before, settings.now);
  const lines = keys.length > 0 ? bodyOf(change, settings.now) : undefined;
  if (!lines) return undefined;
  const text = [...headerOf(address, settings), '', ...lines, ''].join('\r\n');
  return {
    address,
    keys,
    keySet: keySetAt(before, settings.now),
    content: new Uint8Array(Buffer.from(text)),
  };
}

function headerOf(address: string, { hostname, now, id }: NoticeSettings): string[] {
  // An address that ASCII and the grammar of a field do not hold is named in the text alone.
  const plain = /^[!-~]+$/.test(address) && address.includes('@') && !address.includes('"');
  const named = plain && address.length <= longestNamed;
  return [
    `From: "Mail server ${hostname}" <postmaster@${hostname}>`,
    `To: ${plain ? `<${address}>` : 'undisclosed-recipients:;'}`,
    `Subject: The keys of ${named ? address : 'your address'} were changed`,
    `Date: ${dateTime(now)}`,
    `Message-ID: <${id}@${hostname}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
}

function bodyOf(change: ChangeOfKeys, now: number): string[] | undefined {
  const found = differences(change);
  if (!found) return undefined;
  const { address, before, after } = change;
  const { added, removed, redated } = found;
  return [
    'This message was written by the mail server itself. It went to the keys',
    'that this address had before; your reader marks it as a notice.',
    '',
    'The keys that mail for this address is sealed to were changed:',
    '',
    `    ${address}`,
    '',
    `When: ${instant(now)}`,
    ...listed('Added:', added),
    ...listed('Removed:', removed),
    ...listed('Used at other times:', redated),
    ...(after.length > 0
      ? listed('All keys now:', after)
      : ['', 'No key is left. Mail for this address is refused, unless a catch-all takes it.']),
    '',
    `Key set in use before: ${showFingerprint(keySetAt(before, now))}`,
    `Key set in use now:    ${showFingerprint(keySetAt(after, now))}`,
    '',
    'If you expected this, there is nothing to do.',
    '',
    ...(added.length + redated.length > 0
      ? [
          'If you did not: whoever has a key that was added, or is used at other',
          'times now, reads the mail that comes then. What came before the change',
          'stays closed to an added key.',
          '',
          '- Do not trust mail to this address to stay between you and its sender.',
          '- Ask whoever runs the server, by another way than mail to this address.',
          '- The operator takes a key away with: obalka revoke ADDRESS --key FILE',
        ]
      : [
          'If you did not: new mail for this address is no longer sealed to the',
          'removed key. Mail that came before stays open to it.',
          '',
          '- Ask whoever runs the server, by another way than mail to this address.',
          '- The operator puts a key back with: obalka register ADDRESS --key FILE',
        ]),
  ];
}

function listed(title: string, keys: readonly RegisteredKey[]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length - mostNamed;
  return [
    '',
    title,
    ...keys.slice(0, mostNamed).map(describe),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

function describe({ fingerprint, label, from, until }: RegisteredKey): string {
  return [
    `    ${showFingerprint(fingerprint)}`,
    ...(from === undefined ? [] : [`from ${instant(from * 1000)}`]),
    ...(until === undefined ? [] : [`until ${instant(until * 1000)}`]),
    ...(label === '' ? [] : [label]),
  ].join('  ');
}

/** "2026-11-21 08:45:12 UTC"; for a time that no calendar reaches, its seconds since 1970. */
function instant(milliseconds: number): string {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return `${milliseconds / 1000} seconds after 1970`;
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** RFC 5322 section 3.3. */
function dateTime(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace('GMT', '+0000');
}
