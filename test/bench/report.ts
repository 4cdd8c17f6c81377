/** What a run found, as a page with pictures, and as the section of the README. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barChart, type Strength } from './chart/bars.js';
import { lineChart } from './chart/lines.js';
import { goalsTable, type ReaderRow } from './goals.js';
import { curvesTable, type Growth } from './growth.js';
import type { Column, Results } from './results.js';
import { plain } from './scenario.js';
import { table } from './table.js';

export interface Report {
  /** The words that repeat it. */
  readonly command: string;
  readonly receivers: readonly string[];
  readonly columns: readonly Column[];
  readonly results: Results;
  readonly growth: Growth | undefined;
  readonly reader: readonly ReaderRow[];
  readonly machine: string;
  /** What each load is, how it was loaded, versions, and what is missing. */
  readonly notes: readonly string[];
}

const folder = 'spec/measurements';
const markers = ['<!-- bench: begin -->', '<!-- bench: end -->'] as const;

const panels: readonly { column: string; title: string; better: 'more' | 'less' }[] = [
  { column: 'new msg/s', title: 'messages/s, a session for each', better: 'more' },
  { column: 'kept msg/s', title: 'messages/s, sessions kept', better: 'more' },
  { column: 'large MB/s', title: 'MB/s, messages of 64 MiB', better: 'more' },
  { column: 'CPU s per 1000', title: 'processor seconds for 1000 messages', better: 'less' },
];

const strengthOf = (name: string): Strength =>
  name.startsWith('obalka') ? 'strong' : name.includes('throws mail away') ? 'faint' : 'plain';

/** Bars of the receivers; of what was measured. */
export function receiversPicture({ receivers, results }: Report): string {
  const shown = panels.filter(({ column }) => receivers.some((name) => results.median(name, column)));
  const all = shown.map(({ column, title, better }) => ({
    title,
    better,
    bars: receivers.map((name) => ({ name, value: results.median(name, column) })),
  }));
  return barChart('Receivers of mail beside each other', all, strengthOf);
}

const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');

function growthPart(growth: Growth | undefined, withPictures: boolean): string[] {
  if (!growth) return [];
  const parts = Object.entries(growth.curves).flatMap(([name, curves]) => [
    `### ${curves.title}`,
    ...(withPictures ? [`![${curves.title}](${name}.svg)`] : []),
    `${curves.up}:`,
    curvesTable(curves),
  ]);
  return ['## Growth', ...parts];
}

/** The whole of it in Markdown. */
export function page(report: Report, withPictures: boolean): string {
  const { receivers, columns, results, growth, reader } = report;
  const parts = [
    '# The race',
    `\`${report.command}\` printed this page. It ran on ${report.machine}.`,
    ...(withPictures ? ['![Receivers of mail beside each other](receivers.svg)'] : []),
    table(receivers, columns, results),
    list(report.notes),
    ...growthPart(growth, withPictures),
    '## Goals',
    goalsTable({ results, started: growth?.started ?? [], reader }),
  ];
  return `${parts.join('\n\n')}\n`;
}

const readmeColumns = [
  ...plain(0, 'new msg/s', 'kept msg/s', 'large MB/s'),
  ...plain(2, 'CPU s per 1000', 'p50 ms', 'p99 ms', 'syncs per msg'),
  ...plain(0, 'RSS growth'),
];

/** What stands in the README between its markers: what was measured of the columns above. */
export function readmePart({ receivers, results, machine, command }: Report): string {
  const columns = readmeColumns.filter(({ name }) =>
    receivers.some((receiver) => results.median(receiver, name) !== undefined),
  );
  return [
    `![Receivers of mail beside each other](${folder}/receivers.svg)`,
    table(receivers, columns, results),
    `Medians. Large mail has 64 MiB; p50 and p99 are from the final dot to \`250\`; RSS growth is that of the server's memory in MiB while it takes one mail of 1 GiB. \`${command}\` measured it on ${machine}: [each load, versions, growth and goals](${folder}/bench.md).`,
  ].join('\n\n');
}

/** The text with another part between the markers. Throws if they are not there, once each and in order. */
export function between(text: string, part: string): string {
  const [begin, end] = markers;
  const [before = '', rest, ...more] = text.split(begin);
  const [, after, ...others] = (rest ?? '').split(end);
  if (rest === undefined || after === undefined || more.length > 0 || others.length > 0)
    throw new Error(`the README does not have ${begin} and ${end} once each`);
  return `${before}${begin}\n${part}\n${end}${after}`;
}

/** Writes the page, its pictures, and the README's section below a folder. Gives the names of what it wrote. */
export function write(report: Report, root: string): string[] {
  const readme = join(root, 'README.md');
  const text = between(readFileSync(readme, 'utf8'), readmePart(report));
  mkdirSync(join(root, folder), { recursive: true });
  const files: Record<string, string> = {
    'bench.md': page(report, true),
    'receivers.svg': receiversPicture(report),
  };
  for (const [name, curves] of Object.entries(report.growth?.curves ?? {}))
    files[`${name}.svg`] = lineChart(curves);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, folder, name), content);
  writeFileSync(readme, text);
  return ['README.md', ...Object.keys(files).map((name) => `${folder}/${name}`)];
}
