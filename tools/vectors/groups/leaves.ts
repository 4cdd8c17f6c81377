/** Vectors about what the blocks of a message are: leaves digest, index blocks, and preludes. */
import { sha256 } from '../../../src/core/sha256.js';
import { cellHash } from '../../../src/format/cell.js';
import { nodeAead } from '../../../src/seal/aead.js';
import { type BlockIndex, MessageKeys } from '../../../src/seal/block.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, bob } from '../people.js';
import type { Segment } from '../segment.js';

/** A fellow recipient, who has the message key, seals another text at the place of a block, with a good check. */
function forge(segment: Segment, key: Uint8Array, block: BlockIndex, number: number): Uint8Array {
  const body = segment.body('blocks', number);
  const text = Buffer.alloc(block.level === 0 && block.index === 0 ? 16320 : 16352, 'Subject: exchanged\r\n');
  new MessageKeys(key).seal(body, text, block, segment.place, number, nodeAead);
  return segment.put('blocks', number, body);
}

const exchanged: readonly Entry[] = [
  vector(
    'leaves-mismatch-exchanged',
    'leaves-mismatch',
    [
      'A fellow recipient, who has the message key, has sealed another block in the place of the only one: it opens.',
      "The leaves digest in the other recipient's envelope is not that of this block.",
    ],
    (v) => {
      v.readers = [alice];
      const segment = v.lane().segment(alice, bob);
      const message = segment.message();
      const mail = segment.envelope(message, alice);
      segment.envelope(message, bob);
      forge(segment, message.key, { level: 0, index: 0, final: true }, 0);
      v.damaged(mail, segment.at('envelopes', 0));
    },
  ),
  vector(
    'leaves-mismatch-last-block',
    'leaves-mismatch',
    'A fellow recipient has exchanged the last of two blocks: nothing is given out, although the first is as it was.',
    (v) => {
      const { segment, mail } = oneMail(v, { size: 17000 });
      forge(segment, mail.message.key, { level: 0, index: 1, final: true }, 1);
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector(
    'leaves-mismatch-index-block',
    'leaves-mismatch',
    'A fellow recipient has exchanged the index block, so that it names another block, which he sealed too.',
    (v) => {
      const { segment, mail } = oneMail(v, { depth: 1 });
      const body = segment.body('blocks', 1);
      segment.filler('blocks');
      forge(segment, mail.message.key, { level: 0, index: 0, final: true }, 2);
      const text = new Uint8Array(16352);
      text.set([0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
      new MessageKeys(mail.message.key).seal(
        body,
        text,
        { level: 1, index: 0, final: true },
        segment.place,
        1,
        nodeAead,
      );
      segment.put('blocks', 1, body);
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector(
    'leaves-mismatch-digest',
    'leaves-mismatch',
    'The leaves digest in the envelope has one changed bit; every block opens.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        plaintext: (text) => {
          text[60] = (text[60] as number) ^ 1;
        },
      });
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector(
    'leaves-mismatch-checks',
    'leaves-mismatch',
    'The leaves digest is over the checks of the cells, the first 16 octets of each H.',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message();
      const hash = cellHash(segment.cells.blocks[0] as Uint8Array, segment.place, 'blocks', 0);
      const mail = segment.envelope({ ...message, leaves: sha256(hash.subarray(0, 16)) }, alice);
      v.damaged(mail, segment.at('envelopes', 0));
    },
  ),
];

/** What index blocks name. */
const indexes: readonly Entry[] = [
  vector(
    'cap-exceeded-index-names-more',
    'cap-exceeded',
    'An index block names two blocks; the lengths need one.',
    (v) => {
      const { segment, mail } = oneMail(v, { depth: 1, indexed: () => [{ segment: 0, first: 0, count: 2 }] });
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector('cap-exceeded-index-names-none', 'cap-exceeded', 'An index block names no blocks.', (v) => {
    const { segment, mail } = oneMail(v, { depth: 1, indexed: () => [{ segment: 0, first: 0, count: 0 }] });
    v.damaged(mail, segment.at('envelopes', 1));
  }),
  vector(
    'cap-exceeded-index-count',
    'cap-exceeded',
    'An index block of level 1 names 2^32 - 1 blocks.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        depth: 1,
        indexed: () => [{ segment: 0, first: 0, count: 2 ** 32 - 1 }],
      });
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector(
    'ok-index-ends-at-zero',
    'ok',
    'Behind the first run of the count 0 an index block has more octets: they are not looked at.',
    (v) => {
      oneMail(v, {
        depth: 1,
        indexed: (runs) => [...runs, { segment: 5, first: 5, count: 0 }, { segment: 0, first: 0, count: 9 }],
      });
    },
  ),
];

/** Preludes that nobody can read: the content is given out all the same. */
const prelude = (name: string, comment: string, octets: string): Entry =>
  vector(`ok-prelude-${name}`, 'ok', `${comment}. That is a fault of nothing but the prelude.`, (v) => {
    oneMail(v, { prelude: Buffer.from(octets, 'hex') });
  });

const preludes: readonly Entry[] = [
  prelude(
    'unknown-keys',
    'The prelude has keys that are not known, one with a number',
    'a36466726f6d6140637370661907e46374776f6132',
  ),
  prelude('array', 'The prelude is an array', '83010203'),
  prelude('garbage', 'The prelude is no CBOR', 'fffe1f1c'),
  prelude('cut', 'The prelude ends within a text', 'a16466726f6d7818'),
  prelude(
    'not-shortest',
    'The heads of the prelude are longer than they need to be',
    'b8017804 66726f6d 790001 40'.replaceAll(' ', ''),
  ),
];

export const leaves: readonly Entry[] = [...exchanged, ...indexes, ...preludes];
