/** Vectors about envelopes with texts and octets out of the ordinary, read or not. */
import { type Entry, oneMail, vector } from '../entry.js';
import { withTexts } from '../envelope.js';
import { octet, unreadable } from './envelopes.js';

/** CBOR from hexadecimal pieces, and texts as they are. */
function cbor(...pieces: readonly string[]): Uint8Array {
  return Buffer.from(pieces.join(''), 'hex');
}

/** As many octets as there is room for: a recipient of 313, and header fields as long as they are kept. */
function fullTexts(): Uint8Array {
  return cbor(
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
  );
}

const longText = (length: number, octet: string) => octet.repeat(length);

const badTexts = (name: string, comment: string, texts: Uint8Array): Entry =>
  unreadable(`bad-cbor-${name}`, 'bad-cbor', `The texts of an envelope ${comment}.`, withTexts(texts));

const badOnes: readonly Entry[] = [
  unreadable(
    'cap-exceeded-texts',
    'cap-exceeded',
    'The texts have 885 octets by their length, one more than there are; the 884 would be good.',
    withTexts(fullTexts(), 885),
  ),
  unreadable(
    'cap-exceeded-texts-65535',
    'cap-exceeded',
    'The texts have 65535 octets by their length; the 884 that there are would be good.',
    withTexts(fullTexts(), 65535),
  ),
  badTexts('none', 'have no octets', cbor()),
  badTexts('map', 'are a map', cbor('a0')),
  badTexts(
    'four',
    'say that they are an array of four; five items follow',
    cbor('84', '6161', '40', '40', '40', '40'),
  ),
  badTexts(
    'six',
    'say that they are an array of six; five items follow',
    cbor('86', '6161', '40', '40', '40', '40'),
  ),
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
    withTexts(fullTexts()),
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

export const texts: readonly Entry[] = [...badOnes, ...readableOnes];
