/** Scalable pictures as text: no scripts, fonts of the system, and tones that can be read on white and on black. */

/** Of text and lines: about as far from white as from black. */
export const tone = '#768390';
/** Of what matters most, and of others. */
export const colours = ['#2f81f7', '#c4622d', '#2da44e', '#a371f7', '#b08800', '#bf4b8a', '#1b9e9e', tone];

/** Text for an element or an attribute. Octets that XML does not have are left out. */
export function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is meant
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return clean.replace(/[&<>"']/g, (sign) => named[sign] as string);
}

const number = (value: number) => `${Math.round(value * 10) / 10}`;

type Attributes = Readonly<Record<string, string | number>>;

/** An element; `inside` is markup. */
export function element(name: string, attributes: Attributes, inside = ''): string {
  const words = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? number(value) : escaped(value)}"`,
  );
  return inside === '' ? `<${name}${words.join('')}/>` : `<${name}${words.join('')}>${inside}</${name}>`;
}

/** A line of text. */
export const words = (x: number, y: number, text: string, more: Attributes = {}) =>
  element('text', { x, y, ...more }, escaped(text));

/** The whole picture. `title` is what it shows, for those who do not see it. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
    fill: tone,
  };
  const lines = [element('title', {}, escaped(title)), ...parts];
  return `${element('svg', attributes, `\n${lines.join('\n')}\n`)}\n`;
}

/** The next of 1, 2, 5, 10, 20 … times a power of ten that is not below the value; 1 for what is not above 0. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** A number as a picture shows it: at most three digits that mean something. */
export function short(value: number): string {
  if (value >= 100) return `${Math.round(value)}`;
  return `${Number(value.toPrecision(value >= 10 ? 3 : 2))}`;
}
