/** CBOR (RFC 8949): the parts of a message that are neither hashed nor of fixed layout. */
import { Decoder, Encoder } from 'cbor-x';

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false });

export function encodeCbor(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** The value, or undefined if the bytes are not one CBOR item. Byte strings alias the input. */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
