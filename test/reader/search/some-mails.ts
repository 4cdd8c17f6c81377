/** Mails to search that stand in no journal: an opened envelope and a content each. */
import { hex } from '../../../src/core/bytes.js';
import { FormatError } from '../../../src/core/errors.js';
import type { ListedMail } from '../../../src/reader/cache/listed-mail.js';
import { rowsInMemory, type SealedRows } from '../../../src/reader/cache/sealed-rows.js';
import { idOf } from '../../../src/reader/id.js';
import type { Faults } from '../../../src/reader/search/indexing.js';
import { parseQuery } from '../../../src/reader/search/query.js';
import { type Asked, MailSearch, type SearchedPage } from '../../../src/reader/search/search.js';
import { WordMaker } from '../../../src/reader/search/word-maker.js';
import { identityOf } from '../../../src/seal/keys.js';
import { bytesFrom } from '../../support/chance.js';

const identity = identityOf(bytesFrom('somebody who searches', 32));
const place = { journal: bytesFrom('j', 16), lane: bytesFrom('l', 16), segment: 0, id: bytesFrom('s', 16) };
const nothing = new Uint8Array();
const mailsOfPage = 16;

export function asked(words: readonly string[], limit = Number.POSITIVE_INFINITY): Asked {
  const { wanted } = parseQuery(words);
  return { wanted, since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, limit };
}

/** As a mailbox has them: what stands under a name is always the same; the last mails have none. */
function pagesOf(mails: readonly ListedMail[]): SearchedPage[] {
  return Array.from({ length: Math.ceil(mails.length / mailsOfPage) }, (_, at) => {
    const own = mails.slice(at * mailsOfPage, (at + 1) * mailsOfPage);
    const times = own.map(({ receivedAt }) => receivedAt);
    return {
      name: own.length < mailsOfPage ? undefined : own.map(({ id }) => id).join(),
      count: own.length,
      earliest: Math.min(...times),
      latest: Math.max(...times),
      mails: async () => [...own],
      some: async (ids: readonly string[]) => own.filter(({ id }) => ids.includes(id)),
    };
  });
}

export class SomeMails {
  readonly mails: ListedMail[] = [];
  readonly #contents = new Map<string, Uint8Array>();
  readonly damaged = new Set<string>();
  readonly erased = new Set<string>();
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
    const mail: ListedMail = {
      id: idOf(random),
      identity,
      at: place,
      number,
      receivedAt: Date.UTC(2026, 10, 21) + 1000 * number,
      size: content.length,
      flags: 0,
      addressing: { recipient: 'ann@example.org', reached: 'itself', keySet: random },
      from: '',
      subject: '',
      date: '',
      messageId: '',
      key: hex(random),
    };
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
      pages: pagesOf(mails),
      erased: this.erased,
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

  async update(): Promise<Faults> {
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
    const found = await search.find(asked(words, limit));
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
