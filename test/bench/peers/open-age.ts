/** A peer of the bench: opens an age file as `age -d` does, by node:crypto. FILE IDENTITY OUT. */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { Decrypter } from 'age-encryption';

const [file = '', identity = '', out = ''] = process.argv.slice(2);
const chunk = 65_536 + 16;
const decrypter = new Decrypter();
decrypter.addIdentity((await readFile(identity, 'utf8')).trim());
const from = await open(file, 'r');
const to = await open(out, 'wx', 0o600);
const beginning = Buffer.alloc(16_384);
await from.read(beginning, 0, beginning.length, 0);
const mac = beginning.indexOf('\n--- ');
const at = beginning.indexOf('\n', mac + 1) + 1;
const fileKey = await decrypter.decryptHeader(Uint8Array.from(beginning.subarray(0, at)));
const key = new Uint8Array(hkdfSync('sha256', fileKey, beginning.subarray(at, at + 16), 'payload', 32));
const { size } = await from.stat();
const nonce = Buffer.alloc(12);
let writing: Promise<unknown> = Promise.resolve();
let counter = 0;
for (let offset = at + 16; offset < size; ) {
  const some = Buffer.allocUnsafe(16 * chunk);
  const { bytesRead } = await from.read(some, 0, some.length, offset);
  const pieces: Buffer[] = [];
  for (let begin = 0; begin < bytesRead; begin += chunk) {
    const sealed = some.subarray(begin, Math.min(begin + chunk, bytesRead));
    nonce.writeUIntBE(counter++, 5, 6);
    nonce[11] = offset + begin + sealed.length === size ? 1 : 0;
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(-16));
    pieces.push(decipher.update(sealed.subarray(0, -16)));
    decipher.final();
  }
  offset += bytesRead;
  await writing;
  writing = to.writev(pieces);
}
await writing;
await to.close();
await from.close();
