/** Indexing: mails that are not in the index yet are taken apart and added, part by part; what was added stays, however it ends. */
import { FormatError } from '../../core/errors.js';
import type { ListedMail } from '../cache/listed-mail.js';
import { envelopeTexts, rawHeaderTexts } from './mail-texts.js';
import { PartBuilder } from './part-builder.js';
import type { WordIndex } from './word-index.js';
import type { WordMaker } from './word-maker.js';

/** Octets of a content that are looked at; beyond that, attachments seldom leave any text. */
export const mostContent = 32 * 1024 * 1024;
/** Contents that are read, or wait for the thread, at once. */
const mailsAtOnce = 32;
const octetsAtOnce = 4 * 1024 * 1024;
/** After so long a part is written, even if it is small. */
const secondsOfWork = 20;

export interface Indexing {
  readonly index: WordIndex;
  readonly words: WordMaker;
  /** The content of a mail. Throws FormatError if it is damaged, at the end at the latest. */
  content(mail: ListedMail): AsyncIterable<Uint8Array>;
  /** One more mail is done. */
  done(): void;
}

/** What could not be done. */
export interface Unindexed {
  /** These are found by their header as it stands, and by what their envelope says. */
  readonly faults: readonly { readonly mail: ListedMail; readonly fault: string }[];
  /** These are not in the index. */
  readonly damaged: readonly { readonly mail: ListedMail; readonly error: FormatError }[];
}

/** Adds mails to the index in the order given, or nearly so. */
export async function indexMails(
  mails: AsyncIterable<readonly ListedMail[]>,
  work: Indexing,
): Promise<Unindexed> {
  const faults: { mail: ListedMail; fault: string }[] = [];
  const damaged: { mail: ListedMail; error: FormatError }[] = [];
  const { index } = work;
  let builder = new PartBuilder();
  let began = performance.now();
  const write = () => {
    if (builder.mails.length === 0) return;
    const full = builder;
    builder = new PartBuilder();
    index.add(full.mails, full.entries());
    began = performance.now();
  };
  const take = async (mail: ListedMail): Promise<void> => {
    const content = await contentOf(mail, work).catch((error: unknown) => {
      if (!(error instanceof FormatError)) throw error;
      damaged.push({ mail, error });
      return undefined;
    });
    if (content) {
      const also = envelopeTexts(mail);
      const answer = await work.words.take({ content, also });
      if ('terms' in answer) builder.add(mail, answer, answer.table);
      else {
        faults.push({ mail, fault: 'fault' in answer ? answer.fault : '' });
        builder.addTexts(mail, [...also, ...rawHeaderTexts(content)]);
      }
      if (builder.isFull || performance.now() - began > 1000 * secondsOfWork) write();
    }
    work.done();
  };
  await eachAtOnce(mails, take);
  write();
  return { faults, damaged };
}

/** The beginning of a content, once all of the mail was held against its envelope. */
export async function contentOf(
  mail: ListedMail,
  { content }: Pick<Indexing, 'content'>,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let left = mostContent;
  for await (const piece of content(mail)) {
    // To the very end: there it is known whether it holds.
    if (left <= 0) continue;
    pieces.push(piece.subarray(0, left));
    left -= piece.length;
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
}

/** Runs for each mail, for many at once, but for no more than there is room for. */
export async function eachAtOnce(
  mails: AsyncIterable<readonly ListedMail[]>,
  run: (mail: ListedMail) => Promise<void>,
): Promise<void> {
  let running = 0;
  let octets = 0;
  let failed: { readonly error: unknown } | undefined;
  let wake = () => {};
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const begin = async (mail: ListedMail, own: number) => {
    try {
      await run(mail);
    } catch (error) {
      failed ??= { error };
    }
    running--;
    octets -= own;
    wake();
  };
  for await (const some of mails) {
    for (const mail of some) {
      const own = Math.min(mail.size, mostContent);
      while (running > 0 && (running >= mailsAtOnce || octets + own > octetsAtOnce)) await change();
      if (failed) break;
      running++;
      octets += own;
      begin(mail, own).catch(() => undefined);
    }
    if (failed) break;
  }
  while (running > 0) await change();
  if (failed) throw failed.error;
}
