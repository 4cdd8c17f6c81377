/** Readable HTML: the words of an HTML part, in one pass, whatever the HTML. Nothing is loaded, nothing is run. */

/** Elements whose content is not for reading. */
const unread = new Set(['script', 'style', 'head', 'title']);
/** Elements after which a new line begins. */
const breaking = new Set([
  'br',
  'p',
  'div',
  'tr',
  'li',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'table',
]);
const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

export function readableHtml(html: string): string {
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    text += (open < 0 ? html.slice(at) : html.slice(at, open)).replace(/[\r\n\t ]+/g, ' ');
    if (open < 0) break;
    const close = html.indexOf('>', open);
    if (close < 0) break;
    const name = /^\/?[a-z0-9]*/i.exec(html.slice(open + 1, open + 16))?.[0].toLowerCase() ?? '';
    at = close + 1;
    if (unread.has(name)) at = endOf(html, name, at);
    else if (breaking.has(name.replace('/', ''))) text += '\n';
    else if (name === '/td' || name === '/th') text += '  ';
  }
  return text
    .replace(
      /&(?:#(\d{1,7})|([a-z]{2,4}));/gi,
      (whole, code: string | undefined, name: string | undefined) => {
        if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
        const point = Number(code);
        return point > 0 && point < 0x110000 ? String.fromCodePoint(point) : whole;
      },
    )
    .split('\n')
    .map((line) => line.trim())
    .filter((line, index, lines) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trim();
}

/** Where an element that is not read ends; one that is never closed takes all that follows. */
function endOf(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  if (!end.test(html)) return html.length;
  const close = html.indexOf('>', end.lastIndex);
  return close < 0 ? html.length : close + 1;
}
