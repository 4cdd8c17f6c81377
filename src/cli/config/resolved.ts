/** Resolved: what holds of one setting, and who says so. */
import { Problem } from '../../core/errors.js';
import { Wrong } from './kinds.js';
import type { Given, Setting, Sourced } from './setting.js';

/** What holds of a setting: what its options say, else its variable, else the file, else what is usual. Throws a Problem. */
export function resolved<T>(setting: Setting<T>, given: Given, fromFile: Sourced<T> | undefined): Sourced<T> {
  const byOption = ofOptions(setting, given);
  if (byOption) return byOption;
  const { variable, splitAt } = setting;
  const text = variable === undefined ? '' : (process.env[variable] ?? '');
  if (variable !== undefined) {
    const words = (splitAt === undefined ? [text] : text.split(splitAt)).filter((word) => word !== '');
    if (words.length > 0)
      return {
        value: named(() => setting.kind.fromWords(words), `${variable}=${text}`),
        source: { kind: 'environment', name: variable },
      };
  }
  return fromFile ?? { value: setting.usual(), source: { kind: 'default' } };
}

function ofOptions<T>(setting: Setting<T>, given: Given): Sourced<T> | undefined {
  const { options, fromOptions, kind } = setting;
  const flag =
    options.map(({ flags }) => flags).find((flags) => wordsOf(given, flags).length > 0) ?? options[0]?.flags;
  const name = flag?.split(' ')[0] ?? '--set';
  const words = flag === undefined ? [] : wordsOf(given, flag);
  const source = { kind: 'option', name } as const;
  if (fromOptions) {
    const value = named(() => fromOptions(given), `${name} ${words.join(' ')}`.trimEnd());
    return value === undefined ? undefined : { value, source };
  }
  if (words.length === 0) return undefined;
  return {
    value: named(
      () => kind.fromWords(words),
      (part) => `${name} ${words[Number(part[0] ?? 0)]}`,
    ),
    source,
  };
}

/** The words behind an option; one that takes none has one that is empty. */
function wordsOf(given: Given, flags: string): readonly string[] {
  const [, no = '', name = ''] = /^--(no-)?([a-z-]+)/.exec(flags) ?? [];
  const value = given[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
  if (no !== '') return value === false ? [''] : [];
  if (value === true) return [''];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** What is wrong with words becomes a usage Problem that begins with them. */
function named<T>(read: () => T, words: string | ((part: readonly string[]) => string)): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const before = typeof words === 'string' ? words : words(error.path);
    throw new Problem('usage', `${before}: ${error.what}`);
  }
}
