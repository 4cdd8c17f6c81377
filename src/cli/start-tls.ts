/** TLS of a server: the certificates it was given and their changes, or one of its own. */
import { Certificates, type ServerCertificate } from '../net/certificates.js';
import type { DataDirectory } from './data-directory.js';
import type { Log } from './log/log.js';
import { ownCertificate } from './own-certificate.js';
import { sayExpired, type TlsFilePair, TlsWatch } from './tls-files.js';

export interface TlsOptions {
  readonly files: readonly TlsFilePair[];
  /** What stood in the files. */
  readonly pairs: readonly ServerCertificate[];
}

export interface ServerTls {
  /** Those in use now. */
  readonly pairs: readonly ServerCertificate[];
  /** Reads the files again. */
  again(): Promise<void>;
  stop(): void;
}

const lookMilliseconds = 5000;

/** Throws a Problem if a certificate cannot be used. `onChange` gets others that are good. */
export async function startTls(
  { files, pairs }: TlsOptions,
  data: DataDirectory,
  hostname: string,
  onChange: (pairs: readonly ServerCertificate[]) => void,
  log: Log,
): Promise<ServerTls> {
  if (files.length === 0) {
    const { pair, isNew } = await ownCertificate(data.ownCertificate, hostname);
    if (isNew) log('certificate-made');
    return { pairs: [pair], again: () => Promise.resolve(), stop: () => undefined };
  }
  const checked = new Certificates(pairs);
  sayExpired(checked, files, log);
  let now = pairs;
  const certificates = {
    expired: (time: number) => checked.expired(time),
    replace(others: readonly ServerCertificate[]) {
      checked.replace(others);
      now = others;
      onChange(others);
    },
  };
  const watch = await TlsWatch.start({ files, certificates, every: lookMilliseconds, log });
  return {
    get pairs() {
      return now;
    },
    again: () => watch.again(),
    stop: () => watch.stop(),
  };
}
