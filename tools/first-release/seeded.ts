/** For node's --import: chance from SEED, and a clock that stands at CLOCK, so that the same commands make the same files. */
import crypto from 'node:crypto';
import { register, syncBuiltinESMExports } from 'node:module';
import { fill } from './random.js';

register('./hooks.js', import.meta.url);
crypto.randomBytes = ((length: number) => fill(Buffer.alloc(length))) as typeof crypto.randomBytes;
syncBuiltinESMExports();
// libsodium draws here what encapsulation needs.
globalThis.crypto.getRandomValues = fill as typeof globalThis.crypto.getRandomValues;

const now = Date.parse(process.env.CLOCK ?? '');
Date.now = () => now;
