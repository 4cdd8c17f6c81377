/** Age beginning: how a file begins that is under a passphrase, told without loading what opens one. */
const armorBegins = '-----BEGIN AGE ENCRYPTED FILE-----';
export const binaryBegins = 'age-encryption.org/v1\n';

/** Whether these octets begin as an age file does. */
export function isProtected(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  return start.startsWith(binaryBegins) || start.trimStart().startsWith(armorBegins);
}
