/** Bars: receivers beside each other, one panel for each thing measured. */
import { colours, element, picture, short, tone, words } from './svg.js';

export interface Panel {
  readonly title: string;
  readonly better: 'more' | 'less';
  /** In the order of the picture; without a value: not measured. */
  readonly bars: readonly { readonly name: string; readonly value: number | undefined }[];
}

/** How much a bar stands out. */
export type Strength = 'strong' | 'plain' | 'faint';

const panelWidth = 500;
const labelWidth = 280;
const barWidth = 150;
const rowHeight = 20;
const headHeight = 34;

function panel(
  { title, better, bars }: Panel,
  left: number,
  top: number,
  strengthOf: (name: string) => Strength,
) {
  const longest = Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  const parts = [
    words(left, top + 16, `${title}; ${better} is better`, { 'font-weight': 'bold', 'font-size': 13 }),
  ];
  bars.forEach(({ name, value }, at) => {
    const y = top + headHeight + at * rowHeight;
    const strength = strengthOf(name);
    const weight = strength === 'strong' ? { 'font-weight': 'bold' } : {};
    parts.push(words(left + labelWidth - 6, y + 11, name, { 'text-anchor': 'end', ...weight }));
    const width = ((value ?? 0) / longest) * barWidth;
    const style = {
      fill: strength === 'strong' ? (colours[0] as string) : tone,
      'fill-opacity': strength === 'faint' ? '0.5' : '1',
    };
    const bar = { x: left + labelWidth, y, width: Math.max(width, 1), height: 14, ...style };
    if (value !== undefined) parts.push(element('rect', bar));
    parts.push(
      words(left + labelWidth + width + 6, y + 11, value === undefined ? '–' : short(value), weight),
    );
  });
  return parts;
}

/** Panels two in a row. */
export function barChart(
  title: string,
  panels: readonly Panel[],
  strengthOf: (name: string) => Strength = () => 'plain',
): string {
  const rows = Math.max(0, ...panels.map(({ bars }) => bars.length));
  const height = headHeight + rows * rowHeight + 16;
  const parts = panels.flatMap((one, at) =>
    panel(one, (at % 2) * panelWidth, Math.floor(at / 2) * height, strengthOf),
  );
  const columns = Math.min(2, panels.length);
  return picture(columns * panelWidth, Math.ceil(panels.length / 2) * height, title, parts);
}
