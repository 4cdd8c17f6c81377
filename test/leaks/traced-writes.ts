/** Writes that strace saw (options -f -y -xx): every octet that went to a descriptor, with the path it stood for. */

export interface TracedWrite {
  /** As strace shows it: a path, "pipe:[1]", "socket:[1]", "anon_inode:[eventfd]". */
  readonly path: string;
  readonly bytes: Buffer;
}

/** All writes in a log; of files opened for writing one with no octets. */
export function writesIn(log: string): TracedWrite[] {
  const writes: TracedWrite[] = [];
  for (const line of log.split('\n')) {
    const opened = /^\d+ +(?:openat|open|creat)\(.*?"([^"]*)", ([A-Z_|]+)/.exec(line);
    if (opened) {
      if (/O_WRONLY|O_RDWR|O_CREAT/.test(opened[2] as string))
        writes.push({ path: octetsOf(opened[1] as string).toString(), bytes: Buffer.alloc(0) });
      continue;
    }
    const written = /^\d+ +(?:write|writev|pwrite64|pwritev2?|sendto|sendmsg|sendfile)\(\d+<([^>]*)>/.exec(
      line,
    );
    if (!written) continue;
    const strings = [...line.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map((match) =>
      octetsOf(match[1] as string),
    );
    writes.push({ path: pathOf(written[1] as string), bytes: Buffer.concat(strings) });
  }
  return writes;
}

/** With -xx paths are in hexadecimal too. */
function pathOf(text: string): string {
  return text.startsWith('\\x') ? octetsOf(text).toString() : text;
}

function octetsOf(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
