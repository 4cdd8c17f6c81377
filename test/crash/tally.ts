/** Tally: what a journal holds of what was sent, counted and not asserted: a torture goes on after it has found something. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { parseIdentities } from '../../src/seal/keys.js';
import type { Installation } from '../support/installation.js';
import { contentOf, numberOf, type SentMail } from './load-mail.js';

/** A mail of one recipient, by its number. */
export function nameOf(recipient: string, number: number): string {
  return `mail ${number} of ${recipient}`;
}

export interface Tally {
  /** Mails that opened and are what was sent; a mail counts once for each recipient. */
  readonly read: number;
  /** Ids of these, with their names: for erasing. */
  readonly ids: ReadonlyMap<string, string>;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There, and not what was sent, or twice, or never sent. */
  readonly wrong: readonly string[];
  /** What the reader says is damaged, with its place. */
  readonly damaged: readonly string[];
}

export interface Expected {
  readonly sent: readonly SentMail[];
  readonly recipients: readonly string[];
  /** Only segments with this number or a higher one hold these mails. */
  readonly from?: number;
  /** Names of mails that were erased, or whose erasing was begun. */
  readonly erased?: ReadonlySet<string>;
}

/** Reads all mailboxes and holds them against what was sent. Throws only if the journal cannot be opened at all. */
export async function tally(made: Installation, expected: Expected): Promise<Tally> {
  const { recipients, sent, from = 0, erased = new Set() } = expected;
  const counted = {
    read: 0,
    ids: new Map<string, string>(),
    lost: [] as string[],
    wrong: [] as string[],
    damaged: [] as string[],
  };
  const bySentNumber = new Map(sent.map((mail) => [mail.number, mail]));
  for (const recipient of recipients) {
    const there = new Set<number>();
    const { faults, mails } = await readAll(made, recipient, from);
    counted.damaged.push(...faults);
    for (const { id, place, content } of mails) {
      const number = numberOf(content);
      const known = number === undefined ? undefined : bySentNumber.get(number);
      if (number === undefined || !known?.to.includes(recipient) || !content.equals(contentOf(number)))
        counted.wrong.push(`${place}: ${nameOf(recipient, number ?? -1)} is not what was sent`);
      else if (there.has(number)) counted.wrong.push(`${place}: ${nameOf(recipient, number)} came twice`);
      else {
        there.add(number);
        counted.ids.set(nameOf(recipient, number), id);
        counted.read++;
      }
    }
    for (const { number, to, acknowledged } of sent) {
      const name = nameOf(recipient, number);
      if (acknowledged && to.includes(recipient) && !there.has(number) && !erased.has(name))
        counted.lost.push(name);
    }
  }
  return { ...counted, damaged: [...new Set(counted.damaged)] };
}

interface Found {
  readonly id: string;
  readonly place: string;
  readonly content: Buffer;
}

async function readAll(
  made: Installation,
  recipient: string,
  from: number,
): Promise<{ mails: Found[]; faults: string[] }> {
  const file = made.identity(recipient.replace(/@.*/, ''));
  const identities = parseIdentities(await readFile(file, 'utf8'), file);
  const whole = await openDirectory(join(made.data, 'journal'));
  try {
    const segments = async () =>
      (await whole.segments()).filter((one) => !('place' in one) || one.place.segment >= from);
    const view = { id: whole.id, close: () => whole.close(), segments };
    const { contents, index } = await openMailbox(view, identities);
    const faults = [...contents.faults.filter((fault) => !isOfLeftOut(fault, from))];
    faults.push(...contents.damaged.map(({ place, fault }) => `${place}: ${fault}`));
    const mails: Found[] = [];
    for (const mail of contents.mails)
      try {
        const pieces: Uint8Array[] = [];
        for await (const piece of index.content(mail)) pieces.push(Uint8Array.from(piece));
        mails.push({ id: mail.id, place: mail.place, content: Buffer.concat(pieces) });
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
    return { mails, faults };
  } finally {
    await whole.close();
  }
}

/** Of the first segment that is looked at, the one before was left out; that is no fault of the journal. */
function isOfLeftOut(fault: string, from: number): boolean {
  return (
    fault.endsWith(
      `segment ${from}: segment ${from - 1}, which its head names as the one before it, is missing`,
    ) ||
    (fault.includes(
      `segment ${from - 1}, checkpoint: is missing or cannot be read, but the checkpoint of `,
    ) &&
      fault.endsWith(`segment ${from} names it`))
  );
}
