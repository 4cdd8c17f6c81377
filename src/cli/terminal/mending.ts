/** Mending: after a command that went wrong, the command that mends it, where what there is shows which one. */
import { stat } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { BadConfiguration } from '../config/fault.js';
import { dataDirectory, exists } from '../data/data-directory.js';
import { isFolder } from '../data/journal-reading.js';
import { dataWords, isPublicKeyFile, ownData, ownKey } from './next-steps.js';
import { shownCommand, shownWords } from './shell-word.js';

/** Commands that are given the id of a mail, and those of them that do nothing without. */
const takesId = new Set(['read', 'save', 'erase', 'mark', 'export']);
const needsId = new Set(['read', 'save', 'erase', 'mark']);

/** Lines to be typed as they stand; none where nothing is known that would help. `words` are those of the command. */
export async function mendingCommands(error: unknown, words: readonly string[]): Promise<string[]> {
  if (!(error instanceof Problem)) return [];
  const instead = (from: string, ...to: readonly string[]) =>
    shownCommand(...words.flatMap((word) => (word === from ? to : [word])));
  const key = optionOf(words, '--key');
  if (key !== undefined && !(await isPublicKeyFile(key)) && (await isPublicKeyFile(`${key}.pub`)))
    return [instead(key, `${key}.pub`)];
  if (error instanceof BadConfiguration) return [shownCommand('config', 'check', error.path)];
  if (error.kind === 'identity') return ofIdentity(words, instead, error.message.startsWith('no identity:'));
  const data = dataDirectory(optionOf(words, '--data'));
  if (error.kind === 'missing' && error.message.startsWith(`${data.path}: no `)) {
    const more = await wordsOfData(words);
    if (more.length > 0) return [shownCommand(...withOptions(words, more))];
    if (!(await exists(data.path).catch(() => true)))
      return [shownCommand('init', ...given(words, '--data'))];
  }
  if (words[0] === 'save' && error.kind === 'usage' && !lacksId(words))
    return error.message.includes(' attachments; ') ? [shownCommand(...withOptions(words, ['--all']))] : [];
  const [name = ''] = words;
  if (
    takesId.has(name) &&
    (error.kind === 'missing' || (error.kind === 'usage' && needsId.has(name) && lacksId(words)))
  )
    return (await isFolder(data.journal))
      ? [shownCommand('list', ...given(words, '--identity'), ...given(words, '--data'))]
      : [];
  if (words[0] === 'register' && error.kind === 'usage' && key === undefined && !words.includes('--list')) {
    const own = await ownKey();
    const [, address] = words;
    if (own && address?.includes('@')) return [instead(address, address, '--key', own.publicFile)];
  }
  return [];
}

async function ofIdentity(
  words: readonly string[],
  instead: (from: string, ...to: readonly string[]) => string,
  isAbsent: boolean,
): Promise<string[]> {
  const file = optionOf(words, '--identity');
  // A wrong passphrase, or words that are none, are mended by no new key.
  if (file === undefined) return isAbsent ? [await makeOrName(words)] : [];
  const secret = file.replace(/\.pub$/, '');
  if (secret !== file && (await exists(secret))) return [instead(file, secret)];
  const mode = await stat(file).then(
    (stats) => stats.mode,
    () => 0,
  );
  return (mode & 0o077) === 0 ? [] : [shownWords('chmod', '600', file)];
}

/** Where a key is in this folder already, the command with it; else the making of one. */
async function makeOrName(words: readonly string[]): Promise<string> {
  const own = await ownKey();
  if (!own || own.words.length === 0) return shownCommand('key', 'new');
  return shownCommand(...withOptions(words, [...own.words, ...(await wordsOfData(words))]));
}

/** `--data data`, where a command looks for a data directory in the usual place, and it is here. */
async function wordsOfData(words: readonly string[]): Promise<string[]> {
  if (words[0] === 'key' || given(words, '--data').length > 0) return [];
  return dataWords((await ownData())?.option);
}

/** Options stand before what is no option any more. */
function withOptions(words: readonly string[], options: readonly string[]): string[] {
  const end = words.indexOf('--');
  return end < 0 ? [...words, ...options] : [...words.slice(0, end), ...options, ...words.slice(end)];
}

/** The value of an option; undefined where it is not given, or more than once. */
function optionOf(words: readonly string[], name: string): string | undefined {
  const values = given(words, name).filter((word) => word !== name);
  return values.length === 1 ? values[0] : undefined;
}

/** The words that give an option. */
function given(words: readonly string[], name: string): string[] {
  return words.flatMap((word, at) => {
    if (word.startsWith(`${name}=`)) return [name, word.slice(name.length + 1)];
    const value = words[at + 1];
    return word === name && value !== undefined ? [name, value] : [];
  });
}

/** Whether no word but those of options stands behind the name of the command. */
function lacksId(words: readonly string[]): boolean {
  return (
    (words[1] ?? '-').startsWith('-') &&
    words.slice(1).every((word, at, rest) => word.startsWith('-') || (rest[at - 1] ?? '').startsWith('--'))
  );
}
