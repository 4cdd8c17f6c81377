/** Secret line: what is typed on a terminal that shows nothing, one key after the other, until Enter. */

/** More than anybody types. */
const longest = 1024;

const keys = {
  enter: 13,
  lineFeed: 10,
  endOfFile: 4,
  backspace: 8,
  delete: 127,
  eraseWord: 23,
  eraseLine: 21,
};
const escapeKey = 27;

export class SecretLine {
  // Large enough to stand outside V8's heap, where it can be wiped for good.
  readonly #bytes = Buffer.alloc(longest);
  #length = 0;
  #escape: 'none' | 'begun' | 'sequence' | 'one more' = 'none';

  /** Takes keys up to one that ends the line; tells how many octets were used, and what ended it. */
  take(typed: Uint8Array): { used: number; what?: 'line' | 'end' | 'too long' } {
    let used = 0;
    for (const key of typed) {
      used++;
      if (this.#isEscaped(key)) continue;
      if (key === keys.enter || key === keys.lineFeed) return { used, what: 'line' };
      if (key === keys.endOfFile) {
        if (this.#length === 0) return { used, what: 'end' };
      } else if (key === keys.backspace || key === keys.delete) this.#dropLetter();
      else if (key === keys.eraseLine || key === keys.eraseWord) this.wipe();
      else if (key >= 32) {
        if (this.#length === longest) return { used, what: 'too long' };
        this.#bytes[this.#length++] = key;
      }
    }
    return { used };
  }

  /** The line, which is wiped here. */
  finish(): Uint8Array {
    const line = new Uint8Array(new ArrayBuffer(longest), 0, this.#length);
    line.set(this.#bytes.subarray(0, this.#length));
    this.wipe();
    return line;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }

  /** Arrow keys and the like send ESC [ … letter, or ESC O letter: none of it is part of a passphrase. */
  #isEscaped(key: number): boolean {
    switch (this.#escape) {
      case 'none':
        if (key === escapeKey) this.#escape = 'begun';
        return key === escapeKey;
      case 'begun':
        this.#escape = key === 0x5b ? 'sequence' : key === 0x4f ? 'one more' : 'none';
        return this.#escape !== 'none';
      case 'sequence':
        if (key >= 0x40 && key <= 0x7e) this.#escape = 'none';
        return true;
      case 'one more':
        this.#escape = 'none';
        return true;
    }
  }

  /** The last letter, which may have several octets in UTF-8. */
  #dropLetter(): void {
    while (this.#length > 0) {
      const last = this.#bytes[--this.#length] as number;
      this.#bytes[this.#length] = 0;
      if ((last & 0xc0) !== 0x80) return;
    }
  }
}
