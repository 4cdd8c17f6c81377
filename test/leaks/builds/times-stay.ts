/** A leaky build, in place of journal/disk: the times of files are left as they are. */
import { type Disk, nodeDisk as sound } from '../../../src/journal/disk.js';

export * from '../../../src/journal/disk.js';

export const nodeDisk: Disk = {
  ...sound,
  async create(path) {
    const file = await sound.create(path);
    return {
      write: (offset, pieces) => file.write(offset, pieces),
      sync: () => file.sync(),
      setTime: async () => undefined,
      size: () => file.size(),
      time: () => file.time(),
      read: (offset, length) => file.read(offset, length),
      close: () => file.close(),
    };
  },
};
