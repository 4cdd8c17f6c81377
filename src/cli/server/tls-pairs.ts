/** TLS pairs: which files are a certificate and its key. */
import { Problem } from '../../core/errors.js';

export interface TlsFilePair {
  /** Path of the certificate and its chain (fullchain.pem). */
  readonly certificate: string;
  /** Path of its private key (privkey.pem). */
  readonly key: string;
}

/** The pairs that `--tls-cert` and `--tls-key` name, in order. Throws a usage Problem. */
export function pairFiles(certificates: readonly string[], keys: readonly string[]): readonly TlsFilePair[] {
  if (certificates.length !== keys.length)
    throw new Problem('usage', 'give --tls-key once for each --tls-cert, in the same order');
  return certificates.map((certificate, index) => ({ certificate, key: keys[index] as string }));
}
