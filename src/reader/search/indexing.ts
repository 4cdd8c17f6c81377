/** Indexing: mails that are not in the index yet are taken apart and added, part by part; what was added stays, however it ends. */
import { FormatError } from '../../core/errors.js';
import type { ListedMail } from '../cache/listed-mail.js';
import { type Contents, contentOf, eachAtOnce } from './contents.js';
import { envelopeTexts, rawHeaderTexts } from './mail-texts.js';
import { PartBuilder } from './part-builder.js';
import type { WordIndex } from './word-index.js';
import type { WordMaker } from './word-maker.js';

/** After so long a part is written, even if it is small. */
const secondsOfWork = 20;

export interface Indexing extends Contents {
  readonly index: WordIndex;
  readonly words: WordMaker;
  /** One more mail is done. */
  done(): void;
}

/** What could not be done. */
export interface Faults {
  /** These are found by their header as it stands, and by what their envelope says. */
  readonly faults: readonly { readonly mail: ListedMail; readonly fault: string }[];
  /** These are not in the index. */
  readonly damaged: readonly { readonly mail: ListedMail; readonly error: FormatError }[];
}

export interface Unindexed extends Faults {
  /** What the envelopes of these say. */
  readonly loose: PartBuilder;
}

/** Adds mails to the index in the order given, or nearly so. */
export async function indexMails(
  mails: AsyncIterable<readonly ListedMail[]>,
  work: Indexing,
): Promise<Unindexed> {
  const faults: { mail: ListedMail; fault: string }[] = [];
  const damaged: { mail: ListedMail; error: FormatError }[] = [];
  const { index } = work;
  const builder = new PartBuilder();
  let began = performance.now();
  const write = () => {
    if (builder.mails.length === 0) return;
    index.add(builder.mails, builder.entries());
    builder.clear();
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
      if ('terms' in answer) builder.add(mail, answer.terms, answer.table);
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
  const loose = new PartBuilder();
  for (const { mail } of damaged) loose.addTexts(mail, envelopeTexts(mail));
  return { faults, damaged, loose };
}
