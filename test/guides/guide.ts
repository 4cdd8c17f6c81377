/** Guide: a page of spec/guide, block by block, so that a test runs each of its commands and passes over none. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assert } from '../support/suite.js';

export const guideFolder = resolve(import.meta.dirname, '../../../spec/guide');

/** What stands between two fences. */
export interface Block {
  /** The word behind the first fence: `sh` for commands, else what kind of file it is. */
  readonly kind: string;
  readonly text: string;
  /** Of the page, from 1. */
  readonly line: number;
}

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    kind: match[1] as string,
    text: match[2] as string,
    line: page.slice(0, match.index).split('\n').length,
  }));
}

export class Guide {
  readonly text: string;
  readonly #left: Block[];

  /** @param name of the file, such as `postfix.md` */
  constructor(readonly name: string) {
    this.text = readFileSync(join(guideFolder, name), 'utf8');
    this.#left = blocksOf(this.text);
  }

  /** The next block of the page, which must be of this kind, and hold these words. */
  next(kind: string, words: string): string {
    const block = this.#left.shift();
    assert.ok(block, `${this.name} ends before ${words}`);
    const where = `${this.name}, line ${block?.line}`;
    assert.is(block?.kind, kind, where);
    assert.ok(block?.text.includes(words), `${where}: not ${words}, but ${block?.text}`);
    return block?.text ?? '';
  }

  /** Whether no block is left. */
  get isDone(): boolean {
    return this.#left.length === 0;
  }

  /** That no block of the page was left out. */
  end(): void {
    assert.equal(
      this.#left.map(({ line, text }) => `${this.name}, line ${line}: ${text}`),
      [],
    );
  }
}
