/** Where mail is brought in: through the running server, or under the lock. */
import { freeSpace } from '../../journal/free-space.js';
import { nodeAead } from '../../seal/aead.js';
import { type Bringing, importWriter } from '../../server/import-writer.js';
import { LiveRegistry } from '../../server/live-registry.js';
import { defaultSessionLimits } from '../../smtp/settings.js';
import { type DataDirectory, mustBeInitialised, openDataRegistry } from '../data/data-directory.js';
import { takeDataLockOrAsk } from '../data/data-lock.js';
import { random } from '../random.js';
import { readAddressRules } from '../server/address-rules-file.js';
import { openLane } from '../server/open-lane.js';
import { say } from '../terminal/output.js';
import { bringThrough } from './conversation.js';

/** Runs with a way in for the mail of an address. */
export async function withBringing<T>(
  data: DataDirectory,
  address: string,
  use: (bringing: Bringing) => Promise<T>,
): Promise<T> {
  await mustBeInitialised(data);
  const lock = await takeDataLockOrAsk(data);
  if (!lock) {
    const bringing = await bringThrough(data.control, address);
    return use(bringing).finally(() => bringing.close());
  }
  try {
    const rules = await readAddressRules(data.addressRules);
    const registry = await openDataRegistry(data, () => rules);
    try {
      const { lane } = await openLane(data, registry, (event) => say(`obalka: ${event}`));
      try {
        const recipients = new LiveRegistry(registry, { isTold: false });
        const bringing = importWriter(
          {
            lane,
            recipients,
            aead: nodeAead,
            random,
            now: Date.now,
            maxSize: defaultSessionLimits.content,
            diskReserve: undefined,
            space: () => freeSpace(data.journal),
          },
          address,
        );
        return await use(bringing);
      } finally {
        await lane.close();
      }
    } finally {
      registry.close();
    }
  } finally {
    lock.release();
  }
}
