/** Loads of small mail: how much in a second, what it costs, and how long a sender waits. */
import { ownLoad } from '../load.js';
import { postfixDovecot } from '../peers/postfix-dovecot.js';
import { smtpServer } from '../peers/smtp-server.js';
import { smtpSink } from '../peers/smtp-sink.js';
import { cpuSeconds } from '../proc.js';
import { binary, plain, type Scenario, small } from '../scenario.js';

const options: Scenario['options'] = ({ largeBytes }) => ({ maxSize: largeBytes });

export const kept: Scenario = {
  title: (scale) => `kept: 20 sessions that stay open, ${binary(scale.smallBytes)} a message`,
  columns: [{ name: 'kept msg/s', digits: 0, yardsticks: [smtpServer.name] }, ...plain(2, 'CPU s per 1000')],
  fresh: false,
  options,
  warmUp: (loaded) => loaded.load(small(loaded, true, loaded.scale.seconds / 2), loaded.peer.settled),
  async measure(loaded) {
    const { peer, load, scale } = loaded;
    const before = cpuSeconds(peer.pid);
    const result = await load(small(loaded, true, scale.seconds), peer.settled);
    const spent = cpuSeconds(peer.pid) - before;
    const perThousand = (1000 * spent) / result.accepted;
    return { ...result, numbers: { 'kept msg/s': result.perSecond, 'CPU s per 1000': perThousand } };
  },
};

export const fresh: Scenario = {
  title: (scale) => `new: 20 sessions at a time, one ${binary(scale.smallBytes)} message in each`,
  columns: [{ name: 'new msg/s', digits: 0, yardsticks: [smtpSink.name, postfixDovecot.name] }],
  fresh: false,
  options,
  warmUp: (loaded) => loaded.load(small(loaded, false, loaded.scale.seconds / 2), loaded.peer.settled),
  async measure(loaded) {
    const result = await loaded.load(small(loaded, false, loaded.scale.seconds), loaded.peer.settled);
    return { ...result, numbers: { 'new msg/s': result.perSecond } };
  },
};

/** With our own generator, whatever the others are loaded with: it takes the times. */
export const waits: Scenario = {
  title: (scale) =>
    `waits: 5 sessions that stay open, ${binary(scale.smallBytes)} a message, as fast as it goes; milliseconds from the final dot to 250; our own generator`,
  columns: plain(2, 'p50 ms', 'p99 ms'),
  fresh: false,
  options,
  warmUp: (loaded) => ownLoad(small(loaded, true, loaded.scale.seconds / 2, { sessions: 5 })),
  async measure(loaded) {
    const result = await ownLoad(small(loaded, true, loaded.scale.seconds / 2, { sessions: 5 }));
    await loaded.peer.settled?.();
    const { p50, p99 } = result.waits ?? { p50: 0, p99: 0 };
    return { accepted: result.accepted, numbers: { 'p50 ms': p50, 'p99 ms': p99 } };
  },
};
