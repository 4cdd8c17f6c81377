/** Next steps: the commands that a command prints for a person at a terminal, each to be typed as it stands. */
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { answersControl, askControl } from '../../net/control.js';
import type { ListenAddress } from '../../net/listener.js';
import { whereIs } from '../config/in-use.js';
import { defaultIdentityFile } from '../config/where.js';
import { type DataDirectory, dataDirectory, exists } from '../data/data-directory.js';
import { hint } from './output.js';
import { shellWord, shownCommand } from './shell-word.js';

/** Who gets the first mail where nobody is named yet; a name that nobody on the Internet has. */
const firstAddress = 'you@example.org';
/** Who sends it. */
const firstSender = 'you@example.net';
const usualListen = '127.0.0.1:2525';

/** A key that is at hand. */
export interface OwnKey {
  readonly publicFile: string;
  /** What a reading command needs to find it: nothing in the usual places. */
  readonly words: readonly string[];
}

/** The identity that reading commands find by themselves; else the only key in this folder. */
export async function ownKey(): Promise<OwnKey | undefined> {
  const [usual] = whereIs('identity', []).value;
  if (usual !== undefined && (await isPublicKeyFile(`${usual}.pub`)))
    return { publicFile: `${usual}.pub`, words: [] };
  const names = await readdir('.').catch(() => []);
  const keys: string[] = [];
  for (const name of names.filter((one) => one.endsWith('.pub')).slice(0, 10))
    if (await isPublicKeyFile(name)) keys.push(name);
  const [only, ...more] = keys;
  if (only === undefined || more.length > 0) return undefined;
  return { publicFile: only, words: ['--identity', only.replace(/\.pub$/, '')] };
}

/** A place for mail that is at hand. */
export interface OwnData {
  readonly directory: DataDirectory;
  /** What --data has to be given for it: nothing where it is the usual place. */
  readonly option: string | undefined;
}

/** The data directory that commands find by themselves; else `data` in this folder. */
export async function ownData(): Promise<OwnData | undefined> {
  for (const option of [undefined, 'data']) {
    const directory = dataDirectory(option);
    if (await isInitialised(directory)) return { directory, option };
  }
  return undefined;
}

export async function isPublicKeyFile(path: string): Promise<boolean> {
  if (!(await exists(path).catch(() => false))) return false;
  return /^age1pq1/m.test(await readFile(path, 'latin1').catch(() => ''));
}

export function isInitialised(data: DataDirectory): Promise<boolean> {
  return exists(join(data.journal, 'journal')).catch(() => false);
}

/** `--data DIR`, or nothing. */
export function dataWords(option: string | undefined): string[] {
  return option === undefined ? [] : ['--data', option];
}

/** `obalka register you@example.org --key FILE.pub`. */
export function registerCommand(publicFile: string, data: string | undefined): string {
  return shownCommand('register', firstAddress, '--key', publicFile, ...dataWords(data));
}

/** `obalka serve --listen 127.0.0.1:2525`. */
export function serveCommandLine(data: string | undefined): string {
  return shownCommand('serve', '--listen', usualListen, ...dataWords(data));
}

/** After a key was made. */
export async function afterKey(publicFile: string): Promise<void> {
  const data = await ownData();
  if (data)
    hint('Next, an address whose mail is sealed to it:', `  ${registerCommand(publicFile, data.option)}`);
  else hint('Next, where mail is to be kept:', `  ${shownCommand('init')}`);
}

/** After a data directory was made. */
export async function afterInit(data: string | undefined): Promise<void> {
  const key = await ownKey();
  hint(
    'Next, for every mailbox and its public key, and then the server:',
    ...(key ? [] : [`  ${shownCommand('key', 'new')}`]),
    `  ${registerCommand(key?.publicFile ?? `${defaultIdentityFile()}.pub`, data)}`,
    `  ${serveCommandLine(data)}`,
  );
}

/** After an address was registered for the key in a file: the server, or what it has brought. */
export async function afterRegister(data: string | undefined, keyFile: string): Promise<void> {
  if (await answersControl(dataDirectory(data).control))
    hint(
      'The server takes mail for it now. To see what came:',
      `  ${shownCommand('list', ...(await readingWords(keyFile)), ...dataWords(data))}`,
    );
  else hint('Next, the server, which says how to send it a first mail:', `  ${serveCommandLine(data)}`);
}

