/** Confirming: whether phrases stand in a mail, by a look into it. */
import { FormatError } from '../../core/errors.js';
import type { ListedMail } from '../cache/listed-mail.js';
import { type Contents, contentOf } from './contents.js';
import { envelopeTexts, rawHeaderTexts } from './mail-texts.js';
import { eachMatch, type Phrase } from './phrases.js';
import type { WordMaker } from './word-maker.js';

/** Of a mail that is damaged, or cannot be taken apart, what is left is looked into. */
export async function standIn(
  mail: ListedMail,
  phrases: readonly Phrase[],
  searched: Contents & { readonly words: WordMaker },
): Promise<readonly boolean[]> {
  const also = envelopeTexts(mail);
  try {
    const content = await contentOf(mail, searched);
    const answer = await searched.words.take({ content, also, phrases });
    return 'found' in answer ? answer.found : eachMatch([...also, ...rawHeaderTexts(content)], phrases);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return eachMatch(also, phrases);
  }
}
