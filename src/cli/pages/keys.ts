/** Pages of the commands that make and keep keys. */
import type { CommandPage } from './page.js';

export const keys: Readonly<Record<string, CommandPage>> = {
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
};
