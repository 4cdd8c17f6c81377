/** Vectors about cells, segments and lanes that stand somewhere a second time. */
import { streams } from '../../../src/format/place.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, stranger } from '../people.js';
import { Scene } from '../scene.js';

const copies: readonly Entry[] = [
  vector(
    'replayed-envelope',
    'replayed',
    'A copy of an envelope stands behind it, with a good check: each is opened by itself.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.copy('envelopes', 1, 2);
      const copy = { ...mail, number: 2 };
      v.mails.push(copy);
      v.lost(copy);
    },
  ),
  vector(
    'replayed-envelope-before',
    'replayed',
    'A copy of an envelope stands before it, with a good check: the mail is found all the same.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.copy('envelopes', 1, 0);
      const copy = { ...mail, number: 0 };
      v.mails.push(copy);
      v.lost(copy);
    },
  ),
  vector(
    'replayed-envelope-unclaimed',
    'replayed',
    'A copy of an envelope stands behind the claim: it was never acknowledged.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.copy('envelopes', 1, 2);
      segment.claim = { envelopes: 2 };
      const copy = { ...mail, number: 2 };
      v.mails.push(copy);
      v.void(copy);
    },
  ),
  vector(
    'replayed-envelope-segment',
    'replayed',
    "A copy of an envelope stands in the next segment, which has a channel of the same identity: it is nobody's there.",
    (v) => {
      const { segment } = oneMail(v);
      segment.lane.segment(alice).copy('envelopes', 1, 0, segment);
    },
  ),
  vector(
    'replayed-envelope-lane',
    'replayed',
    'Copies of a channel and of an envelope stand in another lane: neither opens there.',
    (v) => {
      const { segment } = oneMail(v);
      const other = v.lane().segment(stranger);
      other.copy('channels', 1, 1, segment);
      other.copy('envelopes', 1, 0, segment);
    },
  ),
  vector(
    'replayed-channel',
    'replayed',
    'A copy of a channel cell stands behind it: it opens for nobody.',
    (v) => {
      const { segment } = oneMail(v);
      segment.copy('channels', 1, 2);
    },
  ),
  vector(
    'replayed-block',
    'replayed',
    'The block of an earlier mail stands in the place of the block of a later one.',
    (v) => {
      const segment = v.lane().segment(alice);
      segment.mail(alice, { subject: 'earlier' });
      const mail = segment.mail(alice, { subject: 'later' });
      segment.copy('blocks', 0, 1);
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector(
    'replayed-journal',
    'replayed',
    'A lane of another journal stands in this one, with its head and all its heads as they were.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.leaveOutBlocks();
      v.files.set('journal', new Scene('another journal').file('journal'));
      v.unfound(mail);
      v.fault(segment.lane.named, segment.named, ...segment.headNames);
    },
  ),
  vector(
    'replayed-segment',
    'replayed',
    'A copy of the folder of segment 0 stands as segment 1, with all octets as they were.',
    (v) => {
      const { segment } = oneMail(v);
      const folder = segment.path().replace(/0$/, '1');
      for (const file of ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced'])
        v.files.set(`${folder}/${file}`, v.file(segment.path(file)));
      const named = segment.named.replace('segment 0', 'segment 1');
      v.fault(named, ...segment.headNames.map((place) => place.replace(segment.named, named)));
    },
  ),
  vector(
    'replayed-segment-with-heads',
    'replayed',
    'A copy of segment 0 stands as segment 1, with heads and claim made for it; its cells are as they were.',
    (v) => {
      const segment = v.lane().segment(alice);
      segment.mail(alice);
      const copy = segment.lane.segment();
      copy.place = { ...copy.place, id: segment.place.id };
      for (const stream of streams) {
        copy.cells[stream].push(...segment.cells[stream]);
        for (const number of segment.cells[stream].keys()) {
          v.fault(copy.at(stream, number));
          if (stream === 'channels') v.fault(`${copy.at(stream, number)} (mirror)`);
        }
      }
    },
  ),
];

export const replays: readonly Entry[] = [...copies];
