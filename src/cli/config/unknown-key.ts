/** Unknown key: which key may be meant by one that there is not, or where it belongs. */
import { nearest } from './nearest.js';
import { keys } from './settings.js';

/** Tables that hold keys: "serve", "serve.limits". */
export const tables = new Set(
  keys.flatMap((key) =>
    key
      .split('.')
      .slice(0, -1)
      .map((_, at, all) => all.slice(0, at + 1).join('.')),
  ),
);

const all = [...keys, ...tables].map((key) => ({
  key,
  above: key.split('.').slice(0, -1).join('.'),
  last: key.split('.').at(-1) ?? '',
}));

/** What is wrong with a key that there is not, and what to write. */
export function unknownKey(names: readonly string[]): string {
  const what = 'there is no such key';
  const last = names.at(-1) ?? '';
  const above = names.slice(0, -1).join('.');
  const elsewhere = all.find((one) => one.last === last && one.above !== above);
  if (elsewhere) {
    const where = elsewhere.above === '' ? 'above all tables' : `below [${elsewhere.above}]`;
    return `${what} here; ${last} stands ${where}`;
  }
  if (above === 'serve.limits' && last === 'content') return `${what}; serve.max-size sets this limit`;
  const beside = all.filter((one) => one.above === above).map((one) => one.last);
  const here = nearest(last, beside);
  if (here !== undefined) return `${what}; is ${here} meant?`;
  const anywhere = nearest(
    last,
    all.map((one) => one.last),
  );
  const found = all.find((one) => one.last === anywhere);
  return found
    ? `${what}; is ${found.key} meant?`
    : `${what}; "obalka config show" prints all that there are`;
}
