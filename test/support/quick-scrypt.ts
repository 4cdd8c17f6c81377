/**
 * Loaded into the program by NODE_OPTIONS: scrypt with few steps, whatever a file says. What is protected under it opens
 * under it alone. For tests of what is around a passphrase; its strength has tests of its own.
 */
import crypto, { type BinaryLike, type ScryptOptions } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const thorough = crypto.scrypt;

function quick(
  passphrase: BinaryLike,
  salt: BinaryLike,
  length: number,
  options: ScryptOptions,
  done: (error: Error | null, key: Buffer) => void,
): void {
  thorough(passphrase, salt, length, { ...options, N: 16 }, done);
}

crypto.scrypt = quick as typeof crypto.scrypt;
syncBuiltinESMExports();
