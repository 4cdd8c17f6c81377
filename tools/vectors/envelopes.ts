/** Vectors about envelopes: those that do not open, and those that cannot be read. */
import { concat } from '../../src/core/bytes.js';
import { encodePlace, writeU32, writeU64 } from '../../src/format/place.js';
import { writeRuns } from '../../src/format/runs.js';
import { type Entry, oneMail, vector } from './entry.js';
import { withTexts } from './envelope.js';
import { alice, stranger } from './people.js';

/** One bit of Alice's envelope is changed, and the check made anew. */
const changed = (name: string, comment: string, at: number): Entry =>
  vector(`envelope-auth-${name}`, 'envelope-auth', `${comment}; the check holds.`, (v) => {
    const { segment, mail } = oneMail(v);
    segment.change('envelopes', 1, (body) => {
      body[at] = (body[at] as number) ^ 0x80;
    });
    segment.leaveOutBlocks();
    v.lost(mail);
  });

const auth: readonly Entry[] = [
  changed('nonce', 'One bit of the nonce of an envelope was changed', 32),
  changed('text', 'One bit of a sealed envelope was changed', 700),
  changed('tag', 'One bit of the tag of the AEAD of an envelope was changed', 1263),
  vector(
    'envelope-auth-key',
    'envelope-auth',
    'An envelope is sealed with the key of the step after its own.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      v.lost(segment.mail(alice, { sealedWith: { key: segment.channelOf(alice).step(1).key } }));
    },
  ),
  vector(
    'envelope-auth-other-tag',
    'envelope-auth',
    'The tag of an envelope was exchanged for that of another step of its channel: the mail has the id of that step.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      v.lost(segment.mail(alice, { step: 5, sealedWith: segment.channelOf(alice).step(0) }));
    },
  ),
  vector(
    'envelope-auth-tag-not-bound',
    'envelope-auth',
    'The associated data of an envelope is its place alone, without its tag.',
    (v) => {
      v.lost(oneMail(v, { sealedWith: { tag: new Uint8Array(0) } }).mail);
    },
  ),
  vector(
    'envelope-auth-stream',
    'envelope-auth',
    'The associated data of an envelope names the place in the stream of channels with its number.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      v.lost(segment.mail(alice, { sealedWith: { place: encodePlace(segment.place, 'channels', 0) } }));
    },
  ),
];

/** The plaintext of Alice's envelope is changed before it is sealed, so that it cannot be read. */
const unreadable = (
  name: string,
  expect: string,
  comment: string,
  plaintext: (text: Uint8Array) => void,
): Entry =>
  vector(name, expect, comment, (v) => {
    const { segment, mail } = oneMail(v, { plaintext });
    segment.leaveOutBlocks();
    v.lost(mail);
  });

const octet = (at: number, value: number) => (text: Uint8Array) => {
  text[at] = value;
};

const caps: readonly Entry[] = [
  unreadable('unknown-version-envelope', 'unknown-version', 'An envelope has the version 2.', octet(0, 2)),
  unreadable('unknown-version-envelope-0', 'unknown-version', 'An envelope has the version 0.', octet(0, 0)),
  unreadable('cap-exceeded-depth-5', 'cap-exceeded', 'An envelope has the depth 5.', octet(3, 5)),
  unreadable('cap-exceeded-runs-0', 'cap-exceeded', 'An envelope has no runs.', octet(125, 0)),
  unreadable(
    'cap-exceeded-runs-17',
    'cap-exceeded',
    'An envelope has 17 runs: the last would begin where the texts do.',
    (text) => {
      for (let run = 0; run < 16; run++)
        writeRuns(text, 128 + 12 * run, [{ segment: 0, first: run, count: 1 }]);
      text[125] = 17;
    },
  ),
  unreadable(
    'cap-exceeded-runs-257',
    'cap-exceeded',
    'An envelope has 257 runs: the number has two octets.',
    octet(124, 1),
  ),
  unreadable('cap-exceeded-run-of-0', 'cap-exceeded', 'The first of two runs has the count 0.', (text) => {
    writeRuns(text, 128, [
      { segment: 0, first: 0, count: 0 },
      { segment: 0, first: 0, count: 1 },
    ]);
    text[125] = 2;
  }),
  unreadable(
    'cap-exceeded-last-run-of-0',
    'cap-exceeded',
    'An envelope says two runs; the second has the count 0.',
    octet(125, 2),
  ),
  unreadable('cap-exceeded-receive-time', 'cap-exceeded', 'The receive time is 2^53.', (text) =>
    writeU32(text, 4, 2 ** 21),
  ),
  unreadable('cap-exceeded-content', 'cap-exceeded', 'The length of the content is 2^53.', (text) =>
    writeU32(text, 20, 2 ** 21),
  ),
  unreadable('cap-exceeded-content-2-64', 'cap-exceeded', 'The length of the content is 2^64 - 1.', (text) =>
    text.fill(255, 20, 28),
  ),
  unreadable(
    'cap-exceeded-texts',
    'cap-exceeded',
    'The texts have 885 octets, one more than there are.',
    withTexts(concat(cbor('85', '40'), Buffer.alloc(883)), 885),
  ),
  unreadable(
    'cap-exceeded-texts-65535',
    'cap-exceeded',
    'The texts have 65535 octets by their length.',
    withTexts(cbor('85'), 65535),
  ),
];

