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
  const keyed = mails.map((mail): KeyedRow => {
    const { id, number, receivedAt, size, flags } = mail;
    return [id, number, receivedAt, size, flags, numberOf(mail.addressing), mail.key];
  });
  const texts = mails.map(({ from, subject, date, messageId }): TextRow => [from, subject, date, messageId]);
  const head = Buffer.from(JSON.stringify({ mails: keyed, addressings }));
  const page = concat(new Uint8Array(4), head, Buffer.from(JSON.stringify(texts)));
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
    addressings: [recipient: string, reached: Addressing['reached'], keySet: string][];
  };
  const known = addressings.map(([recipient, reached, keySet]): Addressing => {
    const octets = fromHex(keySet, 32);
    if (!octets) throw new CacheDamage('a key set of the cache is none');
    return { recipient, reached, keySet: octets };
  });
  const addressingOf = (index: number) => {
    const addressing = known[index];
    if (!addressing) throw new CacheDamage('a mail of the cache has no recipient');
    return addressing;
  };
  return { mails, addressingOf };
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
