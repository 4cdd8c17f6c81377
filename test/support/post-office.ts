/** Post office: the server's inside in one process, without sockets and SQLite: recipients, channels, lane, intake. */
import { isoWeek } from '../../src/core/week.js';
import type { ErasureOrder } from '../../src/format/erasure.js';
import { createJournal } from '../../src/journal/create-journal.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { Disk } from '../../src/journal/disk.js';
import type { ErasureResult } from '../../src/journal/erasing.js';
import { Forgetting } from '../../src/journal/forgetting.js';
import { Lane } from '../../src/journal/lane.js';
import type { Old } from '../../src/journal/retention.js';
import { type MailboxContents, openMailbox } from '../../src/reader/mailbox.js';
import { type Aead, nodeAead } from '../../src/seal/aead.js';
import { type Identity, identityOf, keySetFingerprint } from '../../src/seal/keys.js';
import { ChannelTable, type PendingEnvelope } from '../../src/server/channel-table.js';
import { intake } from '../../src/server/intake.js';
import type { Recipients, Resolved } from '../../src/server/recipients.js';
import type { Client, Delivery, MailService, MailSession } from '../../src/smtp/mail-service.js';
import { Reply } from '../../src/smtp/replies.js';
import { bytesFrom, type Chance, chance, withFewFillers } from './chance.js';
import { quickDisk } from './quick-disk.js';
import { signersInMemory } from './signers.js';

/** Somebody who has an identity. */
export function person(name: string): Identity {
  return identityOf(bytesFrom(`identity of ${name}`, 32));
}

export const sender = { localPart: 'sender', domain: 'from.example', text: 'sender@from.example' };

export function mailbox(text: string): { localPart: string; domain: string; text: string } {
  const [localPart = '', domain = ''] = text.split('@');
  return { localPart, domain, text };
}

/** Addresses and their keys, in memory. */
export class AddressBook implements Recipients {
  version = 0;
  readonly #keys = new Map<string, Identity[]>();

  resolve({ localPart, domain }: { localPart: string; domain: string }): Resolved | undefined {
    const address = `${localPart}@${domain}`.toLowerCase();
    const keys = this.#keys.get(address) ?? [];
    if (keys.length === 0) return undefined;
    return {
      keys,
      address,
      registered: address,
      reached: 'itself',
      keySet: keySetFingerprint(keys.map((key) => key.fingerprint)),
    };
  }

  set(address: string, ...keys: Identity[]): void {
    this.#keys.set(address, keys);
    this.version++;
  }

  activeKeys(): Identity[] {
    const all = [...this.#keys.values()].flat();
    return [...new Map(all.map((key) => [Buffer.from(key.fingerprint).toString('hex'), key])).values()];
  }
}

export interface PostOfficeOptions {
  readonly folder: string;
  readonly book: AddressBook;
  readonly disk?: Disk;
  readonly aead?: Aead;
  readonly random?: Chance;
  readonly maxStreamSize?: number;
  readonly maxEagerKeys?: number;
  readonly week?: () => string;
  readonly protocol?: 'smtp' | 'lmtp';
}

let opened = 0;

export class PostOffice {
  /** Milliseconds since 1970; moves on by one with every mail. */
  static clock = Date.UTC(2026, 10, 21);
  readonly troubles: string[] = [];

  private constructor(
    readonly lane: Lane<PendingEnvelope>,
    readonly channels: ChannelTable,
    readonly book: AddressBook,
    readonly client: Client,
    options: PostOfficeOptions,
    random: Chance,
    journal: Uint8Array,
  ) {
    this.#forgetting = new Forgetting({
      disk: options.disk ?? quickDisk,
      folder: options.folder,
      journal,
      writers: { open: async () => lane.open, erase: (_, segment, cells) => lane.erase(segment, cells) },
      written: () => (lane.place ? [lane.place] : []),
    });
    this.service = intake({
      lane,
      recipients: book,
      aead: options.aead ?? nodeAead,
      random,
      now: () => PostOffice.clock++,
      onTrouble: (code) => this.troubles.push(code),
    });
  }

  readonly service: MailService;
  readonly #forgetting: Forgetting;

  static async open(options: PostOfficeOptions): Promise<PostOffice> {
    const disk = options.disk ?? quickDisk;
    const random = options.random ?? withFewFillers(chance(`post office ${opened++}`));
    const { book, folder } = options;
    const { id } = await createJournal(disk, folder, random);
    const { maxEagerKeys, maxStreamSize } = options;
    const channels = new ChannelTable({
      activeKeys: () => book.activeKeys(),
      random,
      ...(maxEagerKeys === undefined ? {} : { maxEagerKeys }),
    });
    const lane = await Lane.open<PendingEnvelope>({
      disk,
      folder,
      journal: id,
      sealing: channels,
      random,
      signers: signersInMemory(),
      week: options.week ?? (() => isoWeek(PostOffice.clock)),
      ...(maxStreamSize === undefined ? {} : { maxStreamSize }),
    });
    const client = { transport: 'tcp', address: '192.0.2.7', port: 50_000 } as const;
    return new PostOffice(
      lane,
      channels,
      book,
      { ...client, protocol: options.protocol ?? 'smtp' },
      options,
      random,
      id,
    );
  }

  async session(): Promise<MailSession> {
    const session = await this.service.connect(this.client);
    if (session instanceof Reply) throw new Error('refused');
    await session.hello('client.example', this.client);
    return session;
  }

  /** Begins a mail up to its content. A reply: a recipient or the content was refused. */
  async begin(...to: string[]): Promise<Delivery | Reply> {
    const session = await this.session();
    await session.mail(sender, {});
    for (const address of to) {
      const refused = await session.recipient(mailbox(address));
      if (refused) return refused;
    }
    return session.content();
  }

  /** One mail in pieces of so many octets. Returns the codes of the replies. */
  async send(to: readonly string[], content: Uint8Array, piece = 65_536): Promise<number[]> {
    const delivery = await this.begin(...to);
    if (delivery instanceof Reply) return [delivery.code];
    for (let at = 0; at < content.length; at += piece) await delivery.write(content.slice(at, at + piece));
    return (await delivery.commit()).map(({ code }) => code);
  }

  /** Erases envelopes, as the process does that owns the journal. */
  erase(orders: readonly ErasureOrder[]): Promise<ErasureResult[]> {
    return this.#forgetting.erase(orders);
  }

  /** Drops what is old, as that process does. */
  retain(before: number, allows: (old: Old) => boolean): Promise<Old> {
    return this.#forgetting.retain(before, allows);
  }

  close(): Promise<void> {
    return this.lane.close();
  }
}

export interface OpenedMail {
  readonly id: string;
  readonly recipient: string;
  readonly content: Buffer;
}

/** All that identities find in a journal. Throws if something listed does not open. */
export async function readMail(
  folder: string,
  identities: readonly Identity[],
  aead: Aead = nodeAead,
): Promise<{ mails: OpenedMail[]; contents: MailboxContents }> {
  const view = await openDirectory(folder);
  try {
    const { contents, index } = await openMailbox(view, identities);
    const mails: OpenedMail[] = [];
    for (const mail of contents.mails) {
      const pieces: Uint8Array[] = [];
      for await (const piece of index.content(mail, aead)) pieces.push(piece);
      mails.push({ id: mail.id, recipient: mail.envelope.recipient, content: Buffer.concat(pieces) });
    }
    return { mails, contents };
  } finally {
    await view.close();
  }
}
