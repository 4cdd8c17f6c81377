/** obalka key: making an identity, and showing its public key. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { encodePublicKey, showFingerprint } from '../../seal/keys.js';
import { createIdentity, defaultIdentityFile, loadIdentityFile } from '../identities.js';
import { afterKey } from '../next-steps.js';
import { inform, print } from '../output.js';

export function keyCommands(program: Command): void {
  const key = program.command('key').description('make and show keys');

  key
    .command('new')
    .argument('[FILE]', 'where the identity goes', defaultIdentityFile())
    .description('make a new identity: FILE (secret) and FILE.pub (public)')
    .action(async (file: string) => {
      if (file === defaultIdentityFile()) await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const { identity, publicFile } = await createIdentity(file);
      await print(
        `identity ${file}`,
        `public-key ${publicFile}`,
        `fingerprint ${showFingerprint(identity.fingerprint)}`,
      );
      inform(
        `Give ${publicFile} to whoever runs the server. Keep ${file} to yourself, and keep a copy of it.`,
      );
      await afterKey(publicFile);
    });

  key
    .command('public')
    .argument('[FILE]', 'an identity file', defaultIdentityFile())
    .description('print the public key of an identity')
    .action(async (file: string) => {
      const [identity, ...more] = await loadIdentityFile(file);
      if (!identity || more.length > 0)
        throw new Problem(
          'usage',
          `${file}: ${1 + more.length} identities in this file; split it, one a file`,
        );
      await print(encodePublicKey(identity.publicKey));
    });
}
