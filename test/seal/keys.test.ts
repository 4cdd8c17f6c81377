/** Keys in age's encodings: those of other programs work, and what is no key is refused with the reason. */
import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from 'age-encryption';
import { hex } from '../../src/core/bytes.js';
import { Problem, type ProblemKind } from '../../src/core/errors.js';
import {
  encodeIdentity,
  encodePublicKey,
  fingerprintOf,
  identityOf,
  keySetFingerprint,
  parseIdentities,
  parsePublicKey,
  showFingerprint,
} from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const alice = identityOf(bytesFrom('alice', 32));
const secret = encodeIdentity(alice.seed);
const open = encodePublicKey(alice.publicKey);

function problem(kind: ProblemKind, says: RegExp) {
  return (error: unknown) =>
    error instanceof Problem &&
    error.kind === kind &&
    error.message.startsWith('a file: ') &&
    says.test(error.message);
}
const refuseIdentity = (text: string, says: RegExp) =>
  assert.throws(() => parseIdentities(text, 'a file'), problem('identity', says));
const refuseKey = (text: string, says: RegExp) =>
  assert.throws(() => parsePublicKey(text, 'a file'), problem('usage', says));

suite('keys', (test) => {
  test('an identity that age-encryption made has another public key here', async () => {
    for (let count = 0; count < 3; count++) {
      const text = await generateHybridIdentity();
      const [identity] = parseIdentities(`# made elsewhere\n${text}\n`, 'a file');
      assert.ok(identity);
      const recipient = await identityToRecipient(text);
      assert.is(encodePublicKey(identity.publicKey), recipient);
      assert.is(hex(parsePublicKey(recipient, 'a file')), hex(identity.publicKey));
      assert.is(encodeIdentity(identity.seed), text);
    }
  });

  test('age-encryption cannot use an identity that was made here', async () => {
    assert.is(await identityToRecipient(secret), open);
    const encrypter = new Encrypter();
    encrypter.addRecipient(open);
    const decrypter = new Decrypter();
    decrypter.addIdentity(secret);
    assert.is(await decrypter.decrypt(await encrypter.encrypt('for Alice'), 'text'), 'for Alice');
  });

  test('a key that is not post-quantum is taken, or refused without the reason', async () => {
    const classical = await generateX25519Identity();
    refuseIdentity(classical, /X25519 identity.*opens no post-quantum mail/);
    refuseKey(await identityToRecipient(classical), /X25519 key is not post-quantum/);
  });

  test('a secret key is taken where a public one belongs, or the reverse', () => {
    refuseKey(secret, /this is a secret key.*never the secret one to a server/);
    refuseIdentity(open, /this is a public key/);
  });

  test('a damaged key is taken', () => {
    for (let at = 0; at < secret.length; at++) {
      const letter = secret[at] === 'Q' ? 'P' : 'Q';
      const damaged = secret.slice(0, at) + letter + secret.slice(at + 1);
      assert.throws(() => parseIdentities(damaged, 'a file'), problem('identity', /./), `letter ${at}`);
    }
    for (let at = 0; at < open.length; at += 13) {
      const letter = open[at] === 'q' ? 'p' : 'q';
      const damaged = open.slice(0, at) + letter + open.slice(at + 1);
      assert.throws(() => parsePublicKey(damaged, 'a file'), problem('usage', /./), `letter ${at}`);
    }
    refuseIdentity(secret.slice(0, -1), /damaged identity/);
    refuseIdentity(`${secret.slice(0, 30)} ${secret.slice(30)}`, /damaged identity/);
    refuseIdentity(encodeIdentity(bytesFrom('short', 31)), /31 octets, not 32/);
    refuseKey(open.slice(1), /no public key in this file/);
    refuseKey(encodePublicKey(alice.publicKey.subarray(1)), /1215 octets, not 1216/);
    refuseKey('ssh-ed25519 AAAA', /no public key in this file/);
  });

  test('an octet string that no mail can be sealed to is registered', () => {
    // One such key among the active ones, and no segment could begin any more.
    refuseKey(encodePublicKey(new Uint8Array(1216).fill(255)), /damaged public key/);
  });

  test('a message of refusal shows a secret', () => {
    for (const text of [secret.slice(0, -1), secret.toLowerCase(), `${secret}x`])
      try {
        parsePublicKey(text, 'a file');
        assert.unreachable();
      } catch (error) {
        assert.not.match(String(error), /QQ|PQ-1[A-Z0-9]{4}/);
      }
  });

  test('of several identities in a file only the first is read', () => {
    const bob = identityOf(bytesFrom('bob', 32));
    const text = `# two\r\n${secret}\r\n\r\n  ${encodeIdentity(bob.seed)}  \n# end\n`;
    assert.equal(
      parseIdentities(text, 'a file').map(({ fingerprint }) => hex(fingerprint)),
      [alice, bob].map(({ fingerprint }) => hex(fingerprint)),
    );
    refuseIdentity(`${secret}\nrubbish\n`, /damaged identity/);
    refuseIdentity('# nothing\n', /no identity in this file/);
    refuseKey(`${open}\n${open}\n`, /more than one public key/);
    refuseKey('\n', /no public key in this file/);
  });

  test('fingerprints cannot be compared by eye, or do not depend on the key', () => {
    const shown = showFingerprint(alice.fingerprint);
    assert.match(shown, /^[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}$/);
    assert.is(showFingerprint(new Uint8Array(32)), 'aaaa-aaaa-aaaa-aaaa');
    assert.is(showFingerprint(new Uint8Array(32).fill(255)), '7777-7777-7777-7777');
    const other = alice.publicKey.slice();
    other[1215] = (other[1215] as number) ^ 1;
    assert.is.not(showFingerprint(fingerprintOf(other)), shown);
  });

  test('the fingerprint of a key set depends on the order', () => {
    const prints = ['a', 'b', 'c'].map((name) => bytesFrom(name, 32));
    const reversed = [...prints].reverse();
    assert.is(hex(keySetFingerprint(prints)), hex(keySetFingerprint(reversed)));
    assert.is.not(hex(keySetFingerprint(prints)), hex(keySetFingerprint(prints.slice(1))));
  });
});
