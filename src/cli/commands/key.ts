/** obalka key: making identities, showing them, and putting them under a passphrase. */
import type { Command } from 'commander';
import { encodePublicKey, showFingerprint } from '../../seal/keys.js';
import { defaultIdentityFile } from '../config/where.js';
import {
  createIdentity,
  loadIdentityFile,
  makeDefaultFolder,
  mustBeFree,
  typedFile,
} from '../keys/identities.js';
import { asWritten, openIdentityFile, replaceIdentityFile } from '../keys/identity-file.js';
import { askNew, passphraseOption } from '../keys/passphrases.js';
import { afterKey } from '../terminal/next-steps.js';
import { inform, print, say } from '../terminal/output.js';
import { backupCommands } from './key-backup.js';
import { keyListCommand } from './key-list.js';
import { rotateCommand } from './key-rotate.js';

export function keyCommands(program: Command): void {
  const key = program.command('key').description('make, show, protect, back up and renew keys');

  key
    .command('new')
    .argument('[FILE]', 'where the identity goes', defaultIdentityFile())
    .option('--passphrase', 'put it under a passphrase, which is asked for twice')
    .option(...passphraseOption)
    .description('make a new identity: FILE (secret) and FILE.pub (public)')
    .action(async (file: string, options: { passphrase?: true }) => {
      await makeDefaultFolder(file);
      await mustBeFree(file);
      const passphrase = options.passphrase && (await askNew(file));
      const { identity, publicFile } = await createIdentity(file, passphrase);
      passphrase?.fill(0);
      await print(
        `identity ${file}`,
        `public-key ${publicFile}`,
        `fingerprint ${showFingerprint(identity.fingerprint)}`,
      );
      inform(
        `Give ${publicFile} to whoever runs the server. Keep ${file} to yourself, and keep a copy of it.`,
        `For a copy on paper: obalka key backup${typedFile(file)}`,
      );
      await afterKey(publicFile);
    });

  key
    .command('public')
    .argument('[FILE]', 'an identity file', defaultIdentityFile())
    .option(...passphraseOption)
    .description('print the public key of the newest identity in a file')
    .action(async (file: string) => {
      const [identity] = await loadIdentityFile(file);
      if (identity) await print(encodePublicKey(identity.publicKey));
    });

  key
    .command('passphrase')
    .argument('[FILE]', 'an identity file', defaultIdentityFile())
    .option('--remove', 'leave it without a passphrase')
    .option(...passphraseOption)
    .description('set, change or remove the passphrase of an identity file')
    .action(setPassphrase);

  backupCommands(key);
  rotateCommand(key);
  keyListCommand(key);
}

async function setPassphrase(path: string, options: { remove?: true }): Promise<void> {
  const file = await openIdentityFile(path);
  if (options.remove && !file.passphrase) {
    inform(`${path}: is under no passphrase`);
    return;
  }
  const passphrase = options.remove ? undefined : await askNew(path);
  const written = await asWritten(file.text, passphrase);
  passphrase?.fill(0);
  file.passphrase?.fill(0);
  const { otherName } = await replaceIdentityFile(file, written, true);
  inform(
    options.remove
      ? `${path}: is under no passphrase any more; whoever has the file reads your mail`
      : `${path}: is under ${file.passphrase ? 'the new' : 'a'} passphrase; if you forget it, only another copy of the key opens your mail: obalka key backup${typedFile(path)}`,
    'Copies that were made of the file before, by backups too, stay as they were.',
  );
  if (otherName)
    say(`obalka: ${path}: the file had another name (a hard link), under which it is as it was before`);
}
