/** obalka erase: the owner makes mail unreadable for good. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { equal, hex } from '../../core/bytes.js';
import { Problem } from '../../core/errors.js';
import { envelopeFlags } from '../../format/envelope-flags.js';
import type { ErasureResult } from '../../journal/erasing.js';
import { envelopesOf, ordersFor, parseOrder, writeOrder } from '../../reader/erasing.js';
import { idLength } from '../../reader/id.js';
import type { Mail } from '../../reader/mail.js';
import { keySetFingerprint } from '../../seal/keys.js';
import { administer } from '../data/administer.js';
import { dataDirectory } from '../data/data-directory.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { forgetWords } from '../mailbox/forget-words.js';
import { findListed, type MailReadingOptions, withMail } from '../mailbox/mail-reading.js';
import { collect, pinsOption } from '../options.js';
import { counted } from '../terminal/counted.js';
import { inform, print } from '../terminal/output.js';

interface EraseOptions extends MailReadingOptions {
  readonly orderTo?: string;
  readonly order?: string;
  readonly json?: boolean;
}

export function eraseCommand(program: Command): void {
  program
    .command('erase')
    .argument('[ID...]', `as "obalka list" shows them, all ${idLength} letters`, wholeId, [])
    .description('make mail unreadable for good')
    .option(
      '--order-to <FILE>',
      'only write the order, for whoever has the data directory; - for standard output',
    )
    .option('--order <FILE>', 'carry out such an order; - for standard input')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--json', 'one JSON object a line')
    .option('--data <DIR>', 'the data directory; with --order-to a copy of the journal will do (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .action(async (ids: readonly string[], options: EraseOptions) => {
      if (options.order !== undefined) {
        if (ids.length > 0 || options.orderTo !== undefined)
          throw new Problem('usage', 'give --order alone: the order says which envelopes are meant');
        await carryOut(options.order, options.data);
      } else if (ids.length === 0) throw new Problem('usage', 'name at least one mail, or give --order FILE');
      else await erase(ids, options);
    });
}

/** One mail that is to be erased. */
interface Erased {
  readonly id: string;
  readonly envelopes: readonly Mail[];
  /** The lines of its part of the order. */
  readonly order: readonly string[];
}

async function erase(ids: readonly string[], options: EraseOptions): Promise<void> {
  const mails: Erased[] = [];
  await withMail(options, async (opened) => {
    const { mailbox } = opened;
    for (const id of ids) {
      if (mailbox.erased.includes(id.toLowerCase())) {
        if (options.json) await print(JSON.stringify({ id, envelopes: 0, also: [], shared: null }));
        else inform(`${id}: was erased before`);
        continue;
      }
      const expired = mailbox.expired.find((one) => one.id === id.toLowerCase());
      const listed = (expired && (await mailbox.expiredMail(expired))) ?? (await findListed(opened, id));
      if (mails.some(({ envelopes }) => envelopes.some((one) => one.id === listed.id))) continue;
      // All envelopes of a message have its receive time.
      const candidates = await Promise.all(
        (await mailbox.receivedAt(listed.receivedAt)).map((one) => mailbox.opened(one)),
      );
      const mail = await mailbox.opened(listed);
      const envelopes = envelopesOf(mail, { mails: candidates, expired: [] });
      const order = await ordersFor(envelopes, mailbox.survey);
      mails.push({ id: mail.id, envelopes, order: order.map(writeOrder) });
    }
  });
  const order = mails.flatMap((mail) => mail.order);
  if (options.orderTo !== undefined) {
    const text = `${order.join('\n')}\n`;
    if (options.orderTo === '-') await print(order.join('\n'));
    else await writeFile(options.orderTo, text, { mode: 0o600, flag: 'wx' });
    inform('not erased yet: whoever has the data directory carries it out by: obalka erase --order FILE');
    return;
  }
  if (order.length === 0) return;
  mustSucceed(await carry(order, options.data));
  forgetWords(
    mails.flatMap(({ envelopes }) => envelopes),
    options.cache,
  );
  for (const mail of mails) await tell(mail, options.json === true);
}

async function tell({ id, envelopes }: Erased, json: boolean): Promise<void> {
  const also = envelopes.map((one) => one.id).filter((other) => other !== id);
  const shared = envelopes.some(isShared(envelopes));
  if (json) return print(JSON.stringify({ id, envelopes: envelopes.length, also, shared }));
  inform(
    `${id}: erased${also.length > 0 ? `, with its other envelopes of yours: ${also.join(', ')}` : ''}; ` +
      (shared
        ? 'another key of the same address still opens it'
        : 'nobody else opens it through this address; recipients at other addresses, and copies of the journal, keep theirs'),
  );
}

/** Whether others got an envelope through its address: all its keys may be among these identities. */
function isShared(envelopes: readonly Mail[]): (one: Mail) => boolean {
  const mine = new Map(envelopes.map(({ identity }) => [hex(identity.fingerprint), identity.fingerprint]));
  const keySet = keySetFingerprint([...mine.values()]);
  return ({ envelope }) =>
    (envelope.flags & envelopeFlags.sharedAddress) !== 0 && !equal(envelope.keySet, keySet);
}

async function carryOut(file: string, data: string | undefined): Promise<void> {
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'latin1').catch(
    (error: NodeJS.ErrnoException) => {
      throw new Problem('failure', `${file}: cannot be read (${error.code})`);
    },
  );
  const lines = text.split('\n').filter((line) => line !== '');
  const bad = lines.findIndex((line) => parseOrder(line) === undefined);
  if (lines.length === 0 || bad >= 0)
    throw new Problem(
      'usage',
      `${file}: line ${bad + 1}: this is not an order of "obalka erase --order-to", or one of a newer obalka`,
    );
  const results = await carry(lines, data);
  mustSucceed(results);
  const before = results.filter((result) => result === 'already').length;
  inform(
    `${counted(results.length - before, 'envelope')} erased${before > 0 ? `, ${before} were erased before` : ''}`,
  );
}

const faults: Readonly<Record<Exclude<ErasureResult, 'erased' | 'already'>, Problem>> = {
  open: new Problem('later', 'a mail is not yet known to be on disk; try again in a moment'),
  missing: new Problem(
    'missing',
    'an envelope is not in this journal: is this the data directory that it came from?',
  ),
  foreign: new Problem('failure', 'the order does not prove that the envelope is yours; it is left as it is'),
  damaged: new Problem(
    'damage',
    'an envelope does not match its check, and is left as it is; see "obalka verify"',
  ),
};

/** So many orders fit into one line of the control socket many times over. */
const ordersAtOnce = 2000;

async function carry(order: readonly string[], data: string | undefined): Promise<ErasureResult[]> {
  const results: ErasureResult[] = [];
  for (let at = 0; at < order.length; at += ordersAtOnce) {
    const orders = order.slice(at, at + ordersAtOnce);
    results.push(
      ...((await administer(dataDirectory(data), { command: 'erase', orders })) as ErasureResult[]),
    );
  }
  return results;
}

function mustSucceed(results: readonly ErasureResult[]): void {
  for (const result of results) if (result !== 'erased' && result !== 'already') throw faults[result];
}

function wholeId(word: string, before: readonly string[]): string[] {
  if (word.length !== idLength)
    throw new InvalidArgumentError(`give all ${idLength} letters: what is erased does not come back.`);
  return [...before, word];
}
