/** Loads that grow: from 1 to 100 sessions, and from 1 to 50 recipients. Their columns are how many. */
import type { Peer } from '../peer.js';
import { smtpServer, smtpServerMaildir } from '../peers/smtp-server.js';
import { binary, type Loaded, plain, type Scenario, small } from '../scenario.js';
import { costFor } from '../scenarios/recipients.js';

export const sessionCounts = [1, 2, 5, 10, 20, 50, 100];
export const recipientCounts = [1, 2, 5, 10, 20, 50];

/** Of each turn: they are many. */
const share = 0.25;

async function warmUp(loaded: Loaded) {
  const { peer, load, scale } = loaded;
  return load(small(loaded, true, scale.seconds * share), peer.settled);
}

const shown: readonly string[] = [smtpServer.name, smtpServerMaildir.name];

export const sessionsGrowth: Scenario = {
  title: ({ smallBytes }) =>
    `sessions: 1 to 100 that stay open, ${binary(smallBytes)} a message; messages a second`,
  columns: plain(0, ...sessionCounts.map(String)),
  fresh: false,
  rounds: 3,
  without: ({ name }: Peer) =>
    name.startsWith('obalka') || shown.includes(name) ? undefined : 'would take long, or says nothing',
  options: ({ largeBytes }) => ({ maxSize: largeBytes }),
  warmUp,
  async measure(loaded) {
    const { peer, load, scale } = loaded;
    const numbers: Record<string, number> = {};
    let accepted = 0;
    for (const sessions of sessionCounts) {
      const result = await load(small(loaded, true, scale.seconds * share, { sessions }), peer.settled);
      accepted += result.accepted;
      numbers[sessions] = result.perSecond;
    }
    return { accepted, numbers };
  },
};

export const recipientsGrowth: Scenario = {
  title: ({ smallBytes }) =>
    `recipients: 1 to 50 of each message of ${binary(smallBytes)}, with a key each; × the processor time of a message to one`,
  columns: plain(2, ...recipientCounts.map(String)),
  fresh: false,
  rounds: 3,
  without: ({ name }: Peer) => (name.startsWith('obalka') ? undefined : 'is measured with ten'),
  options: ({ largeBytes }) => ({
    maxSize: largeBytes,
    recipients: recipientCounts.at(-1) as number,
  }),
  async warmUp(loaded) {
    const { accepted, time } = await costFor(
      loaded,
      recipientCounts.at(-1) as number,
      loaded.scale.seconds * share,
    );
    return { accepted, perSecond: 1 / time };
  },
  async measure(loaded) {
    const numbers: Record<string, number> = {};
    let accepted = 0;
    let first: number | undefined;
    for (const count of recipientCounts) {
      const cost = await costFor(loaded, count, loaded.scale.seconds * share);
      accepted += cost.accepted;
      first ??= cost.cpu;
      numbers[count] = cost.cpu / first;
    }
    return { accepted, numbers };
  },
};
