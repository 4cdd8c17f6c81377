/** Notice writer: seals notices into the lane like any mail, so that what was registered does not show by them. */
import { hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { encodeEnvelope } from '../format/envelope.js';
import { envelopeFlags } from '../format/envelope-flags.js';
import { encodePrelude } from '../format/prelude.js';
import type { Lane } from '../journal/lane.js';
import type { Aead } from '../seal/aead.js';
import type { Random } from '../seal/channel.js';
import type { ChangeOfKeys } from './change-of-keys.js';
import type { PendingEnvelope } from './channel-table.js';
import { MessageWriter, type WrittenMessage } from './message-writer.js';
import { type Notice, noticeOfChange } from './notice.js';
import { SummaryScanner } from './summary-scanner.js';

export interface NoticeWriterOptions {
  readonly lane: Lane<PendingEnvelope>;
  readonly aead: Aead;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the server calls itself. */
  readonly hostname: string;
}

/** Tells owners of changes that are about to be made. */
export interface NoticeWriter {
  /**
   * Resolves when a notice of each change is durable; tells how many keys were told. If nobody is to be told, a message
   * that nobody has a key to is written instead. Throws a Problem if the journal cannot be written: then nothing is to
   * be changed.
   */
  tell(changes: readonly ChangeOfKeys[]): Promise<number>;
}

/** Notices that share a sync; each holds a block in memory. */
const atOnce = 64;

export function noticeWriter(options: NoticeWriterOptions): NoticeWriter {
  const { random, now, hostname } = options;
  return {
    async tell(changes) {
      const notices = changes.flatMap(
        (change) => noticeOfChange(change, { hostname, now: now(), id: hex(random(16)) }) ?? [],
      );
      try {
        const all = notices.length > 0 ? notices : [undefined];
        for (let at = 0; at < all.length; at += atOnce) {
          const isSealed = await Promise.all(
            all.slice(at, at + atOnce).map((notice) => write(options, notice)),
          );
          if (isSealed.includes(false)) throw new Error('a key is sealed to no more');
        }
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
        const untold = notices.length > 0 ? 'nobody could be told of it, so ' : '';
        throw new Problem(
          'failure',
          `the journal cannot be written${code}: ${untold}nothing was changed; mend the disk, and try again`,
        );
      }
      return notices.reduce((sum, { keys }) => sum + keys.length, 0);
    },
  };
}

/** One message of one block, to the keys of the notice, or to nobody; tells whether all of it was sealed. */
async function write(options: NoticeWriterOptions, notice: Notice | undefined): Promise<boolean> {
  const { lane, aead, random, now, hostname } = options;
  const writer = new MessageWriter(lane, aead, random);
  try {
    const prelude = encodePrelude({ from: '', helo: hostname, client: '', protocol: 'notice', tls: '' });
    for (const part of [prelude, notice?.content ?? new Uint8Array(0)]) await writer.write(part);
    const message = await writer.finish();
    const envelopes = notice
      ? envelopesOf(notice, message, prelude.length, now())
      : [{ key: undefined, plaintext: new Uint8Array(0) }];
    const sealed = await lane.commit(message.allRuns, envelopes).finally(() => {
      for (const { plaintext } of envelopes) plaintext.fill(0);
    });
    return sealed.every(Boolean);
  } finally {
    writer.close();
  }
}

function envelopesOf(
  { keys, address, keySet, content }: Notice,
  { messageKey, leaves, depth, runs }: WrittenMessage,
  preludeLength: number,
  receivedAt: number,
): PendingEnvelope[] {
  const scanner = new SummaryScanner();
  scanner.write(content);
  const summary = scanner.summary();
  const flags = envelopeFlags.notice | (keys.length > 1 ? envelopeFlags.sharedAddress : 0);
  return keys.map((key) => ({
    key,
    plaintext: encodeEnvelope({
      reached: 'itself',
      flags,
      depth,
      receivedAt,
      preludeLength,
      contentLength: content.length,
      trailerLength: 0,
      messageKey,
      leaves,
      keySet,
      runs,
      recipient: address,
      summary,
    }),
  }));
}
