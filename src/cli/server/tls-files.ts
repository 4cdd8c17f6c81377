/** TLS files: certificates and keys as a certificate client such as certbot leaves them, read again when they change. */
import { stat } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { openRegular } from '../../journal/regular-file.js';
import type { Certificates, ServerCertificate } from '../../net/certificates.js';
import { faultOfFile, nthOf } from '../log/fields.js';
import type { Log } from '../log/log.js';
import type { TlsFilePair } from './tls-pairs.js';

/** Reads all pairs. Throws a Problem that names the file. */
export function readTlsFiles(files: readonly TlsFilePair[]): Promise<readonly ServerCertificate[]> {
  return Promise.all(
    files.map(async (pair) => ({
      place: pair.certificate,
      keyPlace: pair.key,
      certificate: await readText(pair.certificate),
      key: await readText(pair.key),
    })),
  );
}

/** Whether a file cannot be read only because systemd hands it to a service that does not run. */
export function isHandedOver({ certificate }: TlsFilePair, fault: string): boolean {
  return certificate.startsWith('/run/credentials/') && fault.includes('(ENOENT)');
}

export interface WatchOptions {
  readonly files: readonly TlsFilePair[];
  /** Whoever uses them. */
  readonly certificates: Pick<Certificates, 'replace' | 'expired'>;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly log: Log;
}

/** Looks at the files from time to time, through links, and takes what has changed; says what it did. */
export class TlsWatch {
  readonly #options: WatchOptions;
  readonly #timer: NodeJS.Timeout;
  #used: string;
  #seen: string;
  #busy: Promise<void> = Promise.resolve();

  private constructor(options: WatchOptions, state: string) {
    this.#options = options;
    this.#used = state;
    this.#seen = state;
    this.#timer = setInterval(() => this.#queue(() => this.#look()), options.every);
    this.#timer.unref();
  }

  static async start(options: WatchOptions): Promise<TlsWatch> {
    return new TlsWatch(options, await stateOf(pathsOf(options.files)));
  }

  /** Reads the files now, changed or not. */
  again(): Promise<void> {
    return this.#queue(async () => this.#take(await stateOf(pathsOf(this.#options.files))));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #queue(what: () => Promise<void>): Promise<void> {
    this.#busy = this.#busy.then(what);
    return this.#busy;
  }

  /** Two looks must agree: a certificate and its key are never written at the same moment. */
  async #look(): Promise<void> {
    const state = await stateOf(pathsOf(this.#options.files));
    const settled = state === this.#seen;
    this.#seen = state;
    if (settled && state !== this.#used) await this.#take(state);
  }

  async #take(state: string): Promise<void> {
    const { files, certificates, log } = this.#options;
    this.#used = state;
    this.#seen = state;
    try {
      certificates.replace(await readTlsFiles(files));
      log('certificates-read');
      sayExpired(certificates, files, log);
    } catch (error) {
      log('certificates-kept', faultOfFile(error));
    }
  }
}

/** They are used all the same: an old certificate is better than none. */
export function sayExpired(
  certificates: Pick<Certificates, 'expired'>,
  files: readonly TlsFilePair[],
  log: Log,
): void {
  for (const place of certificates.expired(Date.now())) {
    const index = files.findIndex(({ certificate }) => certificate === place);
    log('certificate-expired', { certificate: nthOf(index) });
  }
}

function pathsOf(files: readonly TlsFilePair[]): readonly string[] {
  return files.flatMap(({ certificate, key }) => [certificate, key]);
}

/** What changes when one of the files is written or replaced. */
export async function stateOf(paths: readonly string[]): Promise<string> {
  const states = await Promise.all(
    paths.map((path) =>
      stat(path, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(),
        (error: NodeJS.ErrnoException) => String(error.code),
      ),
    ),
  );
  return states.join(' ');
}

async function readText(path: string): Promise<string> {
  try {
    const file = await openRegular(path);
    return await file.readFile('latin1').finally(() => file.close());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem('failure', `${path}: cannot be read (${code}); name a file that the server may read`);
  }
}
