/** Envelope flags: what the flags octet of an envelope says (spec/sealing.md, Envelope plaintext). */

/** Bits of the flags octet: others got it through the same address; the server itself wrote it; it is old mail that was brought in, and was read before. */
export const envelopeFlags = { sharedAddress: 1, notice: 2, imported: 4, seen: 8 } as const;
