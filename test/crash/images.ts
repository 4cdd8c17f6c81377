/** Images: what a disk may hold after a loss of power, by what was written and not yet synced. */
import { createHash } from 'node:crypto';
import type { TestDisk } from '../support/test-disk.js';
import { TestFile, type TestFolder } from '../support/test-tree.js';

/** What becomes of one unsynced write: kept, or torn at so many sectors of 512 octets with the old octets or zeros behind. */
const fates = [
  [0, 0],
  [1, 1],
  [1, 8],
  [2, 1],
  [2, 9],
] as const;
const dropped = [1, 0] as const;
const kept = [0, 0] as const;

/**
 * Every image that differs from the others: all writes kept, none, and each write with each fate while all others are kept,
 * or none of them is.
 */
export function* imagesOf(disk: TestDisk): Generator<TestDisk> {
  let writes = 0;
  disk.after((length) => {
    writes++;
    return new Uint8Array(length);
  });
  const seen = new Set<string>();
  const isNew = (image: TestDisk) => {
    const hash = hashOf(image.root);
    return !seen.has(hash) && seen.add(hash);
  };
  const candidates: (() => TestDisk)[] = [() => disk.after('kill'), () => disk.after('power cut')];
  for (const others of [dropped, kept])
    for (let one = 0; one < writes; one++)
      for (const fate of [...fates, dropped])
        candidates.push(() => {
          let at = 0;
          return disk.after(() => Uint8Array.from(at++ === one ? fate : others));
        });
  for (const make of candidates) {
    const image = make();
    if (isNew(image)) yield image;
  }
}

/** Of all names and octets below a folder. */
export function hashOf(folder: TestFolder): string {
  const hash = createHash('sha256');
  const add = (at: TestFolder, path: string) => {
    for (const [name, entry] of [...at.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${path}/${name}\n`);
      if (entry instanceof TestFile) hash.update(entry.bytes);
      else add(entry, `${path}/${name}`);
    }
  };
  add(folder, '');
  return hash.digest('hex');
}
