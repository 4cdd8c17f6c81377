/** Protected files: text under a passphrase, as an age file (C2SP age.md). Read with armor or without, written with it. */
import { Problem } from '../core/errors.js';
import {
  fileKeyLength,
  highestWorkFactor,
  openFileKey,
  type PassphraseStanza,
  saltLength,
  sealFileKey,
  usualWorkFactor,
} from '../seal/passphrase.js';
import { binaryBegins, otherVersion } from './age-beginning.js';

/** A file whose header was read; nothing was stretched yet. */
export interface ProtectedFile {
  readonly binary: Uint8Array;
  readonly stanza: PassphraseStanza;
  /** Names the file in errors. */
  readonly source: string;
}

function isBinary(bytes: Uint8Array): boolean {
  return otherVersion(bytes) !== undefined || Buffer.from(bytes).toString('latin1', 0, 22) === binaryBegins;
}

function refuseOtherVersion(binary: Uint8Array, source: string): void {
  const version = otherVersion(binary);
  if (version !== undefined)
    throw new Problem(
      'identity',
      `${source}: an age file of version ${version}; this program knows version 1: use a newer obalka`,
    );
}

/** Reads the header. Throws a Problem if the file is damaged, under no passphrase, or asks for too much work. */
export async function readProtected(bytes: Uint8Array, source: string): Promise<ProtectedFile> {
  const { Decrypter, armor } = await import('age-encryption');
  let binary = bytes;
  const stanzas: { args: string[]; body: Uint8Array }[] = [];
  const look = new Decrypter();
  look.addIdentity({
    unwrapFileKey(found: { args: string[]; body: Uint8Array }[]) {
      stanzas.push(...found);
      return null;
    },
  });
  try {
    if (!isBinary(bytes)) binary = armor.decode(Buffer.from(bytes).toString('latin1'));
    refuseOtherVersion(binary, source);
    // Ends in an error always, as no key is given out.
    await look.decryptHeader(binary).catch(() => undefined);
  } catch (error) {
    throw error instanceof Problem ? error : damaged(source);
  }
  const [stanza, ...more] = stanzas;
  if (!stanza) throw damaged(source);
  const [type, salt = '', factor = ''] = stanza.args;
  if (type !== 'scrypt')
    throw new Problem(
      'identity',
      `${source}: this age file is sealed to a key, not under a passphrase; open it with: age -d`,
    );
  const saltBytes = new Uint8Array(Buffer.from(salt, 'base64'));
  const isRight =
    more.length === 0 &&
    stanza.args.length === 3 &&
    saltBytes.length === saltLength &&
    Buffer.from(saltBytes).toString('base64').replace(/=+$/, '') === salt &&
    /^[1-9][0-9]{0,9}$/.test(factor) &&
    stanza.body.length === fileKeyLength + 16;
  if (!isRight) throw damaged(source);
  const workFactor = Number(factor);
  if (workFactor > highestWorkFactor)
    throw new Problem(
      'identity',
      `${source}: the passphrase would take 2^${workFactor} steps to try, and more than 2^${highestWorkFactor} are refused, as by age: put back another copy of the file`,
    );
  return { binary, stanza: { salt: saltBytes, workFactor, body: stanza.body }, source };
}

/** What is in the file; undefined if it is another passphrase. The caller wipes it. */
export async function openProtected(
  { binary, stanza, source }: ProtectedFile,
  passphrase: Uint8Array,
): Promise<Uint8Array | undefined> {
  const fileKey = await openFileKey(stanza, passphrase).catch(() => {
    const mebibytes = 2 ** (stanza.workFactor - 10);
    throw new Problem(
      'identity',
      `${source}: there is not enough memory to try the passphrase; it takes ${mebibytes} MiB`,
    );
  });
  if (!fileKey) return undefined;
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addIdentity({ unwrapFileKey: () => fileKey });
  try {
    return await decrypter.decrypt(binary);
  } catch {
    throw damaged(source);
  } finally {
    fileKey.fill(0);
  }
}

/** The age file, armored, of a text under a passphrase. */
export async function protect(
  text: Uint8Array,
  passphrase: Uint8Array,
  random: (length: number) => Uint8Array,
  workFactor = usualWorkFactor,
): Promise<string> {
  const { Encrypter, Stanza, armor } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKey) {
      const { salt, body } = await sealFileKey(fileKey, passphrase, random(saltLength), workFactor);
      const written = Buffer.from(salt).toString('base64').replace(/=+$/, '');
      return [new Stanza(['scrypt', written, String(workFactor)], body)];
    },
  });
  return armor.encode(await encrypter.encrypt(text));
}

function damaged(source: string): Problem {
  return new Problem(
    'identity',
    `${source}: damaged age file: octets are wrong or missing; put back a copy of it`,
  );
}
