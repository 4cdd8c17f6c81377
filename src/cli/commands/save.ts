/** obalka save: attachments into files. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { Part } from '../../reader/message.js';
import { limitsFor, Parser } from '../../reader/parser.js';
import { safeName } from '../../reader/safe-name.js';
import { visibleLine } from '../../reader/visible.js';
import { wholeContent } from '../../reader/whole-content.js';
import { look, ownFolder } from '../export/folders.js';
import { AttachmentFolder } from '../mailbox/attachment-folder.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { findListed, type MailReadingOptions, withMail } from '../mailbox/mail-reading.js';
import { collect, pinsOption } from '../options.js';
import { print } from '../terminal/output.js';

interface SaveOptions extends MailReadingOptions {
  readonly to?: string;
  readonly all?: boolean;
}

export function saveCommand(program: Command): void {
  program
    .command('save')
    .argument('<ID>', 'as "obalka list" shows it; a beginning of it will do')
    .argument('[PART]', 'the number or the name of an attachment, as "obalka read" shows it')
    .description('save attachments as files')
    .option('--all', 'all attachments')
    .option('--to <DIR>', 'where to; a new folder named after the mail without it')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .action((id: string, word: string | undefined, options: SaveOptions) => {
      if (options.all && word !== undefined)
        throw new Problem('usage', `${word}: give a part or --all, not both`);
      return withMail(options, async (opened) => {
        const mail = await opened.mailbox.opened(await findListed(opened, id));
        const content = await wholeContent(
          (await opened.mailbox.index()).content(mail),
          mail.envelope.contentLength,
        );
        const parser = new Parser(limitsFor(content.length));
        const wanted = { withoutHtml: true, isGiven: true };
        const parsed = await parser.takeApart(content, wanted).finally(() => parser.close());
        if ('fault' in parsed)
          throw new Problem(
            'failure',
            `${mail.id}: this message cannot be taken apart: ${parsed.fault}; "obalka read --raw" gives it as it came`,
          );
        const parts = chosen(parsed.message.attachments, mail.id, word, options.all === true);
        const folder = options.to ?? `mail-${mail.id}`;
        await ownFolder(folder);
        if (options.to === undefined) await mustBeClosed(folder);
        const saving = new AttachmentFolder(folder);
        for (const { part, number } of parts)
          await print(visibleLine(await saving.save(safeName(part.name, part.type, number), part.content)));
      });
    });
}

/** A name that others can foresee: they must have no way into the folder. */
async function mustBeClosed(path: string): Promise<void> {
  const { mode = 0 } = (await look(path)) ?? {};
  if ((mode & 0o022) !== 0)
    throw new Problem(
      'failure',
      `${path}: others may write into this folder; close it with "chmod go-w ${path}", or name another with --to`,
    );
}

interface Numbered {
  readonly part: Part;
  readonly number: number;
}

function chosen(
  parts: readonly Part[],
  id: string,
  word: string | undefined,
  all: boolean,
): readonly Numbered[] {
  const numbered = parts.map((part, at) => ({ part, number: at + 1 }));
  if (parts.length === 0) throw new Problem('missing', `${id}: this mail has no attachments`);
  if (all || (word === undefined && parts.length === 1)) return numbered;
  if (word === undefined)
    throw new Problem(
      'usage',
      `${id}: this mail has ${parts.length} attachments; name one by its number, or give --all`,
    );
  const found = numbered.filter(({ part, number }) => String(number) === word || part.name === word);
  const [only] = found;
  if (only === undefined)
    throw new Problem(
      'missing',
      `${id}: no attachment ${word}; there are ${parts.length}, and "obalka read" shows them`,
    );
  if (found.length > 1)
    throw new Problem('usage', `${id}: ${found.length} attachments are named ${word}; give a number`);
  return [only];
}
