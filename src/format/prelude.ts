/** Prelude and trailer: what was known of a message before its content, and after it. Both CBOR maps, shared by all recipients. */
import { decodeCbor, encodeCbor } from './cbor.js';

/** Never holds a recipient: all recipients read it (Bcc). */
export interface Prelude {
  /** Reverse-path of MAIL, without the angle brackets; empty for the null reverse-path. */
  readonly from: string;
  /** The name that the client gave in its hello. */
  readonly helo: string;
  /** IP address of the client; empty where there is none. */
  readonly client: string;
  /** The protocol it came by: "smtp" or "lmtp"; "notice" where the server itself wrote it. */
  readonly protocol: string;
  /** TLS protocol and cipher, or empty in plaintext. */
  readonly tls: string;
  /** What policies found out: "policy.key" → value. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Verdicts that were found while the content arrived; nothing yet writes any. */
export type Trailer = Readonly<Record<string, string>>;

export function encodePrelude({ from, helo, client, protocol, tls, notes }: Prelude): Uint8Array {
  return encodeCbor({ ...notes, from, helo, client, protocol, tls });
}

/** The prelude, or undefined if the bytes are none. Unknown keys are skipped; missing ones are empty. */
export function decodePrelude(bytes: Uint8Array): Prelude | undefined {
  const map = decodeCbor(bytes);
  if (typeof map !== 'object' || map === null) return undefined;
  const notes = Object.entries(map).filter(([key, value]) => key.includes('.') && typeof value === 'string');
  const text = (key: Exclude<keyof Prelude, 'notes'>): string => {
    const value: unknown = Reflect.get(map, key);
    return typeof value === 'string' ? value : '';
  };
  return {
    from: text('from'),
    helo: text('helo'),
    client: text('client'),
    protocol: text('protocol'),
    tls: text('tls'),
    ...(notes.length > 0 && { notes: Object.fromEntries(notes) as Record<string, string> }),
  };
}

export function encodeTrailer(trailer: Trailer): Uint8Array {
  return Object.keys(trailer).length === 0 ? new Uint8Array(0) : encodeCbor(trailer);
}
