/** Protected files: as age writes them and reads them, and nothing of a damaged one is ever taken. */
import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Problem } from '../../src/core/errors.js';
import { isProtected } from '../../src/reader/age-beginning.js';
import { openProtected, protect, readProtected } from '../../src/reader/protected-file.js';
import { chance } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const text = 'AGE-SECRET-KEY-PQ-1 or any other text\n';
const passphrase = Buffer.from('Grüße, čaj 茶');
const weak = 3;

async function open(file: Uint8Array, word = passphrase): Promise<string | undefined> {
  const opened = await openProtected(await readProtected(file, 'me'), word);
  return opened && Buffer.from(opened).toString();
}

async function refused(file: Uint8Array): Promise<string> {
  try {
    await open(file);
  } catch (error) {
    if (error instanceof Problem && error.kind === 'identity') return error.message;
    throw error;
  }
  return assert.unreachable('taken') as never;
}

async function byPeer(): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.toString());
  encrypter.setScryptWorkFactor(weak);
  return encrypter.encrypt(text);
}

suite('protected files', (test) => {
  test('age cannot open what is written here, or this cannot open what age wrote', async () => {
    const written = await protect(Buffer.from(text), passphrase, chance('1'), weak);
    assert.ok(isProtected(Buffer.from(written)));
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase.toString());
    assert.is(await decrypter.decrypt(armor.decode(written), 'text'), text);
    assert.is(await open(Buffer.from(written)), text);

    const binary = await byPeer();
    const armored = armor.encode(binary);
    for (const form of [binary, armored, `\n  ${armored}\n`, armored.replaceAll('\n', '\r\n')]) {
      const file = Buffer.from(form as string);
      assert.ok(isProtected(file));
      assert.is(await open(file), text);
      assert.is(await open(file, Buffer.from('another')), undefined);
    }
    assert.not.ok(isProtected(Buffer.from('# obalka identity\nAGE-SECRET-KEY-PQ-1')));
  });

  test('a file asks for hours of work or all memory, and gets it', async () => {
    const binary = Buffer.from(await byPeer()).toString('latin1');
    const withFactor = (factor: string) =>
      Buffer.from(binary.replace(/^(-> scrypt \S+) 3$/m, `$1 ${factor}`), 'latin1');
    assert.is(
      await refused(withFactor('23')),
      'me: the passphrase would take 2^23 steps to try, and more than 2^22 are refused, as by age: put back another copy of the file',
    );
    assert.match(await refused(withFactor('999999999')), /are refused, as by age/);
    for (const factor of ['0', '03', '-3', '3.0', '0x3', '99999999999', '3 3'])
      assert.match(await refused(withFactor(factor)), /^me: damaged age file: /, factor);
    // It is not what the header was sealed with.
    assert.is(await open(withFactor('4')), undefined);
  });

  test('a file for a key, or for a passphrase and a key, is taken', async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()));
    const toKey = await encrypter.encrypt(text);
    assert.match(await refused(toKey), /^me: this age file is sealed to a key, not under a passphrase; /);
    const stanza = /-> X25519 [\s\S]*?\n(?=---)/.exec(Buffer.from(toKey).toString('latin1'))?.[0] as string;
    const both = Buffer.from(await byPeer())
      .toString('latin1')
      .replace('\n---', `\n${stanza}---`);
    assert.match(await refused(Buffer.from(both, 'latin1')), /^me: damaged age file: /);
  });

  test('a changed or cut octet gives another text, or an error that is none of ours', async () => {
    const binary = await byPeer();
    const armored = Buffer.from(armor.encode(binary));
    for (const file of [Buffer.from(binary), armored])
      for (let at = 0; at < file.length; at += 3) {
        const bent = Buffer.from(file);
        bent[at] = (bent[at] as number) ^ (1 << (at % 8));
        if (isProtected(bent)) {
          const opened = await open(bent).catch((error: unknown) => {
            assert.ok(error instanceof Problem && error.kind === 'identity', String(error));
            return undefined;
          });
          // Armor has white space that may be other white space, and says nothing.
          if (opened !== undefined) assert.is(opened, text);
          if (file !== armored) assert.is(opened, undefined, `octet ${at}`);
        }
        if (at > 30 && at + 3 < file.length) await refusedOrNone(file.subarray(0, at));
      }
  });
});

async function refusedOrNone(file: Uint8Array): Promise<void> {
  assert.match(await refused(file), /^me: damaged age file: /, `${file.length} octets`);
}
