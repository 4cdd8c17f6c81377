/** Resume file: which mails of a source were brought in, so that they are not brought in again. It says nothing of what is in them. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';

const firstLine = 'obalka import 1\n';
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

export interface ResumeFile {
  has(key: string): boolean;
  add(key: string): Promise<void>;
  close(): Promise<void>;
}

/** Where none is kept. */
export const noResumeFile: ResumeFile = {
  has: () => false,
  add: async () => undefined,
  close: async () => undefined,
};

/** Makes it (0600) if it is not there. Throws a Problem if something else has the name. */
export async function openResumeFile(path: string): Promise<ResumeFile> {
  const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  const file = await open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('failure', `${path}: cannot be written (${error.code}); choose another --resume-file`);
  });
  const foreign = new Problem(
    'failure',
    `${path}: this is no file of an earlier import, or one of a newer obalka; choose another --resume-file`,
  );
  try {
    if (!(await file.stat()).isFile()) throw foreign;
    const text = await file.readFile('utf8');
    if (!text.startsWith(firstLine) && !firstLine.startsWith(text)) throw foreign;
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
    if (whole === '') await file.appendFile(firstLine);
    const keys = new Set(
      whole
        .split('\n')
        .slice(1, -1)
        .map((line) => String(JSON.parse(line))),
    );
    return {
      has: (key) => keys.has(key),
      add: (key) => file.appendFile(`${JSON.stringify(key)}\n`),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error instanceof SyntaxError ? foreign : error;
  }
}
