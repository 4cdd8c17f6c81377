/** Pages of the commands of whoever runs a server. */
import { type CommandPage, ofRegistry } from './page.js';

export const serving: Readonly<Record<string, CommandPage>> = {
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
  doctor: {
    examples: [
      ['obalka doctor', 'this machine, and what the configuration names'],
      ['obalka doctor example.org', 'and what DNS says of the domain'],
      ['obalka doctor --json | jq -r \'select(.level == "bad") | .mend[]\'', 'the lines that mend it'],
    ],
    words: {
      title: 'How a line begins',
      rows: [
        ['ok', 'as it should be'],
        ['warning', 'works, and could be better'],
        ['bad', 'mail is lost, refused or seen; the exit code is 1'],
        ['unseen', 'could not be looked at from here'],
      ],
    },
    exitCodes: { 1: 'something is bad' },
    seeAlso: ['dns', 'config check', 'verify'],
  },
  dns: {
    examples: [
      ['obalka dns example.org --hostname mx.example.org --ipv4 192.0.2.1'],
      ['obalka dns example.org --policy > mta-sts.txt', 'the file for https://mta-sts.example.org/'],
      ['obalka dns example.org --policy --enforce > mta-sts.txt', 'once senders report no failures'],
    ],
    exitCodes: {},
    seeAlso: ['doctor', 'serve'],
  },
};
