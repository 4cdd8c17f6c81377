/** TLS of a server: the certificates it was given and their changes, or one of its own. */
import { Certificates, type ServerCertificate } from '../../net/certificates.js';
import type { DataDirectory } from '../data/data-directory.js';
import { faultOfFile } from '../log/fields.js';
import type { Log } from '../log/log.js';
import { ownCertificate } from './own-certificate.js';
import { readTlsFiles, sayExpired, TlsWatch } from './tls-files.js';
import type { TlsFilePair } from './tls-pairs.js';

export interface TlsOptions {
  readonly files: readonly TlsFilePair[];
  /** What stood in the files. */
  readonly pairs: readonly ServerCertificate[];
}

export interface ServerTls {
  /** Those in use now. */
  readonly pairs: readonly ServerCertificate[];
  /** Reads these files, whether they are the same or others. Bad ones leave the old. */
  again(files: readonly TlsFilePair[]): Promise<void>;
  stop(): void;
}

const lookMilliseconds = 5000;

/** Throws a Problem if a certificate cannot be used. `onChange` gets others that are good. */
export async function startTls(
  options: TlsOptions,
  data: DataDirectory,
  hostname: string,
  onChange: (pairs: readonly ServerCertificate[]) => void,
  log: Log,
): Promise<ServerTls> {
  /** Without files, the one that is made here. */
  const found = async ({ files, pairs }: TlsOptions) => {
    if (files.length > 0) return pairs;
    const { pair, isNew } = await ownCertificate(data.ownCertificate, hostname);
    if (isNew) log('certificate-made');
    return [pair];
  };
  let { files } = options;
  let now = await found(options);
  const checked = new Certificates(now);
  sayExpired(checked, files, log);
  const certificates = {
    expired: (time: number) => checked.expired(time),
    replace(others: readonly ServerCertificate[]) {
      checked.replace(others);
      now = others;
      onChange(others);
    },
  };
  const watching = async () =>
    files.length === 0 ? undefined : TlsWatch.start({ files, certificates, every: lookMilliseconds, log });
  let watch = await watching();
  return {
    get pairs() {
      return now;
    },
    async again(others) {
      if (JSON.stringify(others) === JSON.stringify(files)) return watch?.again();
      try {
        certificates.replace(await found({ files: others, pairs: await readTlsFiles(others) }));
        watch?.stop();
        files = others;
        watch = await watching();
        log('certificates-read');
        sayExpired(checked, files, log);
      } catch (error) {
        log('certificates-kept', faultOfFile(error));
      }
    },
    stop: () => watch?.stop(),
  };
}
