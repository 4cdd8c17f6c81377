/** One mail to ten recipients, beside one to one. */
import { ownLoad } from '../load.js';
import { benchRecipients } from '../peer.js';
import { cpuSeconds } from '../proc.js';
import { binary, type Loaded, plain, type Scenario, small } from '../scenario.js';

const many = 10;

/** What a mail to so many costs. Its commands come together, as senders of mail to many send them (RFC 2920). */
export async function costFor(loaded: Loaded, recipients: number, seconds: number) {
  const { peer } = loaded;
  const alsoTo = benchRecipients(recipients).slice(1);
  const before = cpuSeconds(peer.pid);
  const result = await ownLoad(small(loaded, true, seconds, { alsoTo, pipelining: true }), peer.settled);
  const cpu = (cpuSeconds(peer.pid) - before) / result.accepted;
  return { accepted: result.accepted, cpu, time: 1 / result.perSecond };
}

/** With our own generator, whatever the others are loaded with: it names the recipients. */
export const recipients: Scenario = {
  title: (scale) =>
    `recipients: 20 sessions that stay open and pipeline, ${binary(scale.smallBytes)} a message to ${many} recipients with a key each; × the processor time and × the time of a message to one; our own generator`,
  columns: plain(2, `CPU × for ${many}`, `time × for ${many}`),
  fresh: false,
  without: ({ forEach }) => (forEach ? undefined : 'keeps nothing for each'),
  options: ({ largeBytes }) => ({ maxSize: largeBytes, recipients: many }),
  async warmUp(loaded) {
    const one = await costFor(loaded, 1, loaded.scale.seconds / 4);
    const all = await costFor(loaded, many, loaded.scale.seconds / 4);
    return { accepted: one.accepted + all.accepted, perSecond: 1 / all.time };
  },
  async measure(loaded) {
    const one = await costFor(loaded, 1, loaded.scale.seconds / 2);
    const all = await costFor(loaded, many, loaded.scale.seconds / 2);
    const numbers = {
      [`CPU × for ${many}`]: all.cpu / one.cpu,
      [`time × for ${many}`]: all.time / one.time,
    };
    return { accepted: one.accepted + all.accepted, numbers };
  },
};
