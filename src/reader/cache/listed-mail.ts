/** Listed mail: what a list, a filter or a search needs of a mail, without its envelope; and pages of them. */
import { concat, fromHex, hex, view } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import type { Envelope } from '../../format/envelope.js';
import { describePlace, readU32, type SegmentPlace, writeU32 } from '../../format/place.js';
import type { Identity } from '../../seal/keys.js';
import { CacheDamage } from './sealed-rows.js';

/** What is the same in many mails of a mailbox: its recipient, the way that led to it, and the key set. */
export type Addressing = Pick<Envelope, 'recipient' | 'reached' | 'keySet'>;

/** One mail, as it stands in a list. */
export interface ListedMail {
  readonly id: string;
  /** The identity that opens it. */
  readonly identity: Identity;
  /** The segment in which the envelope stands, and its number there. */
  readonly at: SegmentPlace;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Octets of content. */
  readonly size: number;
  /** As in the envelope. */
  readonly flags: number;
  readonly addressing: Addressing;
  /** Decoded, and nothing in it made visible yet. */
  readonly from: string;
  readonly subject: string;
  readonly date: string;
  readonly messageId: string;
  /** Opens the envelope: the key of its step, in base64. */
  readonly key: string;
}

/** "lane 3f9a0c21, segment 12, envelope 8192". */
export function placeOf({ at, number }: Pick<ListedMail, 'at' | 'number'>): string {
  return describePlace(at, 'envelopes', number);
}

/** Mails of a page at most. */
export const mailsOfPage = 256;

/** A page of mails of one segment and identity, as octets (spec/cache.md, Pages). */
export function encodePage(mails: readonly ListedMail[]): Uint8Array {
  const addressings: [recipient: string, reached: string, keySet: string][] = [];
  const numbers = new Map<string, number>();
  const numberOf = ({ recipient, reached, keySet }: Addressing) => {
    const stamp = `${reached} ${hex(keySet)} ${recipient}`;
    const known = numbers.get(stamp);
    if (known !== undefined) return known;
    numbers.set(stamp, addressings.length);
    return addressings.push([recipient, reached, hex(keySet)]) - 1;
  };
  const texts = mails.map(({ from, subject, date, messageId }) =>
    JSON.stringify([from, subject, date, messageId] satisfies TextRow),
  );
  // Behind a bracket or a comma.
  let textAt = 1;
  const keyed = mails.map((mail, index): KeyedRow => {
    const { id, number, receivedAt, size, flags } = mail;
    const length = Buffer.byteLength(texts[index] as string);
    textAt += length + 1;
    const addressed = numberOf(mail.addressing);
    return [id, number, receivedAt, size, flags, addressed, mail.key, textAt - length - 1, length];
  });
  const head = Buffer.from(JSON.stringify({ mails: keyed, addressings }));
  const page = concat(new Uint8Array(4), head, Buffer.from(`[${texts.join(',')}]`));
  writeU32(page, 0, head.length);
  return page;
}

type KeyedRow = [
  id: string,
  number: number,
  receivedAt: number,
  size: number,
  flags: number,
  addressing: number,
  key: string,
  /** Where its texts begin among all, and their length, in octets; older pages do not tell. */
  textAt?: number,
  textLength?: number,
];
type TextRow = [from: string, subject: string, date: string, messageId: string];

/** What there is of a mail without its texts. */
export type BareMail = Omit<ListedMail, 'from' | 'subject' | 'date' | 'messageId'>;

/** The mails of a page. It was sealed by who reads it, so its form needs no more than a look. Throws CacheDamage. */
export function decodePage(page: Uint8Array, at: SegmentPlace, identity: Identity): ListedMail[] {
  const texts = JSON.parse(view(page).toString('utf8', 4 + readU32(page, 0))) as TextRow[];
  const { mails, addressingOf } = readHead(page);
  return mails.map(([id, number, receivedAt, size, flags, addressed, key], index) => {
    const [from, subject, date, messageId] = texts[index] ?? noTexts;
    const addressing = addressingOf(addressed);
    return {
      id,
      identity,
      at,
      number,
      receivedAt,
      size,
      flags,
      addressing,
      key,
      from,
      subject,
      date,
      messageId,
    };
  });
}

