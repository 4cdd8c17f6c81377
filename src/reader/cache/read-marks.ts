/** Read marks: which mails were read; kept sealed, and all that a cache holds that the journal does not (spec/cache.md, Marks). */
import { ascii, view } from '../../core/bytes.js';
import { envelopeFlags } from '../../format/envelope-flags.js';
import { blake2b } from '../../seal/blake2b.js';
import type { Random } from '../../seal/channel.js';
import type { Identity } from '../../seal/keys.js';
import { openText, sealText } from '../sealed-text.js';
import type { ListedMail } from './listed-mail.js';
import { CacheDamage, cacheName, type SealedRows, type SharedRows } from './sealed-rows.js';

/** What is needed of a mail: old mail that was brought in may come read. */
type Markable = Pick<ListedMail, 'id' | 'flags'>;

export class ReadMarks {
  /** First letter of an id → the ids that begin so, of mails that are marked otherwise than they came. */
  readonly #groups = new Map<string, Set<string>>();

  constructor(readonly rows: SharedRows) {}

  isRead({ id, flags }: Markable): boolean {
    return cameRead(flags) !== this.#group(id[0] as string).has(id);
  }

  /** Marks mails; gives how many of them were marked otherwise before. */
  mark(mails: readonly Markable[], isRead: boolean): number {
    const changed = mails.filter((mail) => this.isRead(mail) !== isRead);
    this.#change(changed.map(({ id, flags }) => ({ id, isMarked: cameRead(flags) !== isRead })));
    return changed.length;
  }

  /** Adds marks that were carried here; gives how many are new. */
  add(ids: readonly string[]): number {
    const added = ids.filter((id) => /^[a-z2-7]{13}$/.test(id) && !this.#group(id[0] as string).has(id));
    this.#change(added.map((id) => ({ id, isMarked: true })));
    return added.length;
  }

  /** From what the rows hold at that moment: another reader may have marked something meanwhile. */
  #change(changes: readonly { readonly id: string; readonly isMarked: boolean }[]): void {
    if (changes.length === 0) return;
    const groups = new Map<string, Set<string>>();
    const apply = (newest: Pick<SealedRows, 'get'>) => {
      for (const { id, isMarked } of changes) {
        const letter = id[0] as string;
        const group = groups.get(letter) ?? readGroup(newest, letter);
        groups.set(letter, group);
        if (isMarked) group.add(id);
        else group.delete(id);
      }
      return true;
    };
    const rows = function* () {
      for (const [letter, group] of groups) yield [rowName(letter), ascii([...group].join('\n'))] as const;
    };
    this.rows.putIf(apply, rows());
    for (const [letter, group] of groups) this.#groups.set(letter, group);
  }

  /** All ids of mails that are marked otherwise than they came. */
  all(): string[] {
    return [...letters].flatMap((letter) => [...this.#group(letter)]);
  }

  #group(letter: string): Set<string> {
    const known = this.#groups.get(letter);
    if (known) return known;
    const group = readGroup(this.rows, letter);
    this.#groups.set(letter, group);
    return group;
  }
}

function cameRead(flags: number): boolean {
  return (flags & envelopeFlags.seen) !== 0;
}

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** The rows that hold marks: they outlive all others of a cache. */
export const markRows: readonly string[] = [...letters].map(rowName);

function rowName(letter: string): string {
  return `mark ${letter}`;
}

function readGroup(rows: Pick<SealedRows, 'get'>, letter: string): Set<string> {
  let octets: Uint8Array | undefined;
  try {
    octets = rows.get(rowName(letter));
  } catch (error) {
    // Marks that were damaged are lost; what they marked is unread again.
    if (!(error instanceof CacheDamage)) throw error;
  }
  return new Set(octets && octets.length > 0 ? view(octets).toString('latin1').split('\n') : []);
}

/** Marks as a line of a file that can be carried elsewhere: whose they are, and the ids, sealed to the identity. */
export function sealMarks(
  ids: readonly string[],
  identity: Identity,
  journal: Uint8Array,
  random: Random,
): string {
  const name = marksName(identity, journal);
  const sealed = sealText([...ids].sort().join('\n'), marksKey(identity, journal), name, random);
  return `${name} ${view(sealed).toString('base64')}`;
}

/** The ids in a line of such a file; undefined if it is another identity's or another journal's, or was changed. */
export function openMarks(line: string, identity: Identity, journal: Uint8Array): string[] | undefined {
  const name = marksName(identity, journal);
  const [whose, base64 = ''] = line.split(' ');
  if (whose !== name) return undefined;
  const sealed = new Uint8Array(Buffer.from(base64, 'base64'));
  const ids = openText(sealed, marksKey(identity, journal), name);
  if (ids === undefined) return undefined;
  return ids === '' ? [] : ids.split('\n');
}

function marksName(identity: Identity, journal: Uint8Array): string {
  return cacheName(identity.seed, journal);
}

function marksKey(identity: Identity, journal: Uint8Array): Uint8Array {
  return blake2b(identity.seed, 'obalka marks v1', journal, 32);
}
