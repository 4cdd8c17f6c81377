/**
 * The program that both smtp-server peers run: nodemailer's smtp-server with nothing switched on that costs time.
 *
 *   node smtp-server-program.js MAX_SIZE [MAILDIR]
 *
 * Without a Maildir it throws the content away; with one it writes it to tmp/, syncs it, renames it to new/, syncs the
 * folder, and only then answers 250.
 */
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const maxSize = Number(process.argv[2]);
const maildir = process.argv[3];

type OnData = NonNullable<SMTPServerOptions['onData']>;
type Content = Parameters<OnData>[0];

const discard: OnData = (content, _session, done) => {
  content.on('end', () => done());
  content.resume();
};

let count = 0;

async function keep(folder: string, content: Content): Promise<void> {
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
      : (content, _session, done) => {
          keep(maildir, content).then(() => done(), done);
        },
});
server.on('error', (error) => {
  console.error(`smtp-server: ${error.message}`);
});
const listener = server.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  if (address && typeof address === 'object') console.log(`listening smtp 127.0.0.1:${address.port}`);
});
