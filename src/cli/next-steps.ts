/** Next steps: the commands that a command prints for a person at a terminal, each to be typed as it stands. */
import { access, constants, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { answersControl, askControl } from '../net/control.js';
import type { ListenAddress } from '../net/listener.js';
import { whereIs } from './config/in-use.js';
import { defaultIdentityFile } from './config/where.js';
import { type DataDirectory, dataDirectory, exists } from './data-directory.js';
import { hint } from './output.js';
import { shellWord, shownCommand } from './shell-word.js';

/** Who gets the first mail where nobody is named yet; a name that nobody on the Internet has. */
const firstAddress = 'you@example.org';
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

export async function isPublicKeyFile(path: string): Promise<boolean> {
  if (!(await exists(path).catch(() => false))) return false;
  return /^age1pq1/m.test(await readFile(path, 'latin1').catch(() => ''));
}

export function isInitialised(data: DataDirectory): Promise<boolean> {
  return exists(join(data.journal, 'journal')).catch(() => false);
}

function dataWords(option: string | undefined): string[] {
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
  if (await isInitialised(dataDirectory(undefined)))
    hint('Next, an address whose mail is sealed to it:', `  ${registerCommand(publicFile, undefined)}`);
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

/** After an address was registered: the server, or what it has brought. */
export async function afterRegister(data: string | undefined): Promise<void> {
  if (await answersControl(dataDirectory(data).control))
    hint('The server takes mail for it now. To see what came:', `  ${await listLine(data)}`);
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
    `A first mail, in another terminal, with an address that is registered in place of ADDRESS: ${await sending('ADDRESS')}`,
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

async function listLine(data: string | undefined): Promise<string> {
  return shownCommand('list', ...((await ownKey())?.words ?? []), ...dataWords(data));
}

/** A line of shell that sends a mail, with what is installed here. */
async function firstMail(host: string, port: number, address: string): Promise<string> {
  const to = shellWord(address);
  const subject = 'My first sealed mail';
  if (await isInstalled('curl'))
    return `printf 'Subject: ${subject}\\n\\nIt works.\\n' | curl -sS --crlf smtp://${host}:${port} --mail-from ${to} --mail-rcpt ${to} --upload-file -`;
  const python = `import smtplib; smtplib.SMTP("${host}", ${port}).sendmail("${address}", "${address}", "Subject: ${subject}\\n\\nIt works.\\n")`;
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