/**
 * Those mails of a page that have one of these ids, read out without the others; undefined if the page does not tell where
 * their texts are. Throws CacheDamage.
 */
export function decodeSome(
  page: Uint8Array,
  ids: readonly string[],
  at: SegmentPlace,
  identity: Identity,
): ListedMail[] | undefined {
  const octets = view(page);
  const headEnd = 4 + readU32(page, 0);
  let addressings: readonly Addressing[] | undefined;
  const found: ListedMail[] = [];
  for (const wanted of ids) {
    // In a text, a quotation mark stands behind a backslash: only a mail begins so, or an addressing with a text next.
    const begin = octets.indexOf(`["${wanted}",`, 4);
    if (begin < 0 || begin >= headEnd || octets[begin + wanted.length + 4] === quotationMark) continue;
    const row = octets.toString('latin1', begin, octets.indexOf(']', begin) + 1);
    const [id, number, receivedAt, size, flags, addressed, key, textAt, textLength] = JSON.parse(
      row,
    ) as KeyedRow;
    if (textAt === undefined || textLength === undefined) return undefined;
    const text = octets.toString('utf8', headEnd + textAt, headEnd + textAt + textLength);
    const [from, subject, date, messageId] = JSON.parse(text) as TextRow;
    addressings ??= readAddressings(octets, headEnd);
    const addressing = addressings[addressed];
    if (!addressing) throw new CacheDamage('a mail of the cache has no recipient');
    found.push({
      ...{ id, identity, at, number, receivedAt, size, flags, addressing, key },
      ...{ from, subject, date, messageId },
    });
  }
  return found;
}

const quotationMark = 0x22;
const addressingsMark = '"addressings":';

/** Most pages of a mailbox have the same. */
let readLast: { readonly text: string; readonly addressings: readonly Addressing[] } | undefined;

function readAddressings(octets: Buffer, headEnd: number): readonly Addressing[] {
  const begin = octets.lastIndexOf(addressingsMark, headEnd) + addressingsMark.length;
  const text = octets.toString('utf8', begin, headEnd - 1);
  if (readLast?.text !== text)
    readLast = { text, addressings: knownAddressings(JSON.parse(text) as WrittenAddressing[]) };
  return readLast.addressings;
}

/** The same without the texts, in a third of the time. */
export function decodeBare(page: Uint8Array, at: SegmentPlace, identity: Identity): BareMail[] {
  const { mails, addressingOf } = readHead(page);
  return mails.map(([id, number, receivedAt, size, flags, addressed, key]) => {
    const addressing = addressingOf(addressed);
    return { id, identity, at, number, receivedAt, size, flags, addressing, key };
  });
}

const noTexts: TextRow = ['', '', '', ''];

function readHead(page: Uint8Array): { mails: KeyedRow[]; addressingOf: (index: number) => Addressing } {
  const head = view(page).toString('utf8', 4, 4 + readU32(page, 0));
  const { mails, addressings } = JSON.parse(head) as {
    mails: KeyedRow[];
    addressings: WrittenAddressing[];
  };
  const known = knownAddressings(addressings);
  const addressingOf = (index: number) => {
    const addressing = known[index];
    if (!addressing) throw new CacheDamage('a mail of the cache has no recipient');
    return addressing;
  };
  return { mails, addressingOf };
}

type WrittenAddressing = [recipient: string, reached: Addressing['reached'], keySet: string];

function knownAddressings(written: readonly WrittenAddressing[]): Addressing[] {
  return written.map(([recipient, reached, keySet]) => {
    const octets = fromHex(keySet, 32);
    if (!octets) throw new CacheDamage('a key set of the cache is none');
    return { recipient, reached, keySet: octets };
  });
}

/** The key of a mail's step: 32 octets. */
export function keyOf({ key }: Pick<ListedMail, 'key'>): Uint8Array {
  return new Uint8Array(Buffer.from(key, 'base64'));
}

/** Whether a page has a mail whose id begins so, told without reading it out. */
export function mayHold(page: Uint8Array, beginning: string): boolean {
  return view(page).includes(`["${beginning}`);
}

/** The fault of an envelope that was in the list and is not what it was. */
export function changedEnvelope(mail: ListedMail): FormatError {
  return new FormatError(placeOf(mail), 'envelope does not open any more: it was changed while it was read');
}