/** CBOR from hexadecimal pieces, and texts as they are. */
function cbor(...pieces: readonly string[]): Uint8Array {
  return Buffer.from(pieces.join(''), 'hex');
}

const badTexts = (name: string, comment: string, texts: Uint8Array): Entry =>
  unreadable(`bad-cbor-${name}`, 'bad-cbor', `The texts of an envelope ${comment}.`, withTexts(texts));

const texts: readonly Entry[] = [
  badTexts('none', 'have no octets', cbor()),
  badTexts('map', 'are a map', cbor('a0')),
  badTexts('four', 'are an array of four', cbor('84', '6161', '40', '40', '40')),
  badTexts('six', 'are an array of six', cbor('86', '6161', '40', '40', '40', '40', '40')),
  badTexts(
    'bytes-for-text',
    'have a byte string where the text is to be',
    cbor('85', '4161', '40', '40', '40', '40'),
  ),
  badTexts(
    'text-for-bytes',
    'have a text where a byte string is to be',
    cbor('85', '6161', '40', '60', '40', '40'),
  ),
  badTexts(
    'indefinite-array',
    'are an array of indefinite length',
    cbor('9f', '6161', '40', '40', '40', '40', 'ff'),
  ),
  badTexts(
    'indefinite-bytes',
    'have a byte string of indefinite length',
    cbor('85', '6161', '5f4100ff', '40', '40', '40'),
  ),
  badTexts('tag', 'stand under a tag', cbor('d9d9f7', '85', '6161', '40', '40', '40', '40')),
  badTexts('trailing', 'have an octet behind the one item', cbor('85', '6161', '40', '40', '40', '40', '00')),
  badTexts('cut', 'end within the last byte string', cbor('85', '6161', '40', '40', '40', '4200')),
  badTexts(
    'long',
    'have a byte string of 2^64 - 1 octets by its length',
    cbor('85', '6161', '40', '40', '40', '5bffffffffffffffff'),
  ),
  badTexts('utf-8', 'have a text that is no UTF-8', cbor('85', '61ff', '40', '40', '40', '40')),
  badTexts(
    'surrogate',
    'have a text with a surrogate, which is no UTF-8',
    cbor('85', '63eda080', '40', '40', '40', '40'),
  ),
  badTexts('null', 'have null for an empty byte string', cbor('85', '6161', 'f6', '40', '40', '40')),
];

/** The envelope is another than usual, and is read all the same. */
const readable = (name: string, comment: string, plaintext: (text: Uint8Array) => void): Entry =>
  vector(`ok-${name}`, 'ok', comment, (v) => {
    oneMail(v, { plaintext });
  });

const longText = (length: number, octet: string) => octet.repeat(length);

