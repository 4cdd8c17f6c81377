/** obalka key backup, verify-backup, restore: an identity as 24 words on paper, and back. */
import type { Command } from 'commander';
import { defaultIdentityFile } from '../config/where.js';
import type { BackupOptions } from '../keys/paper.js';
import { passphraseOption } from '../keys/passphrases.js';

/** The list of words is large, and few commands need it. */
const paper = () => import('../keys/paper.js');

export function backupCommands(key: Command): void {
  key
    .command('backup')
    .argument('[FILE]', 'an identity file', defaultIdentityFile())
    .option('--key <FINGERPRINT>', 'only this key, or the one that begins so')
    .option('--to <FILE>', 'write to a new file instead of the terminal')
    .option('--force', 'write to standard output, whatever that is')
    .option(...passphraseOption)
    .description('show a key as 24 words, to be written on paper')
    .action(async (file: string, options: BackupOptions) => (await paper()).backUp(file, options));

  key
    .command('verify-backup')
    .argument('[FILE]', 'an identity file', defaultIdentityFile())
    .option(...passphraseOption)
    .description('check that the 24 words on a paper open this key')
    .action(async (file: string) => (await paper()).verify(file));

  key
    .command('restore')
    .argument('[FILE]', 'where the identity goes', defaultIdentityFile())
    .option('--passphrase', 'put it under a passphrase, which is asked for twice')
    .option(...passphraseOption)
    .description('make an identity file from the 24 words on a paper')
    .action(async (file: string, options: { passphrase?: true }) => (await paper()).restore(file, options));
}
