/** Certificates: those of a server, chosen by the name that a client asks for, and replaced while it serves. */
import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { Problem } from '../core/errors.js';
import type { CertificatePair } from './certificate.js';

/** A pair, and where it is from, for messages: the path of a file. */
export interface ServerCertificate extends CertificatePair {
  readonly place: string;
  /** Where the key is from, if that is another file. */
  readonly keyPlace?: string;
}

interface Entry {
  readonly place: string;
  readonly leaf: X509Certificate;
  readonly context: SecureContext;
}

/**
 * Forward secrecy for all: no key exchange by RSA, and no session tickets, whose key would open what was recorded.
 * CBC suites stay for old senders, who would come in plaintext otherwise.
 */
const ciphers =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:' +
  'ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL:!eNULL:!PSK:!SRP';

export class Certificates {
  #entries: readonly [Entry, ...Entry[]];

  /** `pairs`: at least one; the first is for clients that name no name, or one that none of them has. Throws a Problem. */
  constructor(pairs: readonly ServerCertificate[]) {
    this.#entries = load(pairs);
  }

  /** Takes others for the handshakes to come. Throws a Problem, and keeps those it has, if one of them is bad. */
  replace(pairs: readonly ServerCertificate[]): void {
    this.#entries = load(pairs);
  }

  /** Those that are over at this time (milliseconds since 1970): where they are from. */
  expired(at: number): string[] {
    return this.#entries.filter(({ leaf }) => Date.parse(leaf.validTo) < at).map(({ place }) => place);
  }

  /** What to show a client that asks for this name (SNI). */
  contextFor(name?: string): SecureContext {
    const entries = this.#entries;
    // Anything else is no name of a certificate, and OpenSSL's check would throw at some of it.
    const isName = name !== undefined && /^[A-Za-z0-9._-]{1,255}$/.test(name);
    const found = isName ? entries.find(({ leaf }) => leaf.checkHost(name) !== undefined) : undefined;
    return (found ?? entries[0]).context;
  }
}

function load(pairs: readonly ServerCertificate[]): readonly [Entry, ...Entry[]] {
  const [first, ...others] = pairs;
  if (first === undefined) throw new Error('no certificate');
  return [loadOne(first), ...others.map(loadOne)];
}

function loadOne({ place, keyPlace = `the key of ${place}`, certificate, key }: ServerCertificate): Entry {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(certificate);
  } catch {
    throw new Problem('failure', `${place}: not a certificate in PEM form${hintOf(certificate)}`);
  }
  let belongs: boolean;
  try {
    belongs = leaf.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new Problem(
      'failure',
      `${keyPlace}: not a private key in PEM form without a passphrase${hintOf(key)}`,
    );
  }
  if (!belongs)
    throw new Problem(
      'failure',
      `${place}: ${keyPlace} belongs to another certificate; give certificates and keys in the same order`,
    );
  try {
    const context = createSecureContext({
      cert: certificate,
      key,
      ciphers,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
      secureOptions:
        constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_COMPRESSION,
    });
    return { place, leaf, context };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'unknown reason';
    throw new Problem('failure', `${place}: OpenSSL cannot use this certificate (${reason})`);
  }
}

/** What it may be instead. */
function hintOf(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return '; it holds a private key: are the two files swapped?';
  if (text.includes('-----BEGIN CERTIFICATE-----'))
    return '; it holds a certificate: are the two files swapped?';
  return text.startsWith('\x30')
    ? '; it seems to be DER: openssl converts it (-inform DER -outform PEM)'
    : '';
}
