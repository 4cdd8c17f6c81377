/** The thief of the tour: has the whole disk while the server runs, and looks for words that were just sent. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { print } from '../terminal/output.js';

const dumpOctets = 64;
/** The server holds its lock on this file; it is empty. */
const notOpened = 'lock';

export async function showThiefView(folder: string, words: readonly string[]): Promise<void> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  await print('$ ls -lR data   (the file times in the journal are all the same, on purpose)');
  for (const name of names) {
    const { size, mtime } = await stat(join(folder, name));
    await print(`  ${String(size).padStart(10)}  ${mtime.toISOString().slice(0, 10)}  ${name}`);
  }
  const envelopes = names.find((name) => name.endsWith('/envelopes'));
  if (envelopes) {
    await print('', `$ hexdump -C data/${envelopes}   (the beginning of its last cell)`);
    const content = await readFile(join(folder, envelopes));
    await print(...hexDump(content.subarray(-1280, -1280 + dumpOctets)));
  }
  await print(
    '',
    `$ grep for ${words.length} names and words that were just sent, in every file, also as base64`,
  );
  let found = 0;
  for (const name of names.filter((name) => name !== notOpened)) {
    const content = await readFile(join(folder, name));
    for (const word of words)
      for (const form of forms(word))
        if (content.includes(form)) {
          found++;
          await print(`  ${word} in ${name}`);
        }
  }
  await print(`  ${found} found in ${names.length} files`);
}

/** The word itself, and the middle of its base64 at each of the three alignments. */
function forms(word: string): (string | Buffer)[] {
  const bytes = Buffer.from(word);
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [bytes, ...encoded.filter((text) => text.length >= 4)];
}

function hexDump(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = row.toString('hex').replace(/..(?=.)/g, '$& ');
    lines.push(`  ${hex.padEnd(47)}  |${row.toString('latin1').replace(/[^\x20-\x7e]/g, '.')}|`);
  }
  return lines;
}
