/** Watching: the command `watch` over a journal that a post office in this process fills. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeIdentity } from '../../src/seal/keys.js';
import { command, type Said } from './in-process.js';
import { Installation } from './installation.js';
import { AddressBook, PostOffice, person } from './post-office.js';
import type { Server } from './server.js';
import { until as untilSo } from './until.js';

export const alice = person('alice');
export const toAlice = 'alice@example.org';

/** A mail with a subject and a line. */
export const mailOf = (words: string) => Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);

export class Watching {
  private constructor(
    readonly made: Installation,
    readonly office: PostOffice,
    readonly book: AddressBook,
  ) {}

  /** The journal's folder. */
  get journal(): string {
    return join(this.made.folder, 'journal');
  }

  static async with(use: (watching: Watching) => Promise<void>, maxStreamSize?: number): Promise<void> {
    const made = await Installation.empty();
    const book = new AddressBook();
    book.set(toAlice, alice);
    book.set('bob@example.org', person('bob'));
    const folder = join(made.folder, 'journal');
    const office = await PostOffice.open({
      folder,
      book,
      ...(maxStreamSize === undefined ? {} : { maxStreamSize }),
    });
    writeFileSync(made.identity('alice'), `${encodeIdentity(alice.seed)}\n`, { mode: 0o600 });
    try {
      await use(new Watching(made, office, book));
    } finally {
      await office.close().catch(() => undefined);
      await made.end();
    }
  }

  /** Mails to Alice, each amid one of Bob's. */
  async send(...words: string[]): Promise<void> {
    for (const word of words) {
      await this.office.send(['bob@example.org'], mailOf('not yours'));
      const codes = await this.office.send([toAlice], mailOf(word));
      if (codes[0] !== 250) throw new Error(`${codes}`);
    }
  }

  /** Starts `watch` with these words of shell, and waits until it works. */
  async start(words: string, folder = this.journal): Promise<Server> {
    const server = this.made.startShell(
      `exec "$NODE" "$OBALKA" watch --identity alice --data ${folder} ${words}`,
    );
    await until(() => server.stderr.includes('watching'), server);
    return server;
  }

  /** `watch --once` in this process, and in the folder of the installation. */
  async once(...words: readonly string[]): Promise<Said> {
    const before = process.cwd();
    process.chdir(this.made.folder);
    try {
      const where = ['--identity', 'alice', '--data', this.journal, '--pins', 'none'];
      return await command('watch', '--once', ...where, ...words);
    } finally {
      process.chdir(before);
      for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal);
    }
  }
}

/** Waits until something holds. Throws with all that the program wrote if it takes long. */
export async function until(holds: () => boolean, server: Server): Promise<void> {
  await untilSo(() => `${holds}: ${server.stdout} ${server.stderr}`, holds);
}
