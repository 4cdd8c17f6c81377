/** Address list: the file in which an administrator keeps addresses, keys and aliases (spec/commands.md, Lists). */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Problem } from '../../core/errors.js';
import { parseAddress } from '../../registry/address.js';
import type { KeyDetails } from '../../registry/key-details.js';
import { encodePublicKey, parsePublicKey } from '../../seal/keys.js';
import { parseDate, showDate } from '../dates.js';
import { csvLine, parseCsv } from '../files/csv.js';
import { loadPublicKey } from '../keys/identities.js';
import type { SentList, ShownEntry } from './administer.js';

/** Columns in the order in which they are written. Only `address` has to be there. */
const columns = ['address', 'key', 'alias', 'label', 'from', 'until'] as const;
type Column = (typeof columns)[number];

/** A list as it is sent, but for what is to be done with it. */
export type AddressList = Pick<SentList, 'keys' | 'lines'>;

/** Reads a list. Throws a Problem that names the file and the line. */
export async function readAddressList(path: string): Promise<AddressList> {
  const text = await readFile(path === '-' ? '/dev/stdin' : path, 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      throw new Problem(
        'missing',
        `${path}: the list cannot be read (${error.code}); name a file that is there`,
      );
    },
  );
  const [head, ...records] = parseCsv(text, path);
  if (!head)
    throw new Problem('usage', `${path}: an empty file; a list begins with the line: ${columns.join()}`);
  const names = head.fields.map((name) => columnOf(name, `${path}, line ${head.line}`));
  if (new Set(names).size < names.length || !names.includes('address'))
    throw new Problem('usage', `${path}, line ${head.line}: each column once, and address among them`);
  const keys = new Keys(dirname(resolve(path)));
  const lines: SentList['lines'][number][] = [];
  for (const { line, fields } of records) {
    const place = `${path}, line ${line}`;
    if (fields.length !== names.length)
      throw new Problem(
        'usage',
        `${place}: ${fields.length} fields, where the first line names ${names.length}`,
      );
    const of = (name: Column) =>
      names.includes(name) ? (fields[names.indexOf(name)] as string).trim() : undefined;
    try {
      lines.push(await lineOf(of, keys));
    } catch (error) {
      if (error instanceof Problem) throw new Problem(error.kind, `${place}: ${error.message}`);
      throw error;
    }
  }
  return { keys: keys.all, lines };
}

/** The file that `readAddressList` reads back as what is shown. An address with nothing has a line of its own. */
export function writeAddressList(
  addresses: readonly string[],
  entries: readonly (readonly ShownEntry[])[],
): string[] {
  const lines = addresses.flatMap((address, index) => {
    const shown = entries[index] ?? [];
    if (shown.length === 0) return [[address, '', '', '', '', '']];
    return shown.map(({ publicKey, alias = '', label = '', from, until }) => [
      address,
      publicKey === undefined ? '' : encodePublicKey(Buffer.from(publicKey, 'hex')),
      alias,
      label,
      from === undefined ? '' : showDate(from),
      until === undefined ? '' : showDate(until),
    ]);
  });
  return [columns, ...lines].map(csvLine);
}

/** Public keys in the order they were first named; a file is read once. */
class Keys {
  readonly all: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** The number of a key, from its own text or from a file named beside the list. */
  async number(text: string): Promise<number> {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const key = /^age1/i.test(text)
      ? parsePublicKey(text, 'key')
      : await loadPublicKey(resolve(this.folder, text));
    const hex = Buffer.from(key).toString('hex');
    const number = this.all.includes(hex) ? this.all.indexOf(hex) : this.all.push(hex) - 1;
    this.#numbers.set(text, number);
    return number;
  }
}

async function lineOf(
  of: (name: Column) => string | undefined,
  keys: Keys,
): Promise<SentList['lines'][number]> {
  const [address = '', key = '', alias = ''] = [of('address'), of('key'), of('alias')];
  parseAddress(address);
  if (key !== '' && alias !== '') throw new Problem('usage', 'a key or an alias, each on a line of its own');
  const details = detailsOf(of);
  if (key === '' && Object.values(details).some((value) => value !== null))
    throw new Problem('usage', 'a label and dates belong to a key');
  if (alias !== '') parseAddress(alias);
  return {
    address,
    ...(key !== '' && { key: await keys.number(key), details }),
    ...(alias !== '' && { target: alias }),
  };
}

/** A column that is not there says nothing; an empty field says that there is none. */
function detailsOf(of: (name: Column) => string | undefined): KeyDetails {
  const [label, from, until] = [of('label'), of('from'), of('until')];
  return {
    ...(label !== undefined && { label: label === '' ? null : label }),
    ...(from !== undefined && { from: from === '' ? null : parseDate(from, 'from') }),
    ...(until !== undefined && { until: until === '' ? null : parseDate(until, 'until') }),
  };
}

function columnOf(name: string, place: string): Column {
  const column = columns.find((one) => one === name.trim().toLowerCase());
  if (!column)
    throw new Problem('usage', `${place}: ${JSON.stringify(name)} is no column; there are ${columns.join()}`);
  return column;
}
