/** Mending: after a command that went wrong, the command that mends it, where what there is shows which one. */
import { stat } from 'node:fs/promises';
import { Problem } from '../core/errors.js';
import { BadConfiguration } from './config/fault.js';
import { dataDirectory, exists } from './data-directory.js';
import { isFolder } from './journal-reading.js';
import { isPublicKeyFile, ownKey } from './next-steps.js';
import { shownCommand, shownWords } from './shell-word.js';

/** Commands that are given the id of a mail. */
const takesId = new Set(['read', 'save', 'erase', 'mark', 'export']);

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
  if (error.kind === 'missing' && !(await exists(data.path).catch(() => true)))
    return [shownCommand('init', ...given(words, '--data'))];
  if (takesId.has(words[0] ?? '') && (error.kind === 'missing' || words.length === 1 || lacksId(words)))
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
  return own && own.words.length > 0 ? shownCommand(...words, ...own.words) : shownCommand('key', 'new');
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
