/** Frames: how programs of one data directory send octets through the control socket. Each is a kind, a length and octets. */

/** `u8 kind | u32 length | octets`. */
const headLength = 5;
/** A longer frame is none of ours. */
const maxLength = 1 << 20;

export interface Frame {
  /** One ASCII letter. */
  readonly kind: string;
  readonly octets: Uint8Array;
}

/** The octets of a frame, or of several if there are more than one holds. */
export function encodeFrames(kind: string, octets: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  do {
    const piece = octets.subarray(at, at + maxLength);
    const head = Buffer.alloc(headLength);
    head.write(kind, 'latin1');
    head.writeUInt32BE(piece.length, 1);
    pieces.push(head, piece);
    at += piece.length;
  } while (at < octets.length);
  return pieces;
}

/** The frames that come; what is cut off at the end is left out. Throws if one is too long. */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    held = held.length > 0 ? Buffer.concat([held, chunk]) : Buffer.from(chunk);
    let at = 0;
    while (held.length >= at + headLength) {
      const length = held.readUInt32BE(at + 1);
      if (length > maxLength) throw new Error('frame is too long');
      const end = at + headLength + length;
      if (held.length < end) break;
      yield { kind: held.toString('latin1', at, at + 1), octets: held.subarray(at + headLength, end) };
      at = end;
    }
    held = held.subarray(at);
  }
}
