/** Recipients: what the server must know of an address to seal mail to it. */
import type { WayReached } from '../format/envelope.js';
import type { RecipientKey } from './channel-table.js';

/** The keys of a registered address. One value may serve all recipients that are found under it. */
export interface KeySet {
  /** The registered address, in an opaque form: its limits count. */
  readonly registered: string;
  readonly keys: readonly RecipientKey[];
  /** Fingerprint of the whole key set, 32 bytes. */
  readonly keySet: Uint8Array;
}

/** What one accepted recipient's mail is sealed to. */
export interface Resolved extends KeySet {
  /** The one form of the address: two spellings of it are one recipient. */
  readonly address: string;
  readonly reached: WayReached;
}

/** Where the keys of an address are found. */
export interface Recipients {
  /** Changes whenever a key is registered or revoked: what was resolved before may no longer hold. */
  readonly version: number;
  /** Undefined if nobody could open mail for this address now. */
  resolve(address: { readonly localPart: string; readonly domain: string }): Resolved | undefined;
}
