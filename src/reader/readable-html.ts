/** Readable HTML: the words and links of an HTML part, in one pass, whatever the HTML. Nothing is loaded, nothing is run. */
import { decodeHTML } from 'entities';
import { HtmlTokens, type Tag } from './html-tokens.js';

/** Elements that stand on lines of their own, and those that stand apart from what is around them. */
const blocks = new Set(
  'address article aside center dd div dt fieldset figcaption footer form header hr li main nav section tr'.split(
    ' ',
  ),
);
const paragraphs = new Set('blockquote dl figure h1 h2 h3 h4 h5 h6 ol p pre table ul'.split(' '));
/** Links that a person can follow; all others are left out. */
const followed = /^(?:https?|ftp|mailto|tel):/i;
/** More links than this are not listed: nobody reads them, and a mail is not to grow without bound. */
const mostLinks = 1000;

/** The text; links are numbered where they stand, and listed at the end. */
export function readableHtml(html: string): string {
  const text = new ReadableText();
  for (const token of new HtmlTokens(html)) {
    if (typeof token === 'string') text.words(decodeHTML(token));
    else if (token.closes) text.end(token);
    else text.begin(token);
  }
  return text.finished();
}

class ReadableText {
  readonly #lines: string[] = [];
  #line: string[] = [];
  #preformatted = 0;
  #quoted = 0;
  readonly #links: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** The address of the link that is open, and the words in it so far. */
  #link: { readonly address: string; shown: string } | undefined;

  words(text: string): void {
    if (this.#link !== undefined && this.#link.shown.length < 4096) this.#link.shown += text;
    if (this.#preformatted === 0) this.#line.push(text.replace(/[\t\n\f\r ]+/g, ' '));
    else
      for (const [i, line] of text.split(/\r\n|\r|\n/).entries()) {
        if (i > 0) this.#endLine();
        this.#line.push(line);
      }
  }

  begin(tag: Tag): void {
    if (tag.name === 'a') this.#openLink(tag);
    if (tag.name === 'img') {
      const alt = decodeHTML(tag.attributes.get('alt') ?? '').trim();
      if (alt !== '') this.words(`[${alt}]`);
    }
    this.#separate(tag);
    if (tag.name === 'br') this.#endLine();
    if (tag.name === 'li') this.#line.push('* ');
    if (tag.name === 'hr') this.#lines.push('-'.repeat(20));
    if (tag.name === 'pre') this.#preformatted += 1;
    if (tag.name === 'blockquote') this.#quoted += 1;
  }

  end(tag: Tag): void {
    if (tag.name === 'a') this.#closeLink();
    if (tag.name === 'td' || tag.name === 'th') this.#line.push('  ');
    this.#separate(tag);
    if (tag.name === 'pre') this.#preformatted = Math.max(0, this.#preformatted - 1);
    if (tag.name === 'blockquote') this.#quoted = Math.max(0, this.#quoted - 1);
  }

  finished(): string {
    this.#closeLink();
    this.#endLine();
    const lines = this.#lines.filter((line, at) => line !== '' || this.#lines[at - 1] !== '');
    const text = lines.join('\n').trim();
    const list = this.#links.map((address, at) => `[${at + 1}] ${address}`);
    return list.length === 0 ? text : `${text}\n\n${list.join('\n')}`.trim();
  }

  /** What a block begins or ends with: a new line, and around paragraphs an empty one. */
  #separate({ name }: Tag): void {
    if (!blocks.has(name) && !paragraphs.has(name)) return;
    if (this.#line.some((words) => words.trim() !== '')) this.#endLine();
    else this.#line = [];
    if (paragraphs.has(name)) this.#lines.push('');
  }

  #endLine(): void {
    const text = this.#line.join('');
    this.#line = [];
    // The space that HTML cannot break is one like any other here, once runs of the others are one.
    const line = (this.#preformatted > 0 ? text.trimEnd() : text.replace(/ {2,}/g, '  ').trim()).replaceAll(
      '\u00a0',
      ' ',
    );
    const quote = line === '' ? '' : '> '.repeat(Math.min(this.#quoted, 8));
    this.#lines.push(quote + line);
  }

  #openLink(tag: Tag): void {
    this.#closeLink();
    const address = decodeHTML(tag.attributes.get('href') ?? '').trim();
    if (followed.test(address)) this.#link = { address, shown: '' };
  }

  /** A link whose words are its address needs no number. */
  #closeLink(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link === undefined || link.shown.trim() === link.address) return;
    if (link.address.replace(/^(?:mailto|tel):/i, '') === link.shown.trim()) return;
    let number = this.#numbers.get(link.address);
    if (number === undefined) {
      if (this.#links.length === mostLinks) return;
      number = this.#links.push(link.address);
      this.#numbers.set(link.address, number);
    }
    this.#line.push(`[${number}]`);
  }
}
