/**
 * The reference decoder: reads a journal by the specification alone, with code that nothing else shares.
 *
 *   node dist/tools/reference/decode.js list|read|verify JOURNAL [--identity FILE]... [ID]
 *
 * `list` and `verify` give JSON lines, `read` the content. Exit codes: 0 done, 1 failure, 2 usage, 3 no such mail,
 * 4 no identity, 5 damage, which stderr names with its place.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Fault, filesInFolder } from './bytes.js';
import { findMail, type Mail } from './finding.js';
import { type Journal, keepFault, openJournal, verify } from './journal.js';
import { type Identity, parseIdentities } from './keys.js';
import { openContent, openMessage } from './message.js';

/** A line of the list. `receivedAt` is in milliseconds where no calendar reaches. */
export function lineOf(mail: Mail): Record<string, string | number> {
  const { id, at: place, state } = mail;
  if (mail.state === 'damaged') return { id, place, state, fault: mail.fault.message };
  if (mail.state !== 'counts') return { id, place, state };
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

async function read(journal: Journal, identities: Identity[], id: string): Promise<Fault[]> {
  const { mails, faults } = findMail(journal, identities);
  const mail = mails.find((one) => one.id === id);
  if (mail?.state === 'damaged') return [mail.fault];
  if (mail?.state !== 'counts') {
    process.exitCode = 3;
    process.stderr.write(`${id}: ${mail ? mail.state : 'no such mail'}\n`);
    return mail ? [] : [...journal.faults, ...faults];
  }
  try {
    for (const octets of openContent(journal, mail.segment, mail.envelope, mail.at))
      if (!process.stdout.write(octets)) await once(process.stdout, 'drain');
    return [];
  } catch (error) {
    if (error instanceof Fault) return [error];
    throw error;
  }
}

/** Journal.md, Checking without a key; with identities every message is opened to its end besides. */
function check(journal: Journal, identities: Identity[]): Fault[] {
  const { faults, ...counts } = verify(journal);
  const { mails, faults: more } = findMail(journal, identities);
  const states = { counts: 0, void: 0, erased: 0, damaged: 0 };
  for (const mail of mails) {
    const before = more.length;
    if (mail.state === 'damaged') more.push(mail.fault);
    if (mail.state === 'counts')
      keepFault(more, () => {
        for (const _ of openMessage(journal, mail.segment, mail.envelope, mail.at));
      });
    states[more.length > before ? 'damaged' : mail.state] += 1;
  }
  const all = [...faults, ...more];
  print({ ...counts, ...states, faults: all.map(({ place, what }) => ({ place, what })) });
  return all;
}

function identitiesOf(files: string[]): Identity[] {
  return files.flatMap((file) => parseIdentities(readFileSync(file, 'utf8'), file));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { identity: { type: 'string', multiple: true, default: [] } },
  });
  const [command, folder, id] = positionals;
  if (
    folder === undefined ||
    !['list', 'read', 'verify'].includes(command ?? '') ||
    (command === 'read') !== !!id
  ) {
    process.exitCode = 2;
    process.stderr.write('decode list|read|verify JOURNAL [--identity FILE]... [ID]\n');
    return;
  }
  let identities: Identity[];
  try {
    identities = identitiesOf(values.identity);
  } catch (error) {
    process.exitCode = 4;
    process.stderr.write(`${(error as Error).message}\n`);
    return;
  }
  const files = filesInFolder(folder);
  if (files.length('journal') === undefined) {
    process.exitCode = 1;
    process.stderr.write(`${folder}: no journal here\n`);
    return;
  }
  let faults: Fault[];
  try {
    const journal = openJournal(files);
    if (command === 'read') faults = await read(journal, identities, id as string);
    else faults = command === 'list' ? list(journal, identities) : check(journal, identities);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    faults = [error];
  }
  for (const fault of faults) process.stderr.write(`${fault.message}\n`);
  if (faults.length > 0) process.exitCode = 5;
}

if (process.argv[1] === import.meta.filename) await main();
