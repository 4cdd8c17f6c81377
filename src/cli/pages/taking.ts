/** Pages of the commands that take mail away, bring it in, check it or forget it. */
import { type CommandPage, ofOneMail, ofRegistry } from './page.js';

export const taking: Readonly<Record<string, CommandPage>> = {
  export: {
    examples: [
      ['obalka export --format maildir --to ~/Mail/obalka', 'again and again: only what is new is added'],
      ['obalka export k3f7 --format eml --to mail.eml', 'one mail, octet by octet'],
      ['obalka export --format mbox --to all.mbox'],
      ['obalka export --format age --to backup', 'sealed to your key; age opens the files too'],
    ],
    exitCodes: { ...ofOneMail, 1: 'the place is taken or cannot be written' },
    seeAlso: ['import', 'read', 'save'],
  },
  import: {
    examples: [
      ['obalka import ~/Maildir --format maildir --address me@example.org'],
      ['obalka import old.mbox --format mbox --address me@example.org --resume-file old.done'],
      ['obalka import saved-mail --format eml --address me@example.org', 'a folder of *.eml'],
    ],
    exitCodes: {
      1: 'failure, or some mail was left out',
      3: 'there is no such file, or no key for the address',
      4: '',
      75: 'the disk is full, or the server ended; go on later',
    },
    seeAlso: ['export', 'register'],
  },
  erase: {
    examples: [
      ['obalka erase k3f7aqmz2x5ut', 'on the machine of the journal'],
      ['obalka erase k3f7aqmz2x5ut --data ./copy --order-to order', 'elsewhere: only the order'],
      ['obalka erase --order order', 'where the journal is'],
    ],
    exitCodes: { ...ofOneMail, 75: 'the mail is not yet known to be on disk' },
    seeAlso: ['list', 'retain'],
  },
  retain: {
    examples: [
      ['obalka retain --older-than 1y --dry-run', 'what would be dropped'],
      ['obalka retain --older-than 90d'],
    ],
    exitCodes: { 3: 'there is no data directory', ...ofRegistry },
    seeAlso: ['serve', 'erase'],
  },
  restore: {
    examples: [
      ['obalka restore ./data --dry-run', 'is this copy whole?'],
      ['obalka restore ./data --from /mnt/older-copy'],
    ],
    exitCodes: { 3: 'there is no such folder', 5: 'something is missing or damaged' },
    seeAlso: ['verify', 'serve'],
  },
  verify: {
    examples: [
      ['obalka verify', 'all that can be checked without a key'],
      ['obalka verify --identity me', 'and that every mail opens'],
    ],
    exitCodes: { 3: 'there is no journal', 4: '', 5: 'damage was found; each place is named' },
    seeAlso: ['list', 'restore'],
  },
};
