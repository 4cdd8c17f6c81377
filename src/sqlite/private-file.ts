/** Private file: what is made while a function runs is readable and writable by its owner alone (0600). */

/** SQLite gives new files the mode 0644 less the process's umask; a journal takes the mode of its database. */
export function asPrivate<T>(work: () => T): T {
  const before = process.umask(0o077);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}
