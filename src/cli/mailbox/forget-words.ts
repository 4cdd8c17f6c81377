/** Forgetting words: what was erased leaves the index of the reader's cache at once. */
import { existsSync } from 'node:fs';
import { hex } from '../../core/bytes.js';
import type { Mail } from '../../reader/mail.js';
import { WordIndex } from '../../reader/search/word-index.js';
import { cacheFile, cacheFolder, openCache } from './cache-file.js';

/** Takes the words of mails out of the caches of their identities, where there are any. */
export function forgetWords(mails: readonly Mail[], cache: string | undefined): void {
  const folder = cacheFolder(cache);
  if (folder === undefined) return;
  const byCache = new Map<string, Mail[]>();
  for (const mail of mails) {
    const key = `${hex(mail.identity.fingerprint)} ${hex(mail.at.journal)}`;
    byCache.set(key, [...(byCache.get(key) ?? []), mail]);
  }
  for (const own of byCache.values()) {
    const [{ identity, at }] = own as [Mail];
    if (!existsSync(cacheFile(folder, identity, at.journal))) continue;
    const rows = openCache(cache, identity, at.journal);
    try {
      if (rows) new WordIndex(rows).forget(new Set(own.map(({ id }) => id)));
    } finally {
      rows?.close();
    }
  }
}
