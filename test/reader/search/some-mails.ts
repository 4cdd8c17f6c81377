/** Mails to search that stand in no journal: an opened envelope and a content each. */
import { FormatError } from '../../../src/core/errors.js';
import { encodeEnvelope } from '../../../src/format/envelope.js';
import type { ListedMail } from '../../../src/reader/cache/listed-mail.js';
import { listedOf } from '../../../src/reader/cache/listing.js';
import { rowsInMemory, type SealedRows } from '../../../src/reader/cache/sealed-rows.js';
import { idOf } from '../../../src/reader/id.js';
import { Mail } from '../../../src/reader/mail.js';
import type { Unindexed } from '../../../src/reader/search/indexing.js';
import { parseQuery } from '../../../src/reader/search/query.js';
import { MailSearch } from '../../../src/reader/search/search.js';
import { WordMaker } from '../../../src/reader/search/word-maker.js';
import { identityOf } from '../../../src/seal/keys.js';
import { bytesFrom } from '../../support/chance.js';

const identity = identityOf(bytesFrom('somebody who searches', 32));
const place = { journal: bytesFrom('j', 16), lane: bytesFrom('l', 16), segment: 0, id: bytesFrom('s', 16) };
const nothing = new Uint8Array();

export class SomeMails {
  readonly mails: ListedMail[] = [];
  readonly #contents = new Map<string, Uint8Array>();
  readonly damaged = new Set<string>();
  /** Ids in the order in which contents were read. */
  readonly read: string[] = [];

  constructor(
    contents: readonly (Uint8Array | string)[],
    readonly rows: SealedRows = rowsInMemory(),
    readonly words = new WordMaker(),
  ) {
    for (const content of contents) this.add(content);
  }

  add(text: Uint8Array | string): ListedMail {
    const content = typeof text === 'string' ? Buffer.from(text) : text;
    const number = this.mails.length;
    const random = bytesFrom(`mail ${number}`, 32);
    const plaintext = encodeEnvelope({
      reached: 'itself',
      flags: 0,
      depth: 0,
      receivedAt: Date.UTC(2026, 10, 21) + 1000 * number,
      preludeLength: 0,
      contentLength: content.length,
      trailerLength: 0,
      messageKey: random,
      leaves: random,
      keySet: random,
      runs: [{ segment: 0, first: number, count: 1 }],
      recipient: 'ann@example.org',
      summary: { from: nothing, subject: nothing, date: nothing, messageId: nothing },
    });
    const mail = listedOf(new Mail(idOf(random), identity, place, number, plaintext));
    this.mails.push(mail);
    this.#contents.set(mail.id, content);
    return mail;
  }

  search(
    mails: readonly ListedMail[] = this.mails,
    at: (done: number) => void = () => undefined,
  ): MailSearch {
    const { read, damaged } = this;
    const contents = this.#contents;
    return new MailSearch({
      mails,
      rows: this.rows,
      words: this.words,
      async *content({ id }) {
        read.push(id);
        if (damaged.has(id)) throw new FormatError(id, 'damaged');
        yield contents.get(id) ?? nothing;
      },
      at,
    });
  }

  async update(): Promise<Unindexed> {
    return this.search().update();
  }

  /** The numbers of the mails that answer. */
  async find(
    words: readonly string[],
    mails: readonly ListedMail[] = this.mails,
    limit?: number,
  ): Promise<number[]> {
    const search = this.search(mails);
    await search.update();
    const found = await search.find(parseQuery(words), () => true, limit);
    return found.map((mail) => this.mails.indexOf(mail));
  }
}

/** Runs with mails, and ends their thread. */
export async function withMails(
  contents: readonly (Uint8Array | string)[],
  use: (some: SomeMails) => Promise<void>,
): Promise<void> {
  const some = new SomeMails(contents);
  try {
    await use(some);
  } finally {
    await some.words.close();
  }
}
