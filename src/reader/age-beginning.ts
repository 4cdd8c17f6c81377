/** Age beginning: how a file begins that is under a passphrase, told without loading what opens one. */
const armorBegins = '-----BEGIN AGE ENCRYPTED FILE-----';
export const binaryBegins = 'age-encryption.org/v1\n';

/** The version of an age file that only another program reads; undefined of one that is none, or of version 1. */
export function otherVersion(bytes: Uint8Array): string | undefined {
  const version = /^age-encryption\.org\/v(\d{1,9})\n/.exec(textOf(bytes))?.[1];
  return version === '1' ? undefined : version;
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 256)).toString('latin1');

/** Whether these octets begin as an age file does, of whatever version. */
export function isProtected(bytes: Uint8Array): boolean {
  const start = textOf(bytes);
  return start.startsWith('age-encryption.org/v') || start.trimStart().startsWith(armorBegins);
}
