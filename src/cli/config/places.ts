/** Places: where in a text of TOML each key and each value stands. The text has been parsed before: it is TOML. */

export interface Place {
  /** Offsets of the key, and of what stands behind it. */
  readonly key: number;
  readonly value: number;
}

/** Keys from the outside in, and indexes of arrays, as one word. */
export function pathWord(path: readonly string[]): string {
  return path.join('\0');
}

/** The place of everything that the text says, by the word of its path. `unquote` reads a key in quotes. */
export function findPlaces(text: string, unquote: (key: string) => string): ReadonlyMap<string, Place> {
  const scanner = new Scanner(text, unquote);
  scanner.document();
  return scanner.places;
}

/** The end of a string, or of anything that needs no quotes. */
const endOf: readonly RegExp[] = [
  /"""(?:\\[\s\S]|(?!"""(?!"))[\s\S])*"""/y,
  /'''(?:(?!'''(?!'))[\s\S])*'''/y,
  /"(?:\\.|[^"\\])*"/y,
  /'[^']*'/y,
  /[^,\]}#\r\n]+/y,
];
const blank = /(?:[ \t\r\n]|#[^\n]*)*/y;
const keyPart = /[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*/y;

class Scanner {
  readonly places = new Map<string, Place>();
  readonly #text: string;
  readonly #unquote: (key: string) => string;
  /** Arrays of tables: path → how many there are already. */
  readonly #counts = new Map<string, number>();
  #at = 0;

  constructor(text: string, unquote: (key: string) => string) {
    this.#text = text;
    this.#unquote = unquote;
    if (text.startsWith('\ufeff')) this.#at = 1;
  }

  document(): void {
    let table: readonly string[] = [];
    for (this.#skip(blank); this.#at < this.#text.length; this.#skip(blank)) {
      if (this.#text[this.#at] === '[') table = this.#header();
      else this.#pair(table);
    }
  }

  #header(): readonly string[] {
    const key = this.#at;
    const isArray = this.#text.startsWith('[[', key);
    this.#at += isArray ? 2 : 1;
    const path: string[] = [];
    const names = this.#key();
    for (const [at, name] of names.entries()) {
      path.push(name);
      const isLast = at === names.length - 1;
      const word = pathWord(path);
      const count = this.#counts.get(word);
      if (!isLast) this.#note(path, key, key);
      if (isLast && isArray) {
        this.#counts.set(word, (count ?? 0) + 1);
        this.#note(path, key, key);
        path.push(String(count ?? 0));
      } else if (count !== undefined) path.push(String(count - 1));
      if (isLast) this.#note(path, key, key);
    }
    this.#at += isArray ? 2 : 1;
    return path;
  }

  #pair(table: readonly string[]): void {
    const key = this.#at;
    const names = this.#key();
    const path = [...table, ...names];
    for (let length = 1; length < names.length; length++)
      this.#note([...table, ...names.slice(0, length)], key, key);
    this.#at += 1;
    this.#skip(blank);
    this.#note(path, key, this.#at);
    this.#value(path);
  }

  #value(path: readonly string[]): void {
    const first = this.#text[this.#at];
    if (first === '[' || first === '{') this.#inside(path, first === '[');
    else if (!endOf.some((pattern) => this.#skip(pattern))) throw new Error(`no value at ${this.#at}`);
  }

  #inside(path: readonly string[], isArray: boolean): void {
    this.#at += 1;
    for (let index = 0; ; ) {
      this.#skip(blank);
      const here = this.#text[this.#at];
      if (here === undefined) throw new Error('no end of an array or a table');
      if (here === ']' || here === '}') break;
      if (here === ',') this.#at += 1;
      else if (isArray) {
        const item = [...path, String(index++)];
        this.#note(item, this.#at, this.#at);
        this.#value(item);
      } else this.#pair(path);
    }
    this.#at += 1;
  }

  /** The parts of a dotted key. */
  #key(): string[] {
    const names: string[] = [];
    for (;;) {
      keyPart.lastIndex = this.#at;
      const found = keyPart.exec(this.#text);
      if (!found) throw new Error(`no key at ${this.#at}`);
      this.#at = keyPart.lastIndex;
      const [, name = ''] = found;
      names.push(/^["']/.test(name) ? this.#unquote(name) : name);
      if (this.#text[this.#at] !== '.') return names;
      this.#at += 1;
    }
  }

  /** Goes behind what the pattern finds here; whether it found any. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at += found[0].length;
    return found !== null && found[0] !== '';
  }

  /** What comes first stays: a table that is named again is where it began. */
  #note(path: readonly string[], key: number, value: number): void {
    const word = pathWord(path);
    if (!this.places.has(word)) this.places.set(word, { key, value });
  }
}
