/** Where the floor is: obalka's SMTP engine alone, with sealing, and with syncs, in a program of a hundred lines. */
import { join } from 'node:path';
import { listeningPort, startChild } from '../child.js';
import type { Peer } from '../peer.js';

const program = join(import.meta.dirname, 'engine-program.js');

const engineThat = (name: string, work: 'discard' | 'seal' | 'sync'): Peer => ({
  name,
  forEach: false,
  missing: () => undefined,
  version: () => "obalka's own engine without its journal, registry, policies and envelopes",
  async start({ maxSize, launcher }) {
    const child = startChild(process.execPath, [program, `${maxSize}`, work], {}, launcher);
    return {
      port: await listeningPort(child),
      pid: child.pid,
      async stop() {
        await child.stop();
        return undefined;
      },
    };
  },
});

export const engine = engineThat('the engine alone, throws mail away', 'discard');
export const engineSeals = engineThat('the engine, seals and hashes, throws mail away', 'seal');
export const engineSyncs = engineThat('the engine, seals, hashes, writes, syncs', 'sync');
