/** Secret file: 32 octets in hexadecimal, in a file that nobody else can read. */
import { Problem } from '../../core/errors.js';
import { openRegular, readFrom } from '../../journal/regular-file.js';

const longest = 65;

/** The octets; undefined if there is no such file. Throws a Problem that names the file and says how to mend it. */
export async function readSecretFile(path: string, what: string): Promise<Uint8Array | undefined> {
  const handle = await openRegular(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Problem(
      'failure',
      `${path}: the ${what} cannot be read (${error.code}); check its permissions`,
    );
  });
  if (!handle) return undefined;
  try {
    const { mode, uid, gid } = await handle.stat();
    // The group of root, of a file of root's, is nobody else: it stands for the access list of a systemd credential.
    if ((mode & (uid === 0 && gid === 0 ? 0o037 : 0o077)) !== 0)
      throw new Problem('failure', `${path}: others can read the ${what}; mend it with: chmod 600 ${path}`);
    const bytes = await readFrom(handle, Buffer.alloc(longest + 1), 0, longest + 1);
    const text = Buffer.from(bytes).toString('latin1');
    if (!/^[0-9a-f]{64}\n?$/.test(text))
      throw new Problem(
        'failure',
        `${path}: damaged ${what}: it should be 64 hexadecimal digits; put back a copy of it`,
      );
    return new Uint8Array(Buffer.from(text.slice(0, 64), 'hex'));
  } finally {
    await handle.close();
  }
}
