/** Query: what a person asks for, word by word (spec/search.md, Questions). */

import { fields } from './mail-terms.js';
import type { Phrase } from './phrases.js';
import { allFields } from './postings.js';
import { couple, eachWord } from './words.js';

/** One thing that is to be there, or not. */
export interface Wanted {
  readonly isUnwanted: boolean;
  readonly fields: number;
  /** All of them stand in the mail; only the last may be a prefix. */
  readonly terms: readonly string[];
  readonly isPrefix: boolean;
  /** Words of which the index cannot tell whether they follow each other. */
  readonly phrase: Phrase | undefined;
}

export interface Query {
  readonly wanted: readonly Wanted[];
  /** As they were written. */
  readonly since: string | undefined;
  readonly until: string | undefined;
}

const fieldNames: Readonly<Partial<Record<string, number>>> = {
  from: fields.from,
  to: fields.to,
  cc: fields.to,
  subject: fields.subject,
  body: fields.body,
  file: fields.file,
};

/** What may stand before a word, or a date. */
export const knownFields: readonly string[] = [...Object.keys(fieldNames), 'since', 'until'];

/** Thrown for a word that asks for nothing. */
export class QueryFault extends Error {}

/** Each argument is a word, or several that follow each other. */
export function parseQuery(args: readonly string[]): Query {
  const wanted: Wanted[] = [];
  let since: string | undefined;
  let until: string | undefined;
  for (const arg of args) {
    const date = /^(since|until):(.*)$/s.exec(arg);
    if (date?.[1] === 'since') since = only('since', since, date[2]);
    else if (date?.[1] === 'until') until = only('until', until, date[2]);
    else wanted.push(parseWanted(arg));
  }
  return { wanted, since, until };
}

function only(name: string, before: string | undefined, value = ''): string {
  if (before !== undefined) throw new QueryFault(`${name}: is given twice; give it once`);
  return value;
}

function parseWanted(arg: string): Wanted {
  const isUnwanted = arg.startsWith('-');
  const rest = isUnwanted ? arg.slice(1) : arg;
  const [, name = '', named = ''] = /^([a-z]+):(.*)$/s.exec(rest) ?? [];
  const field = fieldNames[name];
  const text = (field === undefined ? rest : named).replace(/^"(.*)"$/s, '$1');
  const isPrefix = text.endsWith('*');
  const words: string[] = [];
  const terms: string[] = [];
  let isJoinedThroughout = true;
  eachWord(text, (word, isJoined) => {
    const before = words.at(-1);
    if (before !== undefined && isJoined) {
      // A couple says more than its first word, which it makes needless if that is not the end of another.
      if (terms.at(-1) === before) terms.pop();
      terms.push(couple(before, word));
    } else {
      if (before !== undefined) isJoinedThroughout = false;
      terms.push(word);
    }
    words.push(word);
    return true;
  });
  if (terms.length === 0) throw new QueryFault(`${arg}: there is no word in it that can be searched for`);
  const own = field ?? allFields;
  return {
    isUnwanted,
    fields: own,
    terms,
    isPrefix,
    phrase: isJoinedThroughout ? undefined : { fields: own, words, isPrefix },
  };
}
