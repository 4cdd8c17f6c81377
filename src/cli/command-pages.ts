/** Pages of the commands: examples, exit codes, and what else to read; help and manual pages show them. */
import { exitMeanings } from './exit-codes.js';

export interface CommandPage {
  /** Lines for a shell, as they may be typed, and what they do where that is not plain. */
  readonly examples: readonly (readonly [line: string, what?: string])[];
  /** What may be typed, or is shown, and cannot be guessed. */
  readonly words?: {
    readonly title: string;
    readonly rows: readonly (readonly [word: string, meaning: string])[];
  };
  /** The codes beside 0, 1 and 2; what a code means here where the general words say too little. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** Names of commands; nothing for the program itself. */
  readonly seeAlso: readonly string[];
}

/** Of commands that find mail: it may be absent, the identity bad, the mail damaged. */
const ofOneMail = { 3: 'no mail has this id, or it is erased or expired', 4: '', 5: '' } as const;
const ofMailbox = { 3: 'there is no journal', 4: '', 5: '' } as const;
const ofRegistry = { 75: '' } as const;

export const commandPages: Readonly<Record<string, CommandPage>> = {
  '': {
    examples: [
      ['obalka key new me', 'a key: me (secret) and me.pub (public)'],
      ['obalka init --data ./data'],
      ['obalka register me@example.org --key me.pub --data ./data'],
      ['obalka serve --listen 127.0.0.1:2525 --data ./data'],
      ['obalka list --identity me --data ./data'],
    ],
    exitCodes: { 3: '', 4: '', 5: '', 75: '' },
    seeAlso: [],
  },
  key: {
    examples: [
      ['obalka key new --passphrase', 'a key that a thief of the file cannot use'],
      ['obalka key backup', 'as 24 words for paper'],
      ['obalka key rotate me@example.org', 'another key from now on; the old one opens old mail'],
    ],
    exitCodes: { 3: '', 4: '' },
    seeAlso: ['register', 'list'],
  },
  'key new': {
    examples: [
      ['obalka key new', 'where the other commands look for it'],
      ['obalka key new me', 'in this folder: me (secret) and me.pub (public)'],
      ['obalka key new --passphrase', 'asks for a passphrase, twice'],
    ],
    exitCodes: {
      1: 'there is a file already, or it cannot be written',
      4: 'no passphrase was given',
    },
    seeAlso: ['key backup', 'key passphrase', 'register'],
  },
  'key public': {
    examples: [['obalka key public'], ['obalka key public me > me.pub']],
    exitCodes: { 4: '' },
    seeAlso: ['key new', 'key list', 'register'],
  },
  'key passphrase': {
    examples: [
      ['obalka key passphrase', 'sets one, or changes it'],
      ['obalka key passphrase me --remove'],
      ['obalka key passphrase me --passphrase-fd 3 3< words', 'the old one, then the new one, one a line'],
    ],
    exitCodes: { 4: '', 75: 'another command is changing the file' },
    seeAlso: ['key new', 'key backup'],
  },
  'key backup': {
    examples: [
      ['obalka key backup', 'all keys of the usual file'],
      ['obalka key backup me --key zgrv', 'one of them'],
      ['obalka key backup me --to /media/stick/words', 'into a new file'],
      ['obalka key backup me --force | lp', 'on a printer that nobody else comes near'],
    ],
    exitCodes: { 2: 'wrong usage, or the words would not go to a terminal', 3: 'no key begins so', 4: '' },
    seeAlso: ['key verify-backup', 'key restore'],
  },
  'key verify-backup': {
    examples: [['obalka key verify-backup'], ['obalka key verify-backup me']],
    exitCodes: { 4: 'these are not the words of the key, or the identity cannot be read' },
    seeAlso: ['key backup', 'key restore'],
  },
  'key restore': {
    examples: [['obalka key restore'], ['obalka key restore me --passphrase']],
    exitCodes: {
      1: 'there is a file already, or it cannot be written',
      4: 'the words are none, or do not belong together',
    },
    seeAlso: ['key backup', 'key verify-backup', 'restore'],
  },
  'key rotate': {
    examples: [
      ['obalka key rotate me@example.org', 'with the registry, or with commands for whoever has it'],
      ['obalka key rotate me@example.org you@example.org --identity me --data ./data'],
    ],
    exitCodes: {
      3: 'no key of the file is registered for an address; nothing was made',
      4: '',
      75: 'another command is changing the file, or the server cannot answer',
    },
    seeAlso: ['key list', 'key backup', 'register', 'revoke'],
  },
  'key list': {
    examples: [
      ['obalka key list'],
      ['obalka key list --identity me --identity old --data ./data', 'and how many mails each opens'],
    ],
    exitCodes: { 3: 'there is no journal', 4: '', 5: '' },
    seeAlso: ['key new', 'key rotate', 'list'],
  },
  init: {
    examples: [['obalka init'], ['obalka init --data ./data']],
    exitCodes: {},
    seeAlso: ['register', 'serve', 'restore'],
  },
  register: {
    examples: [
      ['obalka register me@example.org --key me.pub'],
      ["obalka register '*@example.org' --key me.pub --label laptop --until 2030-01-01"],
      ['obalka register --list addresses.csv --dry-run', 'what a list would change'],
      ['obalka register --list addresses.csv --prune', 'all that the list says, and no more'],
    ],
    exitCodes: { 3: 'there is no data directory, or no such key file', ...ofRegistry },
    seeAlso: ['key new', 'revoke', 'registered', 'alias'],
  },
  revoke: {
    examples: [
      ['obalka revoke me@example.org --key old.pub', 'this key'],
      ['obalka revoke me@example.org', 'all its keys, or targets'],
    ],
    exitCodes: { 3: 'there was nothing to revoke', ...ofRegistry },
    seeAlso: ['register', 'registered'],
  },
  registered: {
    examples: [
      ['obalka registered me@example.org'],
      ['obalka registered --list addresses.csv > now.csv', 'what is registered of a list'],
    ],
    exitCodes: { 3: 'nothing is registered for the address', ...ofRegistry },
    seeAlso: ['register', 'revoke', 'alias'],
  },
  alias: {
    examples: [
      ['obalka alias team@example.org ann@example.org bob@example.org'],
      ['obalka alias team@example.org --remove bob@example.org'],
    ],
    exitCodes: { 3: 'a target has no key, or there was nothing to remove', ...ofRegistry },
    seeAlso: ['register', 'registered'],
  },
  serve: {
    examples: [
      ['obalka serve --listen 127.0.0.1:2525', 'to try it'],
      [
        'obalka serve --listen 0.0.0.0:25 --hostname mx.example.org --user obalka',
        'as root, who is given up',
      ],
      ['obalka serve --listen lmtp://unix:/run/obalka/lmtp', 'behind another server'],
      ['obalka serve --tls-cert fullchain.pem --tls-key privkey.pem --retain 1y'],
    ],
    exitCodes: {
      3: 'there is no data directory',
      5: '',
      75: 'with --stdio: another process has the data directory',
    },
    seeAlso: ['init', 'register', 'list'],
  },
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
  service: {
    examples: [
      ['obalka service', 'prints them'],
      ['obalka service --to /etc', 'as root: writes them below /etc/systemd and /etc/sysusers.d'],
    ],
    exitCodes: {},
    seeAlso: ['serve', 'init'],
  },
  config: {
    examples: [
      ['obalka config example > obalka.toml', 'every key, with its default'],
      ['obalka config check obalka.toml'],
      ['obalka config show', 'what holds now, and who says so'],
    ],
    exitCodes: {},
    seeAlso: ['serve', 'init'],
  },
  'config show': {
    examples: [
      ['obalka config show'],
      ['obalka config show --config obalka.toml --workers 2', 'what "serve" would do with the same words'],
      ['obalka config show --json'],
    ],
    exitCodes: {},
    seeAlso: ['config check', 'serve'],
  },
  'config check': {
    examples: [
      ['obalka config check', 'the one that a command would find'],
      ['obalka config check obalka.toml', 'this one, and the files that it names'],
    ],
    exitCodes: { 1: 'something is wrong; each place is named' },
    seeAlso: ['config show', 'config example'],
  },
  'config example': {
    examples: [['obalka config example > obalka.toml']],
    exitCodes: {},
    seeAlso: ['config check'],
  },
  demo: { examples: [['obalka demo']], exitCodes: {}, seeAlso: ['key new', 'init'] },
  completion: {
    examples: [
      ['source <(obalka completion bash)', 'in bash or zsh, for now'],
      ['obalka completion bash > ~/.local/share/bash-completion/completions/obalka'],
      ['obalka completion fish > ~/.config/fish/completions/obalka.fish'],
    ],
    exitCodes: {},
    seeAlso: ['man'],
  },
  man: {
    examples: [['obalka man | man -l -', 'the program itself'], ['obalka man key new | man -l -']],
    exitCodes: { 3: 'there is no such command' },
    seeAlso: ['completion'],
  },
};

/** The exit codes of a command and what they mean for it, the least first. */
export function exitCodesOf(name: string): readonly (readonly [number, string])[] {
  const own = commandPages[name]?.exitCodes ?? {};
  const codes = new Set([0, 1, 2, ...Object.keys(own).map(Number)]);
  return [...codes].sort((a, b) => a - b).map((code) => [code, own[code] || (exitMeanings[code] ?? '')]);
}
