/** Paper: an identity as 24 words to write down, the check of what was written, and the way back (spec/keys.md, Backup words). */
import { Problem } from '../../core/errors.js';
import { seedOf, wordsOf } from '../../reader/backup-words.js';
import { type Identity, identityOf, showFingerprint } from '../../seal/keys.js';
import { identityWords } from '../terminal/next-steps.js';
import { inform, print } from '../terminal/output.js';
import { shownCommand } from '../terminal/shell-word.js';
import {
  loadIdentityFile,
  makeDefaultFolder,
  mustBeFree,
  today,
  typedFile,
  writeIdentity,
} from './identities.js';
import { datesOf, openIdentityFile, writeNew } from './identity-file.js';
import { askNew } from './passphrases.js';
import { type Found, readWords } from './typed-words.js';

export interface BackupOptions {
  readonly key?: string;
  readonly to?: string;
  readonly force?: true;
}

/** Shows the words, or writes them to a new file. */
export async function backUp(path: string, options: BackupOptions): Promise<void> {
  if (options.to === undefined && !options.force && !process.stdout.isTTY)
    throw new Problem(
      'usage',
      'the words are the key, and are shown on a terminal only; for a file name it with --to FILE, for a printer or pipe give --force',
    );
  const file = await openIdentityFile(path);
  file.passphrase?.fill(0);
  const dates = datesOf(file);
  const all = file.identities.map((identity, at) => ({ identity, date: dates[at] }));
  const wanted = all.filter(({ identity }) =>
    showFingerprint(identity.fingerprint).startsWith(options.key?.toLowerCase() ?? ''),
  );
  if (wanted.length === 0) throw new Problem('missing', `${path}: no key in it begins with ${options.key}`);
  const pages = wanted.map(({ identity, date }) => page(identity, date)).join('\n');
  if (options.to !== undefined) {
    await writeNew(options.to, 0o600, pages);
    inform(`${options.to}: whoever reads this file reads your mail; print it, and remove it`);
  } else await print(pages.trimEnd());
  inform(
    '',
    'Write the words on paper with their numbers, and keep it where you keep what must not be lost or read by others.',
    'Whoever has them reads your mail, without any passphrase. They are needed when this file is lost, or its passphrase.',
    `When they are written down, check them: obalka key verify-backup${typedFile(path)}`,
    'Then clear this screen. On another computer, "obalka key restore" makes the key from them.',
  );
  if (wanted.length > 1)
    inform(`These are ${wanted.length} keys: the older ones open the mail from before the newest was made.`);
}

/** Six rows of four words: short enough to keep in mind while writing. */
function page(identity: Identity, date: string | undefined): string {
  const words = wordsOf(identity.seed);
  const rows: string[] = [];
  for (let at = 0; at < words.length; at += 4)
    rows.push(
      words
        .slice(at, at + 4)
        .map((word, index) => `${String(at + index + 1).padStart(4)} ${word.padEnd(10)}`)
        .join('')
        .trimEnd(),
    );
  return [
    `# obalka key ${showFingerprint(identity.fingerprint)}`,
    `# ${date === undefined ? '' : `made ${date}, `}words written down ${today()}`,
    '',
    ...rows,
    '',
  ].join('\n');
}

/** Says whether words that are typed open a key of the file. */
export async function verify(path: string): Promise<void> {
  const identities = await loadIdentityFile(path);
  const sheets = identities.map((identity) => ({ identity, right: wordsOf(identity.seed) }));
  const opened = await readWords((words): Found<Identity> => {
    const judged = sheets
      .map(({ identity, right }) => ({
        identity,
        wrong: right.flatMap((word, at) => (word === words[at] ? [] : [at + 1])),
      }))
      .sort((a, b) => a.wrong.length - b.wrong.length);
    const [best] = judged;
    if (!best) return { fault: 'there is no key to compare with' };
    if (best.wrong.length === 0) return { found: best.identity };
    const [first] = best.wrong;
    const more = best.wrong.length - 1;
    const others = more === 0 ? '' : ` and ${more} more`;
    return {
      fault:
        best.wrong.length > 12
          ? `these are the words of another key: word ${first}${others} differ`
          : `word ${first}${others} ${more === 0 ? 'is' : 'are'} not what this key has; look at the paper again`,
    };
  });
  await print(`the words open key ${showFingerprint(opened.fingerprint)}`);
  if (identities.length > 1)
    inform(`${path} has ${identities.length} keys, and each has words of its own; these are of this one.`);
}

/** Makes an identity file from words that are typed. */
export async function restore(path: string, options: { passphrase?: true }): Promise<void> {
  await makeDefaultFolder(path);
  await mustBeFree(path);
  const identity = await readWords((words): Found<Identity> => {
    const seed = seedOf(words);
    return seed
      ? { found: identityOf(seed) }
      : {
          fault:
            'the words are all in the list, but do not belong together: one is another word, or two have changed places; compare each with the paper',
        };
  });
  const passphrase = options.passphrase && (await askNew(path));
  const publicFile = await writeIdentity(path, identity, 'restored', passphrase);
  passphrase?.fill(0);
  await print(
    `identity ${path}`,
    `public-key ${publicFile}`,
    `fingerprint ${showFingerprint(identity.fingerprint)}`,
  );
  const list = shownCommand('list', ...identityWords(path));
  inform(`If the paper has the same fingerprint, this is the key. Your mail: ${list}`);
}
