/**
 * The reference decoder: reads a journal by the specification alone, with code that nothing else shares.
 *
 *   node dist/tools/reference/decode.js JOURNAL IDENTITY [PINS]             lists mail, as JSON lines
 *   node dist/tools/reference/decode.js JOURNAL IDENTITY [PINS] --read ID   gives the content of one mail
 *   node dist/tools/reference/decode.js JOURNAL [IDENTITY [PINS]] --check   checks every cell, and opens every mail
 *
 * JOURNAL is a data directory, a journal's folder, or a copy of one. IDENTITY is a file of identities, PINS a file of
 * pins; nothing is written to either. Exit codes: 0 done, 1 failure, 2 usage, 3 no such mail, 4 no identity, 5 faults,
 * which standard error names with their places.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Fault } from './bytes.js';
import { checkJournal, checkMail } from './checking.js';
import { filesInFolder } from './files.js';
import { findMail, type Mail } from './finding.js';
import { type Journal, openJournal } from './journal.js';
import { type Identity, parseIdentities } from './keys.js';
import { openContent } from './message.js';
import { comparePins, type Pin, readPins } from './pins.js';

/** A line of the list. `receivedAt` is in milliseconds where no calendar reaches. */
export function lineOf(mail: Mail): Record<string, string | number> {
  const { id, at: place, state } = mail;
  if (mail.state === 'damaged') return { id, place, state, fault: mail.fault.message };
  if (!('envelope' in mail)) return { id, place, state };
  const { receivedAt: time, recipient, content: size } = mail.envelope;
  const receivedAt = time <= 8.64e15 ? new Date(time).toISOString() : time;
  return { id, place, receivedAt, recipient, size, state };
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function list(journal: Journal, identities: Identity[]): Fault[] {
  const { mails, faults } = findMail(journal, identities);
  for (const mail of mails) print(lineOf(mail));
  return [...journal.faults, ...faults, ...mails.flatMap((mail) => ('fault' in mail ? [mail.fault] : []))];
}

/** Gives the content of the mail with this id that counts, piece by piece. */
async function read(journal: Journal, identities: Identity[], id: string): Promise<Fault[]> {
  const { mails, faults } = findMail(journal, identities);
  const named = mails.filter((one) => one.id === id);
  const mail = named.find((one) => one.state === 'counts') ?? named[0];
  if (mail?.state === 'damaged') return [mail.fault];
  if (mail?.state !== 'counts') {
    process.exitCode = 3;
    process.stderr.write(`${id}: ${mail ? mail.state : 'no such mail'}\n`);
    return mail ? [] : [...journal.faults, ...faults];
  }
  for (const octets of openContent(journal, mail.segment, mail.envelope, mail.at))
    if (!process.stdout.write(octets)) await once(process.stdout, 'drain');
  return [];
}

function check(journal: Journal, identities: Identity[], pins: Pin[]): Fault[] {
  const { faults, ...counts } = checkJournal(journal, pins);
  const { mails, faults: more } = checkMail(journal, identities);
  const states: Record<string, number> = { whole: 0, damaged: 0, expired: 0, void: 0, erased: 0 };
  for (const { state } of mails) states[state] = (states[state] ?? 0) + 1;
  const all = [...faults, ...more];
  print({ ...counts, ...states, faults: all.map(({ place, what }) => ({ place, what })) });
  return all;
}

/** Says a fault of use, and how the program ends. */
class Refusal extends Error {
  constructor(
    readonly exit: number,
    what: string,
  ) {
    super(what);
  }
}

async function run(): Promise<Fault[]> {
  const options = { read: { type: 'string' }, check: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [folder, identityFile, pinsFile] = positionals;
  const isComplete = folder !== undefined && (identityFile !== undefined || values.check);
  if (!isComplete || positionals.length > 3 || (values.check && values.read !== undefined))
    throw new Refusal(2, 'decode JOURNAL IDENTITY [PINS] [--read ID | --check]');
  let identities: Identity[] = [];
  try {
    if (identityFile !== undefined)
      identities = parseIdentities(readFileSync(identityFile, 'utf8'), identityFile);
  } catch (error) {
    throw new Refusal(4, (error as Error).message);
  }
  const files = filesInFolder(folder);
  if (files.names('').length === 0) throw new Refusal(1, `${folder}: no journal here`);

  const pins = pinsFile === undefined ? [] : readPins(readFileSync(pinsFile, 'utf8'), pinsFile);
  const journal = openJournal(files, pins);
  if (values.check) return check(journal, identities, pins);
  const shown = comparePins(journal, pins);
  if (values.read !== undefined) return [...shown, ...(await read(journal, identities, values.read))];
  return [...shown, ...list(journal, identities)];
}

async function main(): Promise<void> {
  let faults: Fault[] = [];
  try {
    faults = await run();
  } catch (error) {
    if (error instanceof Fault) faults = [error];
    else {
      process.exitCode = error instanceof Refusal ? error.exit : 1;
      process.stderr.write(`${(error as Error).message}\n`);
    }
  }
  for (const fault of faults) process.stderr.write(`${fault.message}\n`);
  if (faults.length > 0) process.exitCode = 5;
}

if (process.argv[1] === import.meta.filename) await main();
