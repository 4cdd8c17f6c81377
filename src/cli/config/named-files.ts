/** Named files: whether what a configuration names is there, and is what it should be. */
import { Problem } from '../../core/errors.js';
import { openRegular } from '../../journal/regular-file.js';
import { Certificates } from '../../net/certificates.js';
import { findAccount } from '../server/accounts.js';
import { readAddressLimits } from '../server/address-limit-file.js';
import { readLists } from '../server/list-files.js';
import { isHandedOver, readTlsFiles } from '../server/tls-files.js';
import type { Fault } from './fault.js';
import type { ConfigurationFile } from './file.js';
import { rereadable } from './server-settings.js';
import type { Key, Settled } from './settings.js';

/** Looks at everything that the file names, as a command would that uses it; `all` is what the file makes alone. */
export async function namedFileFaults(file: ConfigurationFile, all: Settled): Promise<Fault[]> {
  const faults: Fault[] = [];
  const attempt = async (key: Key, part: readonly string[], look: () => unknown) => {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      faults.push(file.faultOf(key, error.message, part));
    }
  };
  if (file.values.identity)
    for (const [at, path] of file.values.identity.value.entries())
      await attempt('identity', [String(at)], () => mustOpen(path));
  const { words, tlsFiles } = rereadable(all);
  for (const [at, pair] of tlsFiles.entries())
    await attempt('serve.certificates', [String(at)], async () => {
      try {
        new Certificates(await readTlsFiles([pair]));
      } catch (error) {
        if (!(error instanceof Problem && isHandedOver(pair, error.message))) throw error;
      }
    });
  const { allow, deny } = words.policies.lists;
  await attempt('serve.allow', [], () => readLists({ allow, deny: undefined }));
  await attempt('serve.deny', [], () => readLists({ allow: undefined, deny }));
  await attempt('serve.address-limits', [], () => readAddressLimits(words.addressLimits));
  const user = all['serve.user'].value;
  if (user !== undefined) await attempt('serve.user', [], () => findAccount(user));
  return faults;
}

async function mustOpen(path: string): Promise<void> {
  try {
    await (await openRegular(path)).close();
  } catch (error) {
    throw new Problem('failure', `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