const readableOnes: readonly Entry[] = [
  readable(
    'reached-unknown',
    'The code of how the address was reached is 200: it is shown as unknown.',
    octet(1, 200),
  ),
  readable(
    'flags-unknown',
    'All bits of the flags are set; those that are not known are ignored.',
    octet(2, 255),
  ),
  readable(
    'behind-runs',
    'Behind the runs there are octets that are no zeros: they are not looked at.',
    (text) => text.fill(0xaa, 140, 320),
  ),
  readable(
    'behind-texts',
    'Behind the texts there are octets that are no zeros: they are not looked at.',
    (text) => text.fill(0xaa, 1100),
  ),
  readable(
    'texts-full',
    'The texts fill their 884 octets: a recipient of 313, and header fields as long as they are kept.',
    withTexts(
      cbor(
        '85',
        '790139',
        longText(313, '61'),
        '5880',
        longText(128, '46'),
        '58ff',
        longText(255, '53'),
        '5830',
        longText(48, '44'),
        '5880',
        longText(128, '4d'),
      ),
    ),
  ),
  readable(
    'header-field-longer',
    'The header field From has 600 octets, more than a writer keeps.',
    withTexts(cbor('85', '6161', '590258', longText(600, '46'), '40', '40', '40')),
  ),
  readable(
    'summary-octets',
    'The header fields of the summary have octets that are no text.',
    withTexts(cbor('85', '6161', '4400ff80c3', '480d0a1b5b324a0080', '40', '41fe')),
  ),
  readable(
    'cbor-not-shortest',
    'The heads of the texts are longer than they need to be: two, three, five and nine octets.',
    withTexts(
      cbor('9805', '780161', '590000', '5a0000000268 69'.replace(' ', ''), '5b0000000000000000', '5800'),
    ),
  ),
  readable(
    'recipient-empty',
    'The recipient is an empty text, and so are all header fields.',
    withTexts(cbor('85', '60', '40', '40', '40', '40')),
  ),
  readable(
    'recipient-utf-8',
    'The recipient has letters of two, three and four octets, and a byte order mark before them.',
    withTexts(cbor('85', '71efbbbfc3bc40e0a495f09f93ac2e636f6d', '40', '40', '40', '40')),
  ),
];

/** Lengths and runs that do not fit each other: told when the message is opened, as a fault of the envelope. */
const misfit = (
  name: string,
  expect: string,
  comment: string,
  plaintext: (text: Uint8Array) => void,
): Entry =>
  vector(name, expect, comment, (v) => {
    const { segment, mail } = oneMail(v, { plaintext });
    segment.filler('blocks');
    v.damaged(mail, segment.at('envelopes', 1));
  });

const misfits: readonly Entry[] = [
  misfit('extended-message', 'extended', 'The runs name a block more than the lengths need.', (text) =>
    writeU32(text, 136, 2),
  ),
  misfit('truncated-message', 'truncated', 'The lengths need two blocks; the runs name one.', (text) =>
    writeU64(text, 20, 20000),
  ),
  misfit('cap-exceeded-run-count', 'cap-exceeded', 'The run has the count 2^32 - 1.', (text) =>
    writeU32(text, 136, 2 ** 32 - 1),
  ),
  misfit('cap-exceeded-prelude', 'cap-exceeded', 'The prelude has 2^32 - 1 octets by its length.', (text) =>
    text.fill(255, 12, 16),
  ),
  misfit(
    'cap-exceeded-sum',
    'cap-exceeded',
    'The lengths of content, prelude and trailer are each the largest there is; their sum is above 2^53.',
    (text) => {
      text.fill(255, 12, 20);
      writeU64(text, 20, 2 ** 53 - 1);
    },
  ),
  misfit(
    'cap-exceeded-index-blocks',
    'cap-exceeded',
    'The depth is 1, and the runs name more index blocks than the message has data blocks.',
    (text) => {
      text[3] = 1;
      writeU32(text, 136, 2);
    },
  ),
  misfit(
    'cap-exceeded-index-blocks-many',
    'cap-exceeded',
    'The depth is 4, and the run has the count 2^32 - 1.',
    (text) => {
      text[3] = 4;
      writeU32(text, 136, 2 ** 32 - 1);
    },
  ),
];

export const envelopes: readonly Entry[] = [...auth, ...caps, ...texts, ...readableOnes, ...misfits];
