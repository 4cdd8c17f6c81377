/** Signing: whether an Ed25519 signature (RFC 8032) of a lane's writer holds. */
import { createPublicKey, verify } from 'node:crypto';
import { concat } from '../core/bytes.js';

/** Octets of a seed, of a public key and of a signature. */
export const signingSeedSize = 32;
export const signerSize = 32;
export const signatureSize = 64;

/** Ed25519 in SubjectPublicKeyInfo (RFC 8410): these octets, then the public key. */
const publicKeyLead = new Uint8Array(Buffer.from('302a300506032b6570032100', 'hex'));

/**
 * Whether a signature of a text holds under a public key. What has another length than it should, an S that is not below
 * the order of the group (RFC 8032, section 5.1.7) and octets that are no point of the curve do not. By node:crypto,
 * which takes a fiftieth of tweetnacl's time: a journal of many years has a thousand segments.
 */
export function isSignedBy(publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== signerSize || signature.length !== signatureSize) return false;
  const key = createPublicKey({
    key: Buffer.from(concat(publicKeyLead, publicKey)),
    format: 'der',
    type: 'spki',
  });
  return verify(null, text, key, signature);
}
