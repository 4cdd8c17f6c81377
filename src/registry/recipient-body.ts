/** Recipient body: the 1344 octets of a row of the table `recipients`, before sealing (spec/registry.md, Recipient rows). */

import { readU64, writeU64 } from '../format/place.js';
import { publicKeySize } from '../seal/keys.js';

export const recipientBodySize = 1344;
export const maxLabelSize = 64;

const kinds = { key: 1, free: 2, alias: 3 } as const;
const registeredAtAt = 8;
const fromAt = 16;
const untilAt = 24;
const labelAt = 32;
const contentAt = 96;

/** Octets of a target: no address is longer. */
export const maxTargetSize = 320;

/** One target of an alias. Times are seconds since 1970. */
export interface Target {
  /** The mailbox that mail is passed on to: its values in their one form, "local@domain". */
  readonly target: string;
  readonly registeredAt: number;
}

/** One key of one address. Times are seconds since 1970. */
export interface Entry {
  readonly publicKey: Uint8Array;
  /** At most 64 octets of UTF-8; may be empty. */
  readonly label: string;
  /** The key is used from this second on; absent: from ever. */
  readonly from?: number;
  /** The key is used up to before this second; absent: for ever. */
  readonly until?: number;
  readonly registeredAt: number;
}

/** The body of a row whose key was revoked while others of its address stayed. */
export function encodeFree(): Uint8Array {
  const body = new Uint8Array(recipientBodySize);
  body[0] = kinds.free;
  return body;
}

export function encodeEntry(entry: Entry): Uint8Array {
  const body = new Uint8Array(recipientBodySize);
  const label = Buffer.from(entry.label);
  if (label.length > maxLabelSize || entry.publicKey.length !== publicKeySize)
    throw new RangeError('an entry with a label or key of a wrong size');
  body[0] = kinds.key;
  body[1] = label.length;
  writeU64(body, registeredAtAt, entry.registeredAt);
  writeU64(body, fromAt, entry.from ?? 0);
  writeU64(body, untilAt, entry.until ?? 0);
  body.set(label, labelAt);
  body.set(entry.publicKey, contentAt);
  return body;
}

export function encodeTarget({ target, registeredAt }: Target): Uint8Array {
  const body = new Uint8Array(recipientBodySize);
  const text = Buffer.from(target);
  if (text.length > maxTargetSize) throw new RangeError('a target of a wrong size');
  body[0] = kinds.alias;
  writeU64(body, registeredAtAt, registeredAt);
  body[contentAt] = text.length >> 8;
  body[contentAt + 1] = text.length;
  body.set(text, contentAt + 2);
  return body;
}

function decodeTarget(body: Uint8Array): Target | undefined {
  const size = ((body[contentAt] as number) << 8) | (body[contentAt + 1] as number);
  if (size > maxTargetSize) return undefined;
  const target = Buffer.from(body.subarray(contentAt + 2, contentAt + 2 + size)).toString();
  return { target, registeredAt: readU64(body, registeredAtAt) };
}

/** What a slot holds. */
export type Slot = Entry | Target | 'free';

export function isKey(slot: Slot): slot is Entry {
  return slot !== 'free' && 'publicKey' in slot;
}

export function isTarget(slot: Slot): slot is Target {
  return slot !== 'free' && 'target' in slot;
}

/** What the row holds, or undefined for a kind that this version does not know. */
export function decodeBody(body: Uint8Array): Slot | undefined {
  if (body[0] === kinds.free) return 'free';
  if (body[0] === kinds.alias) return decodeTarget(body);
  const labelSize = body[1] as number;
  if (body[0] !== kinds.key || labelSize > maxLabelSize) return undefined;
  const from = readU64(body, fromAt);
  const until = readU64(body, untilAt);
  return {
    publicKey: body.slice(contentAt, contentAt + publicKeySize),
    label: Buffer.from(body.subarray(labelAt, labelAt + labelSize)).toString(),
    ...(from > 0 && { from }),
    ...(until > 0 && { until }),
    registeredAt: readU64(body, registeredAtAt),
  };
}

/** Whether the key is used at `second`. */
export function isValidAt(entry: Entry, second: number): boolean {
  return (entry.from ?? 0) <= second && second < (entry.until ?? Number.POSITIVE_INFINITY);
}
