/**
 * The program that the smtp-server peers run: nodemailer's smtp-server with nothing switched on that costs time.
 *
 *   node smtp-server-program.js MAX_SIZE [MAILDIR [OPENPGP]]
 *
 * Without a Maildir it throws the content away; with one it writes it to tmp/, syncs it, renames it to new/, syncs the
 * folder, and only then answers 250. With the path of openpgp it encrypts the content on the way to a key for each recipient.
 */
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const maxSize = Number(process.argv[2]);
const maildir = process.argv[3];
const openPgpPath = process.argv[4];

type OnData = NonNullable<SMTPServerOptions['onData']>;
type Content = Parameters<OnData>[0];
type Session = Parameters<OnData>[1];
type WebStream = ReturnType<typeof Readable.toWeb>;

/** What is used of openpgp.js 6. */
interface OpenPgp {
  generateKey(options: object): Promise<{ readonly publicKey: object }>;
  createMessage(options: { binary: WebStream }): Promise<object>;
  encrypt(options: object): Promise<WebStream>;
}

const openPgp =
  openPgpPath === undefined ? undefined : ((await import(pathToFileURL(openPgpPath).href)) as OpenPgp);
/** Address → its public key, made when it is first named. */
const keys = new Map<string, Promise<{ readonly publicKey: object }>>();
const keyOf = (pgp: OpenPgp, address: string) => {
  const key = keys.get(address) ?? pgp.generateKey({ userIDs: [{ email: address }], format: 'object' });
  keys.set(address, key);
  return key;
};

const discard: OnData = (content, _session, done) => {
  content.on('end', () => done());
  content.resume();
};

let count = 0;

async function encrypted(pgp: OpenPgp, content: Content, session: Session): Promise<Readable> {
  const addresses = session.envelope.rcptTo.map(({ address }) => address);
  const all = await Promise.all(addresses.map((address) => keyOf(pgp, address)));
  const message = await pgp.createMessage({ binary: Readable.toWeb(content) });
  const encryptionKeys = all.map(({ publicKey }) => publicKey);
  return Readable.fromWeb(await pgp.encrypt({ message, encryptionKeys, format: 'binary' }));
}

async function keep(folder: string, content: Readable): Promise<void> {
  count += 1;
  const name = `${Date.now()}.${process.pid}_${count}.bench`;
  const written = join(folder, 'tmp', name);
  // flush: fsync before close
  await pipeline(content, createWriteStream(written, { flags: 'wx', mode: 0o600, flush: true }));
  await rename(written, join(folder, 'new', name));
  const directory = await open(join(folder, 'new'));
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  size: maxSize,
  onData:
    maildir === undefined
      ? discard
      : (content, session, done) => {
          const kept = openPgp
            ? encrypted(openPgp, content, session).then((sealed) => keep(maildir, sealed))
            : keep(maildir, content);
          kept.then(() => done(), done);
        },
});
server.on('error', (error) => {
  console.error(`smtp-server: ${error.message}`);
});
const listener = server.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  if (address && typeof address === 'object') console.log(`listening smtp 127.0.0.1:${address.port}`);
});
