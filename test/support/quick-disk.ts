/** The real disk for tests that are not about durability: syncs are not waited for. */
import { type Disk, nodeDisk } from '../../src/journal/disk.js';

export const quickDisk: Disk = {
  ...nodeDisk,
  async create(path) {
    const file = await nodeDisk.create(path);
    return {
      write: (offset, pieces) => file.write(offset, pieces),
      sync: async () => {},
      setTime: (seconds) => file.setTime(seconds),
      size: () => file.size(),
      time: () => file.time(),
      read: (offset, length) => file.read(offset, length),
      close: () => file.close(),
    };
  },
  syncFolder: async () => {},
};
