/** Remembered: what the reference derives of keys, kept, for tests that open the same channels again and again. */
import { derivations } from '../../tools/reference/sealing.js';

/** Keeps all that is derived from now on; the function that is returned forgets it. */
export function rememberDerivations(): () => void {
  const known = new Map<string, unknown>();
  const remembering =
    <Given extends readonly Uint8Array[], Result>(derive: (...given: Given) => Result) =>
    (...given: Given): Result => {
      const key = Buffer.concat(given).toString('latin1');
      const result = known.has(key) ? (known.get(key) as Result) : derive(...given);
      known.set(key, result);
      return result;
    };
  const { step, decapsulate } = derivations;
  derivations.step = remembering(step);
  derivations.decapsulate = (identity, ciphertext) =>
    remembering((_seed, octets) => decapsulate(identity, octets))(identity.seed, ciphertext);
  return () => known.clear();
}
