/** Curves: how something grows with something else. */
import { colours, element, picture, roundUp, short, tone, words } from './svg.js';

export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Curves {
  readonly title: string;
  /** What stands on the lower side, and what on the left. */
  readonly across: string;
  readonly up: string;
  readonly curves: readonly Curve[];
}

const width = 620;
const left = 64;
const right = 16;
const plotHeight = 220;
const legendHeight = 18;
const dashes = ['', '6 3', '2 3', '8 3 2 3'];

/** Values across have equal room, whatever their distance, as they are few and often grow by a factor. */
export function lineChart({ title, across, up, curves }: Curves): string {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const highest = roundUp(Math.max(0, ...curves.flatMap(({ points }) => points.map(([, y]) => y))));
  const top = 58 + curves.length * legendHeight;
  const bottom = top + plotHeight;
  const step = (width - left - right) / Math.max(1, xs.length);
  const xOf = (x: number) => left + (xs.indexOf(x) + 0.5) * step;
  const yOf = (y: number) => bottom - (y / highest) * plotHeight;
  const parts = [words(0, 16, title, { 'font-weight': 'bold', 'font-size': 13 }), words(0, top - 14, up)];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const y = yOf(share * highest);
    const line = { x1: left, x2: width - right, y1: y, y2: y, stroke: tone };
    parts.push(element('line', { ...line, 'stroke-opacity': share === 0 ? '1' : '0.25' }));
    parts.push(words(left - 6, y + 4, short(share * highest), { 'text-anchor': 'end' }));
  }
  for (const x of xs) parts.push(words(xOf(x), bottom + 18, `${x}`, { 'text-anchor': 'middle' }));
  parts.push(words((left + width - right) / 2, bottom + 38, across, { 'text-anchor': 'middle' }));
  curves.forEach(({ name, points }, at) => {
    const stroke = colours[at % colours.length] as string;
    const style = {
      stroke,
      'stroke-width': 2,
      'stroke-dasharray': dashes[at % dashes.length] as string,
      fill: 'none',
    };
    const legend = 36 + at * legendHeight;
    parts.push(element('line', { x1: 0, x2: 28, y1: legend - 4, y2: legend - 4, ...style }));
    parts.push(words(36, legend, name));
    const path = points.map(([x, y]) => `${xOf(x).toFixed(1)},${yOf(y).toFixed(1)}`).join(' ');
    parts.push(element('polyline', { points: path, ...style }));
    for (const [x, y] of points)
      parts.push(element('circle', { cx: xOf(x), cy: yOf(y), r: 3, fill: stroke }));
  });
  return picture(width, bottom + 50, title, parts);
}
