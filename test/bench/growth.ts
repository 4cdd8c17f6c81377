/** Growth: how the receivers do with more sessions and more recipients, and the server and the reader with more mail. */
import type { Curves } from './chart/lines.js';
import {
  type Listed,
  listSizes,
  measureLists,
  measureStart,
  type Started,
  startSizes,
} from './growth/journal.js';
import { recipientCounts, recipientsGrowth, sessionCounts, sessionsGrowth } from './growth/loads.js';
import type { Peer } from './peer.js';
import { play, type Race } from './play.js';
import { Results } from './results.js';
import type { Scenario } from './scenario.js';
import { markdown } from './table.js';

/** What was found; each of the curves is drawn in a file of its name. */
export interface Growth {
  readonly curves: Readonly<Record<string, Curves>>;
  readonly started: readonly Started[];
}

async function grow(scenario: Scenario, counts: readonly number[], peers: readonly Peer[], race: Race) {
  const results = new Results();
  await play('growth', scenario, peers, { ...race, results });
  return peers.flatMap(({ name }) => {
    const points = counts.flatMap((count): [number, number][] => {
      const value = results.median(name, `${count}`);
      return value === undefined ? [] : [[count, value]];
    });
    return points.length === 0 ? [] : [{ name, points }];
  });
}

const curve = <T extends { gibibytes: number }>(name: string, all: readonly T[], of: (one: T) => number) => ({
  name,
  points: all.map((one): [number, number] => [one.gibibytes, of(one)]),
});

export async function measureGrowth(peers: readonly Peer[], race: Race): Promise<Growth> {
  const sessions = await grow(sessionsGrowth, sessionCounts, peers, race);
  const recipients = await grow(recipientsGrowth, recipientCounts, peers, race);
  const rounds = Math.min(3, race.rounds);
  console.error('start-up of a server, list of a reader, with more and more mail');
  const started: Started[] = [];
  for (const size of startSizes) {
    const one = await measureStart(size, rounds);
    started.push(one);
    console.error(`  ${size} GiB: ${one.seconds.toFixed(2)} s, ${one.mebibytes.toFixed(0)} MiB`);
  }
  const listed: Listed[] = await measureLists(listSizes, rounds);
  const gibibytes = 'GiB in the journal';
  const curves: Record<string, Curves> = {
    sessions: { title: 'Sessions', across: 'sessions', up: 'messages a second', curves: sessions },
    recipients: {
      title: 'Recipients of one message',
      across: 'recipients, each with a key of its own',
      up: '× the processor time of a message to one',
      curves: recipients,
    },
    start: {
      title: 'Start-up of the server',
      across: gibibytes,
      up: 'seconds until it listens',
      curves: [curve('obalka serve', started, ({ seconds }) => seconds)],
    },
    memory: {
      title: 'Memory of the server after its start',
      across: gibibytes,
      up: 'MiB resident at most',
      curves: [curve('obalka serve', started, ({ mebibytes }) => mebibytes)],
    },
    listing: {
      title: 'The newest 50 of a mailbox',
      across: `${gibibytes}; 65 536 messages in each, 1000 of them the reader's`,
      up: 'seconds, with start-up',
      curves: [
        curve('list --limit 50, no cache', listed, ({ first }) => first),
        curve('list --limit 50, later', listed, ({ later }) => later),
      ],
    },
  };
  return { curves, started };
}

/** The points of a picture as a table, for those who want the figures. */
export function curvesTable({ across, curves }: Curves): string {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const rows = curves.map(({ name, points }) => [
    name,
    ...xs.map((x) => {
      const y = points.find(([at]) => at === x)?.[1];
      return y === undefined ? '' : y >= 100 ? y.toFixed(0) : y.toFixed(2);
    }),
  ]);
  return markdown([across, ...xs.map(String)], rows);
}
