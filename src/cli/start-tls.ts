/** TLS of a server: the certificates it was given and their changes, or one of its own. */
import { Certificates, type ServerCertificate } from '../net/certificates.js';
import type { DataDirectory } from './data-directory.js';
import { ownCertificate } from './own-certificate.js';
import { sayExpired, type TlsFilePair, TlsWatch } from './tls-files.js';

export interface TlsOptions {
  readonly files: readonly TlsFilePair[];
  /** What stood in the files. */
  readonly pairs: readonly ServerCertificate[];
  readonly isRequired: boolean;
}

export interface ServerTls {
  readonly certificates: Certificates;
  readonly isRequired: boolean;
  /** Reads the files again. */
  again(): Promise<void>;
  stop(): void;
}

const lookMilliseconds = 5000;

/** Throws a Problem if a certificate cannot be used. */
export async function startTls(
  { files, pairs, isRequired }: TlsOptions,
  data: DataDirectory,
  hostname: string,
  log: (text: string) => void,
): Promise<ServerTls> {
  if (files.length === 0) {
    const { pair, isNew } = await ownCertificate(data.ownCertificate, hostname);
    if (isNew)
      log(`made a certificate, which no client can verify: ${pair.place}; name a better one by --tls-cert`);
    const certificates = new Certificates([pair]);
    return { certificates, isRequired, again: () => Promise.resolve(), stop: () => undefined };
  }
  const certificates = new Certificates(pairs);
  sayExpired(certificates, log);
  const watch = await TlsWatch.start({ files, certificates, every: lookMilliseconds, log });
  return { certificates, isRequired, again: () => watch.again(), stop: () => watch.stop() };
}
