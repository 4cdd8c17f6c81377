/** Standard output as the target of an export: nothing is given out before all of a mail was held against its envelope. */
import { Problem } from '../../core/errors.js';
import { write } from '../output.js';
import type { Target } from './target.js';

export function standardOutput(format: string): Target {
  if (format === 'maildir') throw new Problem('usage', '--to -: a Maildir is a folder; name one');
  let count = 0;
  return {
    has: () => false,
    async add(mail, index) {
      if (format !== 'mbox' && count++ > 0)
        throw new Problem('usage', `--to -: only one mail can be written there as ${format}; give one ID`);
      for await (const piece of index.content(mail)) await write(piece);
      return undefined;
    },
    end: async () => undefined,
    giveUp: async () => undefined,
  };
}
