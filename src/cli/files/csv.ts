/** CSV (RFC 4180): records of fields, as spreadsheets write them. */
import { Problem } from '../../core/errors.js';

export interface CsvRecord {
  /** The line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A field in quotes, or one without; then what ends it. */
const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;

const comment = /#[^\r\n]*(?:\r\n|\r|\n|$)/y;

/** The records of a text, without empty lines and those that begin with #. Throws a usage Problem that names the line of a stray quote. */
export function parseCsv(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const source = text.replace(/^\ufeff/, '');
  let line = 1;
  let begun = line;
  let fields: string[] = [];
  field.lastIndex = 0;
  while (field.lastIndex < source.length || fields.length > 0) {
    comment.lastIndex = field.lastIndex;
    if (fields.length === 0 && comment.test(source)) {
      field.lastIndex = comment.lastIndex;
      line += 1;
      begun = line;
      continue;
    }
    const found = field.exec(source);
    if (!found) throw new Problem('usage', `${file}, line ${line}: a quote that does not belong there`);
    const [all, quoted, bare = '', end] = found;
    fields.push(quoted?.replaceAll('""', '"') ?? bare);
    line += all.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end === ',') continue;
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begun, fields });
    fields = [];
    begun = line;
  }
  return records;
}

/** One record as a line, without its end. */
export function csvLine(fields: readonly string[]): string {
  return fields
    .map((text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
    .join(',');
}
