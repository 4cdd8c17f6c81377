/** Every vector of spec/vectors, read by the reference: at once, in single octets, and with a second AEAD. */
import { areZeros, equal, Fault, fromHex, hex, join } from '../../tools/reference/bytes.js';
import { checkJournal, checkMail } from '../../tools/reference/checking.js';
import { readNote } from '../../tools/reference/checkpoints.js';
import { type Files, filesInMemory } from '../../tools/reference/files.js';
import { type Journal, openJournal } from '../../tools/reference/journal.js';
import { type Identity, parseIdentities } from '../../tools/reference/keys.js';
import { aead } from '../../tools/reference/sealing.js';
import { assert, suite } from '../support/suite.js';
import { rememberDerivations } from './remembered.js';
import * as second from './second-aead.js';
import { readVector, type Vector, vectorNames } from './vector-files.js';

// Each vector is decoded twice, with the same keys.
const forget = rememberDerivations();

/** What the lines `mail` and `fault` say, or what the reference found. */
type Found = { mails: string[]; faults: string[] };

const owners = new Map<string, Identity>();

/** The owner with this identity: made once, as many vectors have the same. */
function ownerOf(line: string): Identity {
  const owner = owners.get(line) ?? (parseIdentities(line, 'the vector')[0] as Identity);
  owners.set(line, owner);
  return owner;
}

/** Opens, finds, reads every content to its end, checks. Each piece is held against the truth when it is given out. */
function decode({ identities, signers, mails: expected, files: octets }: Vector, files: Files): Found {
  const pins = signers.map((signer) => ({
    signer,
    checkpoint: readNote(octets.pinned as Uint8Array, signer, 'pinned'),
  }));
  let journal: Journal;
  try {
    journal = openJournal(files, pins);
  } catch (error) {
    if (error instanceof Fault) return { mails: [], faults: [error.place] };
    throw error;
  }
  const checked = checkJournal(journal, pins);

  const owners = identities.map(ownerOf);
  const given = new Map<string, number>();
  const opened = checkMail(journal, owners, ({ id, at }, { part, octets }) => {
    if (part !== 'content') return;
    const truths = expected.filter((one) => one.id === id).map((one) => one.truth);
    const from = given.get(at) ?? 0;
    const isTrue = truths.some((truth) => equal(octets, truth.subarray(from, from + octets.length)));
    assert.ok(isTrue, `${id} gives out what was never sealed`);
    given.set(at, from + octets.length);
  });
  for (const [i, { mail, state }] of opened.mails.entries())
    if (state === 'whole') assert.is(given.get(mail.at) ?? 0, expected[i]?.truth.length, `${mail.id} is cut`);
  const faults = [...checked.faults, ...opened.faults].map((fault) => fault.place);
  return {
    mails: opened.mails.map(({ mail, state }) => `${mail.id} ${state}`),
    faults: [...new Set(faults)].sort(),
  };
}

/** Files that give one octet at each read. */
function inSingleOctets(files: Files): Files {
  return { ...files, read: (name, offset, length) => files.read(name, offset, Math.min(1, length)) };
}

function withSecondAead<T>(run: () => T): T {
  const first = aead.open;
  aead.open = second.open;
  try {
    return run();
  } finally {
    aead.open = first;
  }
}

suite('the reference decoder and the vectors', (test) => {
  for (const name of vectorNames())
    test(name, () => {
      forget();
      const vector = readVector(name);
      const files = filesInMemory(vector.files);
      const expected = {
        mails: vector.mails.map(({ id, state }) => `${id} ${state}`),
        faults: vector.faults,
      };
      assert.equal(decode(vector, files), expected);
      const otherWay = withSecondAead(() => decode(vector, inSingleOctets(files)));
      assert.equal(otherWay, expected, 'octet by octet, with the second AEAD');
    });
});

suite('the second AEAD', (test) => {
  test('RFC 8439, 2.8.2', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const nonce = fromHex('070000004041424344454647');
    const data = fromHex('50515253c0c1c2c3c4c5c6c7');
    const begin = fromHex('d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6');
    const stream = second.chachaBlock(key, 1, nonce).subarray(0, 32);
    assert.is(
      Buffer.from(begin.map((octet, i) => octet ^ (stream[i] as number))).toString(),
      'Ladies and Gentlemen of the clas',
    );
    const rest =
      '3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116';
    const tag = fromHex('1ae10b594f09e26a7e902ecbd0600691');
    const text = second.open(key, nonce, data, join(begin, fromHex(rest), tag));
    assert.ok(text && Buffer.from(text).toString().endsWith('sunscreen would be it.'));
    assert.is(second.open(key, nonce, data.fill(0, 0, 1), join(begin, fromHex(rest), tag)), undefined);
    assert.not(areZeros(tag), hex(tag));
  });
});
