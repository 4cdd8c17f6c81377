/** Pages of the commands that read a mailbox. */
import { type CommandPage, ofMailbox, ofOneMail } from './page.js';

export const reading: Readonly<Record<string, CommandPage>> = {
  list: {
    examples: [
      ['obalka list'],
      ['obalka list --identity me --limit 20', 'the last 20'],
      ['obalka list --since 7d --unread'],
      ['obalka list --json | jq -r .subject'],
    ],
    words: {
      title: 'Signs behind an id',
      rows: [
        ['N', 'not read yet'],
        ['!', 'mail to this address opens with other keys than before'],
        ['#', 'a notice that your server itself wrote; no sender can make one'],
      ],
    },
    exitCodes: ofMailbox,
    seeAlso: ['read', 'search', 'save', 'erase'],
  },
  count: {
    examples: [['obalka count'], ['obalka count --unread --from ann@example.org --json']],
    exitCodes: { ...ofMailbox },
    seeAlso: ['list', 'mark'],
  },
  mark: {
    examples: [
      ['obalka mark u7hqlafwerprk --unread'],
      ['obalka mark --all --until 30d --read', 'what is older than 30 days'],
      ['obalka mark --export marks', 'for another computer: obalka mark --import marks'],
    ],
    exitCodes: { ...ofOneMail },
    seeAlso: ['list', 'read', 'count'],
  },
  read: {
    examples: [
      ['obalka read k3f7', 'a beginning of the id is enough'],
      ['obalka read --raw k3f7 > mail.eml', 'as it was received'],
      ['obalka read --html k3f7 > mail.html', 'for a browser, which loads nothing from elsewhere'],
    ],
    exitCodes: ofOneMail,
    seeAlso: ['list', 'save'],
  },
  search: {
    examples: [
      ['obalka search invoice october', 'both words, anywhere in the mail'],
      ['obalka search from:ann "see you there"', 'words that follow each other'],
      ['obalka search invoice -draft --json', 'not the mails with the other word'],
    ],
    words: {
      title: 'What may be asked for',
      rows: [
        ['word', 'anywhere; accents and capital letters make no difference'],
        ['wor*', 'words that begin so'],
        ['"two words"', 'one behind the other'],
        ['-word', 'only mail without it'],
        ['from: to: subject: body:', 'before a word: only there (to: has Cc and Bcc too)'],
        ['file:', 'before a word: in the names of attachments'],
        ['since: until:', 'before a date: 2026-11-01, yesterday, 7d, 2w, 3m, 1y'],
      ],
    },
    exitCodes: ofMailbox,
    seeAlso: ['list', 'read'],
  },
  save: {
    examples: [
      ['obalka save k3f7', 'its only attachment'],
      ['obalka save k3f7 2 --to ~/papers', 'the second one'],
      ['obalka save k3f7 --all'],
    ],
    exitCodes: { ...ofOneMail, 3: 'there is no such mail, or no such attachment' },
    seeAlso: ['list', 'read'],
  },
  watch: {
    examples: [
      ['obalka watch', 'a line for each mail as it comes'],
      [
        "obalka watch --state ~/.local/state/obalka/watch --run 'procmail'",
        'each mail to a program, none is lost',
      ],
      ["obalka watch --once --state ~/.local/state/obalka/watch --run 'notmuch insert'", 'for a timer'],
    ],
    exitCodes: { ...ofMailbox, 75: 'with --once: a command wants a mail again' },
    seeAlso: ['list', 'read', 'serve'],
  },
};
