/** obalka import: brings old mail in, sealed to the registered key of an address. */
import { type Command, Option } from 'commander';
import { Problem } from '../../core/errors.js';
import { openAgeFile } from '../../reader/export/age-file.js';
import { wholeMail } from '../../reader/import/found-mail.js';
import type { Quoting } from '../../reader/import/wire-lines.js';
import type { Bringing } from '../../server/import-writer.js';
import { dataDirectory } from '../data/data-directory.js';
import { withBringing } from '../import/bringing.js';
import { noResumeFile, openResumeFile, type ResumeFile } from '../import/resume-file.js';
import {
  emlFile,
  fileSource,
  maildirSource,
  mboxSource,
  type Source,
  type SourceMail,
} from '../import/sources.js';
import { loadIdentities } from '../keys/identities.js';
import { collect } from '../options.js';
import { inform, say } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

interface ImportOptions {
  readonly format: 'eml' | 'mbox' | 'maildir' | 'age';
  readonly address: string;
  readonly quoting: Quoting;
  readonly asIs?: boolean;
  readonly resumeFile?: string;
  readonly identity: readonly string[];
  readonly data?: string;
}

/** Mails that are under way at once: they share syncs. After a crash, so many at most may come twice. */
const atOnce = 16;

export function importCommand(program: Command): void {
  program
    .command('import')
    .argument('<PATH>', 'a file, a folder of *.eml, a Maildir; - for standard input')
    .description('bring old mail in, sealed to the registered key of an address')
    .addOption(
      new Option('--format <FORMAT>', 'what it is')
        .choices(['eml', 'mbox', 'maildir', 'age'])
        .makeOptionMandatory(),
    )
    .requiredOption('--address <ADDRESS>', 'whose mail it becomes')
    .addOption(
      new Option('--quoting <HOW>', 'how an mbox quotes lines that begin with From')
        .choices(['mboxrd', 'mboxo'])
        .default('mboxrd'),
    )
    .option('--as-is', 'eml: the octets of a file are the content, whatever ends its lines')
    .option('--resume-file <FILE>', 'remember there what was brought in, and leave that out')
    .option('--identity <FILE>', 'age: what opens the files; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .action(async (path: string, options: ImportOptions) => {
      const source = await sourceOf(path, options);
      const done = options.resumeFile === undefined ? noResumeFile : await openResumeFile(options.resumeFile);
      try {
        await withBringing(dataDirectory(options.data), options.address, (bringing) =>
          importAll(source, bringing, done, options.address),
        );
      } finally {
        await done.close();
      }
    });
}

async function sourceOf(path: string, { format, quoting, asIs, identity }: ImportOptions): Promise<Source> {
  if (format === 'mbox') return mboxSource(path, quoting);
  if (format === 'eml') return fileSource(path, '.eml', emlFile(asIs === true));
  if (format === 'age') {
    const identities = await loadIdentities(identity);
    return fileSource(path, '.age', (file) => wholeMail(openAgeFile(file, identities), true));
  }
  if (path === '-') throw new Problem('usage', '-: a Maildir is a folder; name one');
  return maildirSource(path);
}

async function importAll(
  source: Source,
  bringing: Bringing,
  done: ResumeFile,
  address: string,
): Promise<void> {
  const progress = new Progress('importing');
  const counts = { imported: 0, before: 0, left: 0 };
  const leave = (mail: SourceMail, why: string) => {
    counts.left++;
    say(`obalka: ${mail.name}: left out: ${why}`);
  };
  const underWay: Promise<void>[] = [];
  try {
    for await (const mail of source.mails) {
      progress.at(mail.at, source.total);
      if (done.has(mail.key)) {
        counts.before++;
        continue;
      }
      const commit = await bringOne(mail, bringing, leave);
      if (!commit) continue;
      const durable = commit().then(async () => {
        await done.add(mail.key);
        counts.imported++;
      });
      // Whoever awaits it meets the error; until then nobody may.
      durable.catch(() => undefined);
      underWay.push(durable);
      if (underWay.length >= atOnce) await underWay.shift();
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
    progress.end();
    const { imported, before, left } = counts;
    inform(
      `${imported} ${imported === 1 ? 'mail' : 'mails'} imported for ${address}` +
        `${before > 0 ? `, ${before} imported before` : ''}${left > 0 ? `, ${left} left out` : ''}`,
    );
    if (left > 0) process.exitCode = 1;
  }
}

/** Hands one mail over; undefined if it was left out. Throws a Problem that concerns all of them. */
async function bringOne(
  mail: SourceMail,
  bringing: Bringing,
  leave: (mail: SourceMail, why: string) => void,
): Promise<(() => Promise<void>) | undefined> {
  const opened = await mail.open().catch((error: unknown) => {
    leave(mail, error instanceof Error ? error.message : String(error));
    return undefined;
  });
  if (!opened) return undefined;
  const incoming = await bringing.begin(opened.mail);
  let octets = 0;
  try {
    for await (const piece of readable(opened.content)) {
      octets += piece.length;
      if (octets > bringing.maxSize) throw new Unreadable(`larger than ${bringing.maxSize} octets`);
      await incoming.write(piece);
    }
  } catch (error) {
    incoming.abort();
    if (!(error instanceof Unreadable)) throw error;
    leave(mail, error.message);
    return undefined;
  }
  return () => incoming.commit();
}

/** What is the matter with one mail, and not with the others. */
class Unreadable extends Error {}

async function* readable(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw new Unreadable(error instanceof Error ? error.message : String(error));
  }
}
