/** Passphrases: asked for on the terminal, or read from a descriptor. Never from arguments or the environment. */
import { fstatSync, read } from 'node:fs';
import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { Problem } from '../../core/errors.js';
import type { Terminal } from './asking.js';

export const passphraseOption = [
  '--passphrase-fd <N>',
  'read passphrases from this descriptor, one a line, instead of asking',
  descriptor,
] as const;

const tries = 3;
/** Octets that a descriptor may give. */
const mostOctets = 65_536;
const shortest = 8;
/** How often a descriptor is asked that has nothing yet: ten seconds in all. */
const mostWaits = 500;

/** Lines that a descriptor gave; undefined where the person is asked. */
let given: Promise<Uint8Array[]> | undefined;
let next = 0;

/**
 * Gives --passphrase-fd to every command that takes --identity, and heeds it wherever it stands. Called once, when all
 * commands are there.
 */
export function takePassphraseOption(program: Command): void {
  const walk = (command: Command) => {
    const has = (name: string) => command.options.some(({ long }) => long === name);
    if (has('--identity') && !has('--passphrase-fd')) command.option(...passphraseOption);
    for (const one of command.commands) walk(one);
  };
  walk(program);
  program.hook('preAction', (_program, command) => {
    const { passphraseFd } = command.opts() as { passphraseFd?: number };
    given = passphraseFd === undefined ? undefined : readLines(passphraseFd);
    next = 0;
    // A command may end before it needs one.
    given?.catch(() => undefined);
  });
}

/**
 * Has `open` try passphrases until one opens, which it tells by a value other than undefined. `open` gets the passphrase
 * as it was typed, in UTF-8. The caller wipes the one that is returned.
 */
export async function askUntil<T>(
  source: string,
  open: (passphrase: Uint8Array) => Promise<T | undefined>,
): Promise<{ opened: T; passphrase: Uint8Array }> {
  if (given !== undefined) {
    const passphrase = await nextGiven(source);
    const opened = await open(passphrase);
    if (opened !== undefined) return { opened, passphrase };
    throw wrong(source);
  }
  return onTerminal(source, async (terminal) => {
    for (let tried = 0; tried < tries; tried++) {
      const passphrase = await terminal.secret(`Passphrase of ${source}: `);
      const opened = passphrase.length > 0 ? await open(passphrase) : undefined;
      if (opened !== undefined) return { opened, passphrase };
      passphrase.fill(0);
      if (tried + 1 < tries) terminal.say('This is not the passphrase; try again.');
    }
    throw wrong(source);
  });
}

/** A new passphrase, asked for twice. */
export async function askNew(source: string): Promise<Uint8Array> {
  if (given !== undefined) {
    const passphrase = await nextGiven(source);
    if (letters(passphrase) < shortest) throw new Problem('usage', `${source}: ${tooShort}`);
    return passphrase;
  }
  return onTerminal(source, async (terminal) => {
    for (let tried = 0; tried < tries; tried++) {
      const passphrase = await terminal.secret(
        `New passphrase for ${source} (at least ${shortest} letters): `,
      );
      if (letters(passphrase) < shortest) {
        terminal.say(tooShort);
        continue;
      }
      const again = await terminal.secret('The same once more: ');
      const isSame = Buffer.from(passphrase).equals(again);
      again.fill(0);
      if (isSame) return passphrase;
      passphrase.fill(0);
      terminal.say('They are not the same; try again.');
    }
    throw new Problem('identity', `${source}: no new passphrase was given; nothing was changed`);
  });
}

const tooShort = `a passphrase has at least ${shortest} letters; four or five words that nobody would guess are good`;

async function onTerminal<T>(source: string, use: (terminal: Terminal) => Promise<T>): Promise<T> {
  const { openTerminal } = await import('./asking.js');
  const terminal = openTerminal();
  if (!terminal)
    throw new Problem(
      'identity',
      `${source}: this needs a passphrase, and there is no terminal to ask on; give it with --passphrase-fd N`,
    );
  try {
    return await use(terminal);
  } finally {
    terminal.close();
  }
}

function wrong(source: string): Problem {
  return new Problem('identity', `${source}: this is not the passphrase; nothing was opened`);
}

function letters(passphrase: Uint8Array): number {
  return [...Buffer.from(passphrase).toString('utf8')].length;
}

/** The next line; each passphrase that is needed takes one. The caller wipes it. */
async function nextGiven(source: string): Promise<Uint8Array> {
  const lines = (await given) ?? [];
  const line = lines[next++];
  if (line === undefined || line.length === 0)
    throw new Problem(
      'identity',
      `${source}: --passphrase-fd gave no passphrase for this; it takes one a line, in the order of the files`,
    );
  return line;
}

async function readLines(fd: number): Promise<Uint8Array[]> {
  if (isatty(fd))
    throw new Problem(
      'usage',
      `--passphrase-fd ${fd} is a terminal, which shows what is typed; leave it out, and you are asked`,
    );
  const bytes = Buffer.alloc(mostOctets);
  const length = await readAll(fd, bytes).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      'usage',
      `--passphrase-fd ${fd}: nothing can be read there (${error.code}); open it in the shell: ${fd}< FILE`,
    );
  });
  if (length === mostOctets)
    throw new Problem('usage', `--passphrase-fd ${fd}: more than ${mostOctets} octets`);
  const lines: Uint8Array[] = [];
  for (let at = 0; at < length; ) {
    const found = bytes.indexOf(10, at);
    const end = found < 0 || found > length ? length : found;
    const isReturn = end > at && bytes[end - 1] === 13;
    lines.push(Uint8Array.from(bytes.subarray(at, isReturn ? end - 1 : end)));
    at = end + 1;
  }
  bytes.fill(0);
  return lines;
}

async function readAll(fd: number, into: Buffer): Promise<number> {
  const stats = fstatSync(fd);
  // A number that the shell did not open may be one of Node's own.
  if (!stats.isFile() && !stats.isFIFO() && !stats.isSocket())
    throw Object.assign(new Error('not open'), { code: 'not open' });
  let length = 0;
  let waits = 0;
  while (length < into.length) {
    const count = await readSome(fd, into, length).catch((error: NodeJS.ErrnoException) => {
      // A pipe that does not block, and has nothing yet.
      if (error.code === 'EAGAIN' && waits++ < mostWaits) return undefined;
      throw error;
    });
    if (count === 0) break;
    if (count === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    length += count ?? 0;
  }
  return length;
}

function readSome(fd: number, into: Buffer, offset: number): Promise<number> {
  return new Promise((resolve, reject) =>
    read(fd, into, offset, into.length - offset, null, (error, count) =>
      error ? reject(error) : resolve(count),
    ),
  );
}

function descriptor(text: string): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value === 1 || value === 2)
    throw new InvalidArgumentError('it should be the number of an open descriptor, such as 3.');
  return value;
}
