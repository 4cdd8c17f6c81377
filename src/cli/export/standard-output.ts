/** Standard output as the target of an export: nothing is given out before all of a mail was held against its envelope. */
import { openHeldMessage } from '../../reader/export/open-message.js';
import { mboxMail } from '../../reader/export/unix-content.js';
import { write } from '../terminal/output.js';
import { type FileContent, inItsForm } from './files-target.js';
import type { Target } from './target.js';

/** One mail, octet by octet as `content` gives it. */
export function standardOutput(content: FileContent): Target {
  return {
    has: () => false,
    async add(mail, index) {
      for await (const piece of content(index, mail)) await write(piece);
      return undefined;
    },
    end: async () => undefined,
    giveUp: async () => undefined,
  };
}

/** All mail as one mbox. */
export function mboxOutput(): Target {
  return {
    has: () => false,
    async add(mail, index) {
      // The form is found first, and damage: what was given out cannot be taken back.
      const form = await inItsForm(async (tried) => {
        for await (const _ of mboxMail(index, mail, tried));
        return tried;
      });
      for await (const piece of mboxMail(index, mail, form, openHeldMessage)) await write(piece);
      return undefined;
    },
    end: async () => undefined,
    giveUp: async () => undefined,
  };
}
