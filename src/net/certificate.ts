/** Self-signed certificate: what a server shows in TLS until it is given a real one (RFC 5280). */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  booleanTrue,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.js';
import { ipv6Groups } from './ipv6.js';

/** A certificate chain and its private key, both in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const commonName = '2.5.4.3';
const subjectAltName = '2.5.29.17';
const keyUsage = '2.5.29.15';
const extendedKeyUsage = '2.5.29.37';
const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const digitalSignature = bitString(Uint8Array.of(0x80), 7);

/** The first and the last second there is: when the certificate was made is nobody's business, and it never runs out. */
const validity = sequence(time('20000101000000Z'), time('99991231235959Z'));

/** Of P-256 in DER: half of all have it, the others are shorter or longer by the leading zeros of two numbers. */
const usualSignatureLength = 71;

/** A new P-256 key and a certificate for it, for one host name or IP address. */
export function selfSigned(host: string): CertificatePair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // A common name has at most 64 characters; names are looked for in subjectAltName anyway.
  const name = sequence(set(sequence(objectIdentifier(commonName), utf8String(host.slice(0, 64)))));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(serial),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        sequence(objectIdentifier(subjectAltName), octetString(sequence(generalName(host)))),
        sequence(objectIdentifier(keyUsage), booleanTrue, octetString(digitalSignature)),
        sequence(
          objectIdentifier(extendedKeyUsage),
          octetString(sequence(objectIdentifier(serverAuthentication))),
        ),
      ),
    ),
  );
  const certificate = sequence(toBeSigned, ecdsaWithSha256, bitString(signature(toBeSigned, privateKey)));
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A signature of the usual length: then all certificates of a name are equally long, and a length tells nothing. */
function signature(octets: Uint8Array, key: KeyObject): Uint8Array {
  for (;;) {
    const made = sign('sha256', octets, key);
    if (made.length === usualSignatureLength) return made;
  }
}

function generalName(host: string): Uint8Array {
  if (isIP(host) === 4) return implicit(7, Uint8Array.from(host.split('.').map(Number)));
  if (isIP(host) === 6)
    return implicit(7, Uint8Array.from(ipv6Groups(host).flatMap((group) => [group >> 8, group & 0xff])));
  return implicit(2, Buffer.from(host, 'latin1'));
}

function pem(label: string, octets: Uint8Array): string {
  const lines =
    Buffer.from(octets)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
