/** Vectors about channels: who finds a channel, and which open. */
import { channelText, makeChannelWithText, makeLowOrderChannel } from '../channel.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, bob, stranger } from '../people.js';

const noMatch: readonly Entry[] = [
  vector(
    'no-match-other-identity',
    'no-match',
    'The mail is for somebody else, whose identity is not here.',
    (v) => {
      v.readers = [bob];
      oneMail(v);
    },
  ),
  vector('no-match-no-identity', 'no-match', 'A good journal, checked without any identity.', (v) => {
    v.readers = [];
    oneMail(v);
  }),
  vector('no-match-empty-journal', 'no-match', 'A journal without lanes.', () => {}),
  vector(
    'no-match-fillers',
    'no-match',
    'A channel of the identity; all envelopes and blocks are fillers.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      segment.filler('envelopes', 4);
      segment.filler('blocks');
    },
  ),
  vector(
    'no-match-random-channel',
    'no-match',
    'The only channel cell has random octets, and a good check.',
    (v) => {
      const segment = v.lane().segment();
      segment.filler('channels');
      segment.filler('envelopes');
    },
  ),
];

/** One octet of Alice's channel cell is changed, and its check made anew: it opens for nobody. */
const changed = (name: string, comment: string, at: number): Entry =>
  vector(
    `channel-auth-${name}`,
    'channel-auth',
    `${comment}; the check holds. The channel opens for nobody.`,
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.change('channels', 1, (body) => {
        body[at] = (body[at] as number) ^ 1;
      });
      v.unfound(mail);
    },
  );

/** A point of X25519 with which everybody gets 32 zeros; the channel is sealed with what X-Wing makes of them. */
const lowOrder = (name: string, comment: string, point: string): Entry =>
  vector(
    `channel-auth-low-order-${name}`,
    'channel-auth',
    [
      `The X25519 part of the ciphertext is ${comment}, and all else is as it should be for the 32 zeros that X25519 gives.`,
      'A decoder that does not look for these zeros opens the channel, and finds a mail that everybody could have sealed.',
    ],
    (v) => {
      const segment = v.lane().segment(stranger);
      const octets = Buffer.from(point, 'hex');
      const { body, channel } = makeLowOrderChannel(octets, alice, segment.place, 1, v.chance);
      segment.addChannel(body, channel);
      v.unfound(segment.mail(alice));
      segment.leaveOutBlocks();
    },
  );

const auth: readonly Entry[] = [
  changed('mlkem', 'One bit of the ML-KEM part of a channel was changed', 100),
  changed('x25519', 'One bit of the X25519 part of a channel was changed', 1100),
  changed('text', 'One bit of the sealed text of a channel was changed', 1130),
  changed('tag', 'One bit of the tag of a channel was changed', 1263),
  lowOrder('zero', 'zero', '00'.repeat(32)),
  lowOrder('one', 'one', `01${'00'.repeat(31)}`),
  lowOrder('eight', 'a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
  lowOrder('prime', 'zero, written as the prime 2^255 - 19', `ed${'ff'.repeat(30)}7f`),
  vector(
    'channel-auth-two-keys-one-good',
    'channel-auth',
    'Of two channels of one identity one was changed; mail of the other is found.',
    (v) => {
      const segment = v.lane().segment(alice);
      v.unfound(segment.mail(alice, { subject: 'lost' }));
      segment.channel(alice);
      segment.envelope(segment.message({ subject: 'found', size: 60 }), alice);
      segment.change('channels', 0, (body) => body.reverse());
    },
  ),
];

const others: readonly Entry[] = [
  vector('unknown-version-channel', 'unknown-version', 'The text of a channel has the version 2.', (v) => {
    const segment = v.lane().segment(stranger);
    const { body, channel } = makeChannelWithText(channelText(alice, 2), alice, segment.place, 1, v.chance);
    segment.addChannel(body, channel);
    v.unfound(segment.mail(alice));
    v.fault(segment.at('channels', 1));
  }),
  vector(
    'ok-channel-text-not-looked-at',
    'ok',
    'Behind the version, the text of a channel has another fingerprint and no zeros: it is not looked at.',
    (v) => {
      const segment = v.lane().segment(stranger);
      const text = v.chance(128);
      text[0] = 1;
      const { body, channel } = makeChannelWithText(text, alice, segment.place, 1, v.chance);
      segment.addChannel(body, channel);
      segment.mail(alice);
    },
  ),
];

export const channels: readonly Entry[] = [...noMatch, ...auth, ...others];
