/** A leaky build, in place of server/channel-table: a key gets its channel with its first mail. */
import { type ChannelTableOptions, ChannelTable as Sound } from '../../../src/server/channel-table.js';

export * from '../../../src/server/channel-table.js';

export class ChannelTable extends Sound {
  constructor(options: ChannelTableOptions) {
    super({ ...options, maxEagerKeys: 0 });
  }
}
