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
  /** The protocol it came by: "smtp" or "lmtp". */
  readonly protocol: string;
  /** TLS protocol and cipher, or empty in plaintext. */
  readonly tls: string;
}

/** Verdicts that were found while the content arrived; nothing yet writes any. */
export type Trailer = Readonly<Record<string, string>>;

export function encodePrelude(prelude: Prelude): Uint8Array {
  return encodeCbor(prelude);
}

/** The prelude, or undefined if the bytes are none. Unknown keys are skipped; missing ones are empty. */
export function decodePrelude(bytes: Uint8Array): Prelude | undefined {
  const map = decodeCbor(bytes);
  if (typeof map !== 'object' || map === null) return undefined;
  const text = (key: keyof Prelude): string => {
    const value: unknown = Reflect.get(map, key);
    return typeof value === 'string' ? value : '';
  };
  return {
    from: text('from'),
    helo: text('helo'),
    client: text('client'),
    protocol: text('protocol'),
    tls: text('tls'),
  };
}

export function encodeTrailer(trailer: Trailer): Uint8Array {
  return Object.keys(trailer).length === 0 ? new Uint8Array(0) : encodeCbor(trailer);
}
