/** Changes: waits until the files of a journal are not as they were. The system tells it; where it does not, it looks. */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLaneFolder, journalFile, segmentNumber } from './names.js';

/** After the system told of a change, for others to come with it. */
const togetherMilliseconds = 25;
/** Folders that are watched at most: the newest segments of each lane, and what stands above. */
const segmentsWatched = 2;
const foldersWatched = 64;

export class JournalChanges {
  readonly #folder: string;
  readonly #everyMilliseconds: number;
  readonly #watchers = new Map<string, FSWatcher>();
  #isTold = false;
  #wake: () => void = () => undefined;

  /** `everyMilliseconds`: how often it looks by itself, for folders of which the system tells nothing (rsync, sshfs). */
  constructor(folder: string, everyMilliseconds: number) {
    this.#folder = folder;
    this.#everyMilliseconds = everyMilliseconds;
  }

  /** A text that is the same as long as no file was made or taken away, and none of the newest segments changed its length or time. */
  async stamp(): Promise<string> {
    const lines: string[] = [];
    const folders = [this.#folder];
    for (const lane of (await names(this.#folder)).filter(isLaneFolder).sort()) {
      const path = join(this.#folder, lane);
      const segments = (await names(path)).filter((name) => segmentNumber(name) !== undefined).sort();
      folders.push(path, ...segments.slice(-segmentsWatched).map((name) => join(path, name)));
      // A closed segment does not grow; in a copy a file of it is put in the place of another, which its folder tells.
      for (const segment of segments) lines.push(await lineOf(join(path, segment)));
      for (const segment of segments.slice(-segmentsWatched)) {
        const files = await names(join(path, segment));
        for (const file of files.sort()) lines.push(await lineOf(join(path, segment, file)));
      }
    }
    lines.push(await lineOf(join(this.#folder, journalFile)));
    this.#watchOnly(folders.slice(0, foldersWatched));
    return lines.join('\n');
  }

  /** Resolves when the stamp is another than the one given, after so many milliseconds at most, or when `stop` is called. */
  async after(stamp: string, milliseconds: number, isStopped: () => boolean): Promise<void> {
    const until = performance.now() + milliseconds;
    while (!isStopped()) {
      const left = until - performance.now();
      if (left <= 0) return;
      if (!this.#isTold) await this.#sleep(Math.min(left, this.#everyMilliseconds), true);
      if (isStopped()) return;
      if (this.#isTold) await this.#sleep(togetherMilliseconds, false);
      this.#isTold = false;
      if ((await this.stamp()) !== stamp) return;
    }
  }

  /** Ends a wait. */
  wake(): void {
    this.#wake();
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #sleep(milliseconds: number, canBeWoken: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
      this.#wake = () => {
        if (!canBeWoken) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #watchOnly(folders: readonly string[]): void {
    for (const [path, watcher] of this.#watchers)
      if (!folders.includes(path)) {
        watcher.close();
        this.#watchers.delete(path);
      }
    for (const path of folders) {
      if (this.#watchers.has(path)) continue;
      try {
        const watcher = watch(path, () => {
          this.#isTold = true;
          this.#wake();
        });
        const forget = () => {
          watcher.close();
          this.#watchers.delete(path);
        };
        watcher.on('error', forget);
        // A folder that was taken away and made anew is another one.
        watcher.on('change', (kind) => {
          if (kind === 'rename') void stat(path).catch(forget);
        });
        this.#watchers.set(path, watcher);
      } catch {
        // The system has no more watches, or knows none: it is looked at all the same, only less often.
      }
    }
  }
}

function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function lineOf(path: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(path).catch(() => ({
    ino: 0,
    size: -1,
    mtimeMs: 0,
    ctimeMs: 0,
  }));
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}
