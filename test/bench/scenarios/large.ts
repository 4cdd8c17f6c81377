/** Loads of large mail: octets in a second, and memory for one that is larger still. */
import { setTimeout as delay } from 'node:timers/promises';
import { smtpServer } from '../peers/smtp-server.js';
import { watchResident } from '../proc.js';
import { binary, type Loaded, plain, plan, type Scenario } from '../scenario.js';

const large = ({ peer, scale }: Loaded, messages: number) =>
  plan(peer, { sessions: 2, size: scale.largeBytes, keep: true, messages });
const one = ({ peer }: Loaded, size: number) => plan(peer, { sessions: 1, size, keep: true, messages: 1 });

export const largeMail: Scenario = {
  title: ({ largeMessages, largeBytes }) =>
    `large: 2 sessions, ${largeMessages} messages of ${binary(largeBytes)} in all; MB is 10^6 bytes`,
  columns: [{ name: 'large MB/s', digits: 0, yardsticks: [smtpServer.name] }],
  fresh: false,
  options: ({ largeBytes }) => ({ maxSize: 2 * largeBytes }),
  warmUp: (loaded) => loaded.load(large(loaded, 2), loaded.peer.settled),
  async measure(loaded) {
    const { peer, load, scale } = loaded;
    const result = await load(large(loaded, scale.largeMessages), peer.settled);
    return { ...result, numbers: { 'large MB/s': (result.perSecond * scale.largeBytes) / 1e6 } };
  },
};

export const giant: Scenario = {
  title: ({ largeBytes, giantBytes }) =>
    `giant: memory in MiB of all processes of a receiver that has just started and took 50 small mails: before, highest while it takes one of ${binary(giantBytes)}, growth; growth for one of ${binary(largeBytes)} sent first`,
  columns: plain(0, 'RSS before', 'RSS peak', 'RSS growth', 'growth, large'),
  fresh: true,
  rounds: 2,
  options: ({ giantBytes }) => ({ maxSize: 2 * giantBytes }),
  warmUp: ({ peer, load, scale }) =>
    load(plan(peer, { sessions: 5, size: scale.smallBytes, keep: true, messages: 50 }), peer.settled),
  async measure(loaded) {
    const { peer, load, scale } = loaded;
    await delay(500); // what the warm-up left under way
    const watched = watchResident(peer.pid);
    const before = watched.peak();
    const first = await load(one(loaded, scale.largeBytes), peer.settled);
    const afterLarge = watched.peak();
    const second = await load(one(loaded, scale.giantBytes), peer.settled);
    const peak = watched.peak();
    watched.stop();
    return {
      accepted: first.accepted + second.accepted,
      numbers: {
        'RSS before': before,
        'RSS peak': peak,
        'RSS growth': peak - before,
        'growth, large': afterLarge - before,
      },
    };
  },
};
