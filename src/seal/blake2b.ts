/** Keyed BLAKE2b (RFC 7693), the only way keys are derived from keys (spec/sealing.md, Derivation). */
import { mustSucceed, raw, SodiumMemory } from './sodium.js';

const outMemory = new SodiumMemory(64);
const inMemory = new SodiumMemory(1024);
const keyMemory = new SodiumMemory(64);

/**
 * Derives `length` bytes (16 to 64) from a key of 16 to 64 bytes: BLAKE2b over u8 length of context | context | input.
 * Key and output pass through wasm memory and are wiped there.
 */
export function blake2b(key: Uint8Array, context: string, input: Uint8Array, length: number): Uint8Array {
  keyMemory.write(key);
  derive(outMemory, length, keyMemory.at, key.length, context, input);
  const out = outMemory.read(0, length);
  keyMemory.wipe();
  outMemory.wipe();
  return out;
}

/** The same where key and output stay in wasm memory. */
export function derive(
  out: SodiumMemory,
  length: number,
  keyAt: number,
  keyLength: number,
  context: string,
  input: Uint8Array,
): void {
  const label = labelOf(context);
  let from = label;
  if (input.length > 0) {
    from = inMemory;
    inMemory.copyFrom(label, 0, label.size);
    inMemory.write(input, label.size);
  }
  mustSucceed(
    raw._crypto_generichash(out.at, length, from.at, label.size + input.length, 0, keyAt, keyLength),
    'BLAKE2b',
  );
}

/** The few contexts there are stay in wasm memory: a mailbox takes hundreds of thousands of steps. */
const labels = new Map<string, SodiumMemory>();

function labelOf(context: string): SodiumMemory {
  let label = labels.get(context);
  if (!label) {
    label = SodiumMemory.of(
      new Uint8Array(Buffer.from(`${String.fromCharCode(context.length)}${context}`, 'latin1')),
    );
    labels.set(context, label);
  }
  return label;
}
