/** Vectors about blocks: commitment and AEAD. */
import { concat } from '../../../src/core/bytes.js';
import { sha256 } from '../../../src/core/sha256.js';
import { nodeAead } from '../../../src/seal/aead.js';
import { type BlockIndex, MessageKeys } from '../../../src/seal/block.js';
import { BlockTarget, collide } from '../collision.js';
import { contentOf } from '../content.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { type MessageOptions, somePrelude } from '../message.js';
import { alice, bob } from '../people.js';

/**
 * One block that opens under two message keys, to Alice's mail under hers and to Bob's under his. Bob's content stands
 * behind a prelude of 8192 octets that nobody can read; that is a fault of nothing but the prelude.
 */
const collision = (
  name: string,
  comment: string,
  whose: (keys: { alice: Uint8Array; bob: Uint8Array }) => Uint8Array,
) =>
  vector(
    `commit-mismatch-${name}`,
    'commit-mismatch',
    [
      'One block that the bare AEAD opens under two message keys, with a content of each recipient in it.',
      comment,
    ],
    (v) => {
      v.readers = [alice, bob];
      const segment = v.lane().segment(alice, bob);
      const keys = [v.chance(32), v.chance(32)] as const;
      const [one, two] = keys.map((key) => new BlockTarget(key, segment.place, 0)) as [
        BlockTarget,
        BlockTarget,
      ];
      const sealed = collide(
        { target: one, plaintext: concat(somePrelude, contentOf('alices', 200)), offset: 0 },
        { target: two, plaintext: contentOf('bobs', 200), offset: 8192 },
        v.chance,
      );
      const commitment = whose({ alice: one.commitment, bob: two.commitment });
      const leaves = sha256(segment.put('blocks', 0, concat(commitment, sealed)));
      const message = {
        size: 200,
        trailerLength: 0,
        leaves,
        depth: 0,
        runs: [{ segment: 0, first: 0, count: 1 }],
        cells: [],
      };
      const mails = [
        {
          mail: segment.envelope(
            { ...message, key: keys[0], subject: 'alices', preludeLength: somePrelude.length },
            alice,
          ),
          commitment: one.commitment,
        },
        {
          mail: segment.envelope({ ...message, key: keys[1], subject: 'bobs', preludeLength: 8192 }, bob),
          commitment: two.commitment,
        },
      ];
      for (const other of mails)
        if (other.commitment !== commitment) v.damaged(other.mail, segment.at('blocks', 0));
    },
  );

const commitments: readonly Entry[] = [
  collision(
    'collision-first',
    'The commitment in it is that of the first key: the second recipient gets nothing.',
    (keys) => keys.alice,
  ),
  collision(
    'collision-second',
    'The commitment in it is that of the second key: the first recipient gets nothing.',
    (keys) => keys.bob,
  ),
  collision(
    'collision-neither',
    'The commitment in it is that of neither key: nobody gets anything.',
    () => new Uint8Array(32),
  ),
  vector(
    'commit-mismatch-bit',
    'commit-mismatch',
    'One bit of the commitment in the block was changed before the leaves were hashed.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        bend: (body) => {
          body[31] = (body[31] as number) ^ 1;
        },
      });
      v.damaged(mail, segment.at('blocks', 0));
    },
  ),
];

/** A writer sealed a block of a message wrongly; check and leaves digest hold. */
const auth = (name: string, comment: string, block: number, options: MessageOptions): Entry =>
  vector(`block-auth-${name}`, 'block-auth', `${comment}; check and leaves digest hold.`, (v) => {
    const { segment, mail } = oneMail(v, options);
    v.damaged(mail, segment.at('blocks', block));
  });

const flip =
  (at: number, when: (block: BlockIndex) => boolean = () => true) =>
  (body: Uint8Array, block: BlockIndex) => {
    if (when(block)) body[at] = (body[at] as number) ^ 1;
  };
const as =
  (change: Partial<BlockIndex>, when: (block: BlockIndex) => boolean = () => true) =>
  (block: BlockIndex) =>
    when(block) ? { ...block, ...change } : block;
const isLevel = (level: number) => (block: BlockIndex) => block.level === level;
const isBlock = (index: number) => (block: BlockIndex) => block.level === 0 && block.index === index;
/** Of two and of three blocks. */
const [two, three] = [17000, 33000];

const auths: readonly Entry[] = [
  auth('text', 'One bit of a sealed block was changed', 0, { bend: flip(1000) }),
  auth('tag', 'One bit of the tag of a block was changed', 0, { bend: flip(16367) }),
  auth('not-final', 'The only block is not sealed as the final one', 0, { as: as({ final: false }) }),
  auth('final-too-early', 'The first of two blocks is sealed as the final one', 0, {
    size: two,
    as: as({ final: true }, isBlock(0)),
  }),
  auth('last-not-final', 'The last of two blocks is not sealed as the final one: the first is given out', 1, {
    size: two,
    as: as({ final: false }, isBlock(1)),
  }),
  auth('second', 'One bit of the second of three blocks was changed: the first is given out', 1, {
    size: three,
    bend: flip(99, isBlock(1)),
  }),
  auth('third', 'One bit of the third of three blocks was changed: the first two are given out', 2, {
    size: three,
    bend: flip(99, isBlock(2)),
  }),
  auth('index', 'The second of three blocks is sealed with the index 2', 1, {
    size: three,
    as: as({ index: 2 }, isBlock(1)),
  }),
  auth('index-2-32', 'The second of two blocks is sealed with the index 2^32 + 1', 1, {
    size: two,
    as: as({ index: 2 ** 32 + 1 }, isBlock(1)),
  }),
  auth('level', 'The second of two blocks is sealed with the level 1', 1, {
    size: two,
    as: as({ level: 1 }, isBlock(1)),
  }),
  auth('index-block', 'One bit of an index block was changed', 1, { depth: 1, bend: flip(5, isLevel(1)) }),
  auth('index-block-level', 'An index block of level 1 is sealed with the level 2', 1, {
    depth: 1,
    as: as({ level: 2 }, isLevel(1)),
  }),
  auth('index-block-final', 'The only index block is not sealed as the final one', 1, {
    depth: 1,
    as: as({ final: false }, isLevel(1)),
  }),
  auth('upper-index-block', 'One bit of the index block of level 2 was changed', 2, {
    depth: 2,
    bend: flip(5, isLevel(2)),
  }),
  vector(
    'block-auth-other-key',
    'block-auth',
    'The second of two blocks is that of another message key; check and leaves digest hold: the first is given out.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        size: two,
        bend: (body, block, segment, number) => {
          const keys = new MessageKeys(v.chance(32));
          if (isBlock(1)(block))
            keys.seal(body, new Uint8Array(16352), block, segment.place, number, nodeAead);
        },
      });
      v.damaged(mail, segment.at('blocks', 1));
    },
  ),
];

export const blocks: readonly Entry[] = [...commitments, ...auths];
