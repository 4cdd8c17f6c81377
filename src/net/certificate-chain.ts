/** Certificate chain: what others see in a file of certificates: names, dates, who vouches for it, and what DANE says of it. */
import { createHash, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** `own`: it vouches for itself. `known`: a root that Node knows. `unknown`: another root. `cut`: the next one is missing. */
export type Vouching = 'own' | 'known' | 'unknown' | 'cut';

export interface CertificateChain {
  /** Milliseconds since 1970. */
  readonly from: number;
  /** The first that ends of those in the file. */
  readonly until: number;
  readonly vouching: Vouching;
  /** Who should be next, where the chain is cut. */
  readonly issuer: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal: "3 1 1" of RFC 7671. */
  readonly keyHash: string;
  /** Bits of an RSA key. */
  readonly rsaBits: number | undefined;
  covers(hostname: string): boolean;
}

/** Reads the text of a PEM file, the server's certificate first. Throws if there is none in it. */
export function readChain(pem: string): CertificateChain {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const [leaf, ...others] = blocks.map((block) => new X509Certificate(block));
  if (!leaf) throw new Error('no certificate');
  const all = [leaf, ...others];
  const last = lastOf(leaf, others);
  const key = leaf.publicKey;
  return {
    from: Date.parse(leaf.validFrom),
    until: Math.min(...all.map(({ validTo }) => Date.parse(validTo))),
    vouching: vouchingOf(leaf, last),
    issuer: last.issuer.split('\n').join(', '),
    keyHash: createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
    rsaBits: key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined,
    covers: (hostname) => leaf.checkHost(hostname) !== undefined,
  };
}

/** The certificate at which the chain from the first one ends. */
function lastOf(leaf: X509Certificate, others: readonly X509Certificate[]): X509Certificate {
  let last = leaf;
  for (const next of others) {
    if (isSelfIssued(last) || !isFrom(last, next)) break;
    last = next;
  }
  return last;
}

function vouchingOf(leaf: X509Certificate, last: X509Certificate): Vouching {
  if (isSelfIssued(leaf)) return 'own';
  for (const pem of rootCertificates) {
    const root = new X509Certificate(pem);
    if (root.fingerprint256 === last.fingerprint256 || isFrom(last, root)) return 'known';
  }
  return isSelfIssued(last) ? 'unknown' : 'cut';
}

function isSelfIssued(one: X509Certificate): boolean {
  return isFrom(one, one);
}

function isFrom(one: X509Certificate, issuer: X509Certificate): boolean {
  return one.issuer === issuer.subject && one.verify(issuer.publicKey);
}
