/** A worker in the place of another: until it takes mail it reads its lane, and nobody else writes there. */

import { servingWords } from '../../src/cli/config/server-settings.js';
import { settle } from '../../src/cli/config/settled.js';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { planLanes } from '../../src/cli/server/open-lane.js';
import { WorkerPool } from '../../src/cli/server/worker-pool.js';
import { SharedSocket } from '../../src/net/shared-socket.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { workersOf } from '../support/worker-processes.js';

suite('a worker in the place of another', (test) => {
  test('whoever erases is told to write into its lane himself while it begins', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const data = dataDirectory(made.data);
      const { at, lanes } = await planLanes(data, 1, () => undefined);
      const [lane] = lanes as [Uint8Array];
      const before = workersOf(process);
      let asked = () => {};
      const erased = new Promise<boolean>((done, fail) => {
        asked = () => {
          // When it begins, and before its process is there.
          const whenBegun = async () => {
            await new Promise((next) => setImmediate(next));
            await pool.writers.erase(lane, 0, []);
            const [seen] = await pool.look();
            return seen !== undefined;
          };
          whenBegun().then(done, fail);
        };
      });
      const pool = await WorkerPool.start({
        data,
        journal: at.journal,
        lanes,
        sockets: [await SharedSocket.bind({ host: '127.0.0.1', port: 0 })],
        words: { ...servingWords(settle({}, undefined)), figures: false },
        certificates: () => undefined,
        log: () => undefined,
        onEvent: () => undefined,
        onTrouble: () => undefined,
        onSegment: () => undefined,
        beforeAnother: async () => asked(),
      });
      // Nothing else of this process may be under way while no worker is there.
      const alive = setInterval(() => undefined, 1000);
      try {
        const worker = workersOf(process).find((pid) => !before.includes(pid));
        process.kill(worker as number, 'SIGKILL');
        assert.ok(await erased, 'before it has begun');
      } finally {
        clearInterval(alive);
        await pool.close();
      }
    }));
});