/** Once a server listens: a first mail to it, if the address that `init` proposes is registered, and reading. */
export async function whileServing(data: DataDirectory, addresses: readonly ListenAddress[]): Promise<void> {
  if (!process.stderr.isTTY) return;
  const list = await listLine(data.path);
  const address = addresses.find((one) => 'port' in one && (one.protocol ?? 'smtp') === 'smtp');
  if (!address || !('port' in address)) return hint('To see what came, in another terminal:', `  ${list}`);
  const registered = await askControl(data.control, { command: 'registered', address: firstAddress });
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const sending = (to: string) => firstMail(host, address.port, to);
  if (Array.isArray(registered) && registered.length > 0)
    return hint(
      'In another terminal, a first mail, and reading it:',
      `  ${await sending(firstAddress)}`,
      `  ${list}`,
    );
  hint(
    'A first mail, in another terminal, with an address that is registered in place of ADDRESS:',
    `  ${await sending('ADDRESS')}`,
    'Then, reading it:',
    `  ${list}`,
  );
}

/** For a mailbox without mail: what must be there for mail to come. */
export async function forEmptyMailbox(
  data: string | undefined,
  identities: readonly string[],
): Promise<void> {
  const directory = dataDirectory(data);
  // A journal alone, or a copy, is not where mail comes in.
  if (!(await isInitialised(directory))) return;
  const named = identities[0] === undefined ? (await ownKey())?.publicFile : `${identities[0]}.pub`;
  const isServed = await answersControl(directory.control);
  hint(
    `Mail comes once an address is registered for the key${isServed ? '' : ', and the server runs'}:`,
    ...(named !== undefined && (await isPublicKeyFile(named)) ? [`  ${registerCommand(named, data)}`] : []),
    ...(isServed ? [] : [`  ${serveCommandLine(data)}`]),
  );
}

/** How many mails a mailbox has whose owner may still want to be told how to read one. */
const fewMails = 3;

/** Below a list that a person sees, while the mailbox is new: how to read its last mail. */
export function hintToRead(
  mails: readonly { readonly id: string }[],
  options: { readonly data?: string; readonly identity: readonly string[]; readonly json?: boolean },
): void {
  const last = mails.at(-1);
  if (!last || mails.length > fewMails || options.json || !process.stdout.isTTY) return;
  const identities = options.identity.flatMap((file) => ['--identity', file]);
  hint('To read it:', `  ${shownCommand('read', last.id, ...identities, ...dataWords(options.data))}`);
}

/** Below a mail that a person sees: how to save what is attached to it. */
export function afterRead(
  id: string,
  attachments: number,
  options: { readonly data?: string; readonly identity: readonly string[] } = { identity: [] },
): void {
  if (attachments === 0 || !process.stdout.isTTY) return;
  const [what, words] = attachments === 1 ? ['the attachment', []] : ['the attachments', ['--all']];
  const identities = options.identity.flatMap((file) => ['--identity', file]);
  hint(
    `To save ${what}:`,
    `  ${shownCommand('save', id, ...words, ...identities, ...dataWords(options.data))}`,
  );
}

/** What a reading command needs to open mail that is sealed to the key in a file, where its identity lies beside it. */
async function readingWords(publicFile: string): Promise<readonly string[]> {
  const secret = publicFile.replace(/\.pub$/, '');
  if (secret === publicFile || !(await exists(secret))) return (await ownKey())?.words ?? [];
  return identityWords(secret);
}

/** `--identity FILE`, or nothing where readers look there by themselves. */
export function identityWords(file: string): readonly string[] {
  const usual = whereIs('identity', []).value;
  return usual.some((path) => resolve(path) === resolve(file)) ? [] : ['--identity', file];
}

async function listLine(data: string | undefined): Promise<string> {
  return shownCommand('list', ...((await ownKey())?.words ?? []), ...dataWords(data));
}

/** A line of shell that sends a mail, with what is installed here. */
async function firstMail(host: string, port: number, address: string): Promise<string> {
  const to = shellWord(address);
  const subject = 'My first sealed mail';
  if (await isInstalled('curl'))
    return `printf 'Subject: ${subject}\\n\\nIt works.\\n' | curl -sS --crlf smtp://${host}:${port} --mail-from ${firstSender} --mail-rcpt ${to} --upload-file -`;
  const python = `import smtplib; smtplib.SMTP("${host}", ${port}).sendmail("${firstSender}", "${address}", "Subject: ${subject}\\n\\nIt works.\\n")`;
  return `python3 -c '${python}'`;
}

async function isInstalled(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    if (
      await access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}
