/** Own certificate: what a server shows that was given none. Made once for a host name, and kept in the data directory. */
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { constantTime } from '../../journal/names.js';
import { selfSigned } from '../../net/certificate.js';
import type { ServerCertificate } from '../../net/certificates.js';
import { writeWhole } from '../files/whole-file.js';

/** Reads it, or makes it if there is none for this name. Throws a Problem if others can read the file. */
export async function ownCertificate(
  path: string,
  hostname: string,
): Promise<{ readonly pair: ServerCertificate; readonly isNew: boolean }> {
  const kept = await readOwn(path);
  if (kept !== undefined && isFor(kept, hostname))
    return { pair: { place: path, certificate: kept, key: kept }, isNew: false };
  const { certificate, key } = selfSigned(hostname);
  await writeWhole(path, `${key}${certificate}`, { time: constantTime });
  return { pair: { place: path, certificate, key }, isNew: true };
}

async function readOwn(path: string): Promise<string | undefined> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0)
      throw new Problem(
        'failure',
        `${path}: others can read the private key; remove the file, and another is made`,
      );
    return await readFile(path, 'latin1');
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Problem('failure', `${path}: cannot be read (${code}); check its permissions`);
  }
}

function isFor(text: string, hostname: string): boolean {
  try {
    return new X509Certificate(text).checkHost(hostname) !== undefined;
  } catch {
    return false;
  }
}
