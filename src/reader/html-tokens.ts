/** HTML tokens: words and tags of any HTML, in one pass that never looks back. Mail is seldom correct HTML. */

export interface Tag {
  /** In lower case. */
  readonly name: string;
  readonly closes: boolean;
  /** Names in lower case; values as they are written, entities and all. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Elements whose content is no text to read, and in which no tag but their own end counts. */
const unread = new Set(['script', 'style', 'title', 'template', 'noembed', 'noframes', 'iframe']);

const nameBegins = /[a-z]/i;
const name = /[^\s/>]*/y;
const attribute = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/y;
/** More attributes than this are passed over. */
const mostAttributes = 100;

/** Gives strings (text between tags) and tags. What a browser would drop at the end of the file is dropped here. */
export class HtmlTokens implements Iterable<string | Tag> {
  readonly #html: string;
  #at = 0;

  constructor(html: string) {
    this.#html = html;
  }

  *[Symbol.iterator](): Generator<string | Tag> {
    const html = this.#html;
    while (this.#at < html.length) {
      const open = html.indexOf('<', this.#at);
      if (open !== this.#at) yield html.slice(this.#at, open < 0 ? html.length : open);
      if (open < 0) return;
      this.#at = open;
      const next = html[open + 1] ?? '';
      if (next === '!' || next === '?') this.#passOver(html.startsWith('<!--', open) ? '-->' : '>');
      else if (nameBegins.test(next) || (next === '/' && nameBegins.test(html[open + 2] ?? ''))) {
        const tag = this.#tag(next === '/');
        if (tag === undefined) return;
        yield tag;
        if (!tag.closes && unread.has(tag.name)) this.#passUnread(tag.name);
      } else {
        yield '<';
        this.#at = open + 1;
      }
    }
  }

  #passOver(end: string): void {
    const found = this.#html.indexOf(end, this.#at);
    this.#at = found < 0 ? this.#html.length : found + end.length;
  }

  /** Undefined if the tag has no end. */
  #tag(closes: boolean): Tag | undefined {
    const html = this.#html;
    name.lastIndex = this.#at + (closes ? 2 : 1);
    const found = (name.exec(html)?.[0] ?? '').toLowerCase();
    let at = name.lastIndex;
    const attributes = new Map<string, string>();
    for (;;) {
      attribute.lastIndex = at;
      const [whole, key, ...values] = attribute.exec(html) ?? [];
      if (whole === undefined) break;
      at += whole.length;
      const lower = (key as string).toLowerCase();
      if (attributes.size < mostAttributes && !attributes.has(lower))
        attributes.set(lower, values.find((value) => value !== undefined) ?? '');
    }
    const end = html.indexOf('>', at);
    if (end < 0) return undefined;
    this.#at = end + 1;
    return { name: found, closes, attributes };
  }

  #passUnread(element: string): void {
    const end = new RegExp(`</${element}(?=[\\s/>])`, 'gi');
    end.lastIndex = this.#at;
    this.#at = end.exec(this.#html)?.index ?? this.#html.length;
  }
}
