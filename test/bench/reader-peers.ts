/** What readers are measured beside: age on one large file, openpgp.js on many small mails. Those that are not here are named. */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from 'age-encryption';
import { smallMail } from './small-mail.js';

/** Whether a program can be started. */
export function isThere(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}

/** Makes a plaintext of so many octets, sealed with age for a key of the same kind as obalka's; gives the words that open it. */
export async function ageFile(
  folder: string,
  octets: number,
): Promise<{ name: string; words: readonly string[] }> {
  const identity = await generateHybridIdentity();
  const recipient = await identityToRecipient(identity);
  const [key, sealed] = [join(folder, 'age-identity'), join(folder, 'sealed.age')];
  writeFileSync(key, `${identity}\n`, { mode: 0o600 });
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const piece = Buffer.alloc(2 ** 20, 'sixteen octets..');
  let left = octets;
  const plaintext = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(piece.subarray(0, Math.min(left, piece.length)));
      left -= piece.length;
    },
  });
  await pipeline(Readable.fromWeb(await sealedStream(encrypter, plaintext)), createWriteStream(sealed));
  const out = join(folder, 'opened');
  // age knows keys of this kind from 1.3 on.
  const opened = spawnSync('age', ['-d', '-i', key, '-o', out, sealed]);
  if (opened.status === 0) return { name: 'age -d', words: ['age', '-d', '-i', key, '-o', out, sealed] };
  const self = process.argv[1] as string;
  return {
    name: 'age-encryption (age -d is not there)',
    words: [process.execPath, self, '--open', key, sealed, out],
  };
}

async function sealedStream(encrypter: Encrypter, plaintext: ReadableStream<Uint8Array>) {
  return (await encrypter.encrypt(plaintext)) as Parameters<typeof Readable.fromWeb>[0];
}

/** The part of `age -d` where there is none. */
export async function openAgeFile(key: string, sealed: string, out: string): Promise<void> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(readFileSync(key, 'utf8').trim());
  const stream = Readable.toWeb(createReadStream(sealed)) as ReadableStream<Uint8Array>;
  const opened = (await decrypter.decrypt(stream)) as Parameters<typeof Readable.fromWeb>[0];
  await pipeline(Readable.fromWeb(opened), createWriteStream(out));
}

/** What is used of openpgp.js 6, which is no dependency: `npm i --no-save openpgp` brings it. */
interface OpenPgp {
  generateKey(options: object): Promise<{ readonly privateKey: object; readonly publicKey: object }>;
  createMessage(options: { binary: Uint8Array }): Promise<object>;
  encrypt(options: object): Promise<Uint8Array>;
  readMessage(options: { binaryMessage: Uint8Array }): Promise<object>;
  decrypt(options: object): Promise<{ readonly data: Uint8Array }>;
}

/** Mails a second that openpgp.js decrypts, one after the other; undefined if it is not there. */
export async function openPgpRate(mails: number): Promise<number | undefined> {
  const name: string = 'openpgp';
  const module: unknown = await import(name).catch(() => undefined);
  if (module === undefined) return undefined;
  const pgp = module as OpenPgp;
  const { privateKey, publicKey } = await pgp.generateKey({
    userIDs: [{ email: 'mine@example.org' }],
    format: 'object',
  });
  // A hundred messages, each opened many times: their making is not what is measured.
  const sealed = await Promise.all(
    Array.from({ length: 100 }, async (_, number) =>
      pgp.encrypt({
        message: await pgp.createMessage({ binary: smallMail(number).content }),
        encryptionKeys: publicKey,
        format: 'binary',
      }),
    ),
  );
  const begun = performance.now();
  for (let at = 0; at < mails; at++)
    await pgp.decrypt({
      message: await pgp.readMessage({ binaryMessage: sealed[at % sealed.length] as Uint8Array }),
      decryptionKeys: privateKey,
      format: 'binary',
    });
  return mails / ((performance.now() - begun) / 1000);
}
