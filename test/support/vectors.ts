/** Vector files: groups of "name: value" lines, empty lines between them, comments with #. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../test/vectors');

export class Vector {
  readonly #values: ReadonlyMap<string, string>;

  constructor(group: string) {
    this.#values = new Map(
      group.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`vector without ${name}`);
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The bytes that stand there in hexadecimal, or as text under "name-text". */
  bytes(name: string): Uint8Array {
    if (this.has(`${name}-text`)) return new Uint8Array(Buffer.from(this.text(`${name}-text`), 'utf8'));
    return new Uint8Array(Buffer.from(this.text(name), 'hex'));
  }
}

export function readVectors(file: string): Vector[] {
  const lines = readFileSync(resolve(folder, file), 'utf8').split('\n');
  const text = lines.filter((line) => !line.startsWith('#')).join('\n');
  return text
    .split(/\n{2,}/)
    .map((group) => group.trim())
    .filter((group) => group !== '')
    .map((group) => new Vector(group));
}
