/** Bars: receivers beside each other, one panel for each thing measured. */
import { colours, element, picture, short, tone, words } from './svg.js';

export interface Panel {
  readonly title: string;
  /** Which bars are long is good or bad. */
  readonly best: 'most' | 'least';
  /** In the order of the picture; without a value: not measured. */
  readonly bars: readonly { readonly name: string; readonly value: number | undefined }[];
}

const panelWidth = 460;
const labelWidth = 250;
const barWidth = 150;
const rowHeight = 20;
const headHeight = 34;

function panel({ title, best, bars }: Panel, left: number, top: number, isOurs: (name: string) => boolean) {
  const longest = Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  const parts = [
    words(left, top + 16, `${title}; ${best} is best`, { 'font-weight': 'bold', 'font-size': 13 }),
  ];
  bars.forEach(({ name, value }, at) => {
    const y = top + headHeight + at * rowHeight;
    const weight = isOurs(name) ? { 'font-weight': 'bold' } : {};
    parts.push(words(left + labelWidth - 6, y + 11, name, { 'text-anchor': 'end', ...weight }));
    const width = ((value ?? 0) / longest) * barWidth;
    const fill = isOurs(name) ? (colours[0] as string) : tone;
    if (value !== undefined)
      parts.push(element('rect', { x: left + labelWidth, y, width: Math.max(width, 1), height: 14, fill }));
    parts.push(
      words(left + labelWidth + width + 6, y + 11, value === undefined ? '–' : short(value), weight),
    );
  });
  return parts;
}

/** Panels two in a row. Bars for which `isOurs` have another colour and bold words. */
export function barChart(
  title: string,
  panels: readonly Panel[],
  isOurs: (name: string) => boolean = () => false,
): string {
  const rows = Math.max(0, ...panels.map(({ bars }) => bars.length));
  const height = headHeight + rows * rowHeight + 16;
  const parts = panels.flatMap((one, at) =>
    panel(one, (at % 2) * panelWidth, Math.floor(at / 2) * height, isOurs),
  );
  const columns = Math.min(2, panels.length);
  return picture(columns * panelWidth, Math.ceil(panels.length / 2) * height, title, parts);
}
