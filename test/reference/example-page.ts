/** The worked examples as the pages show them: sections, entries, and whether an entry is what was computed. */
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { assert } from '../support/suite.js';

export const spec = (page: string) => readFileSync(path(import.meta.dirname, '../../../spec', page), 'utf8');
export const [sealing, journalPage, checkpoints] = ['sealing.md', 'journal.md', 'checkpoints.md'].map(
  spec,
) as [string, string, string];

/** The indented blocks of one section, and its tables, as lines. */
export function section(page: string, title: string): string[] {
  const lines = page.split('\n');
  const from = lines.indexOf(title) + 1;
  assert.ok(from > 0, `the page has a section ${title}`);
  const end = lines.findIndex((line, i) => i >= from && /^#/.test(line));
  return lines.slice(from, end);
}

/** `label  value` lines, with the lines that go on under them. */
export function entries(lines: string[]): { label: string; value: string }[] {
  const found: { label: string; value: string }[] = [];
  for (const line of lines.filter((one) => one.startsWith('    ')).map((one) => one.slice(4))) {
    const [, label, value] = /^(\S.*?)(?:\s{2,}(.*))?$/.exec(line) ?? [];
    if (label !== undefined) found.push({ label, value: value ?? '' });
    else (found.at(-1) as { value: string }).value += `\n${line.trim()}`;
  }
  return found;
}

/** Whether what the page shows (white space anywhere, … for what is left out) is this. */
export function shows(value: string, actual: string): boolean {
  const parts = value.replace(/\s/g, '').split('…');
  const escaped = parts.map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(actual.replace(/\s/g, ''));
}

/** Every entry of the lines must be what is expected under its label, and every expectation must be on the page. */
export function holds(lines: string[], expected: [label: string, value: string][]): void {
  const left = [...expected];
  for (const { label, value } of entries(lines)) {
    const [wanted, actual] = left.shift() ?? ['nothing more', ''];
    assert.is(label, wanted);
    assert.ok(shows(value, actual), `${label}: ${value}\nis ${actual}`);
  }
  assert.is(left.length, 0, `${left[0]?.[0]} is not on the page`);
}
