/** Slots: the rows of one address, numbered without a gap (spec/registry.md, Recipient rows). */
import { Problem } from '../core/errors.js';
import { placeText, type TableCounts } from './padded-table.js';
import { decodeBody, encodeFree, type Slot } from './recipient-body.js';
import type { Row } from './row-keys.js';
import type { Tables } from './tables.js';
import type { Way } from './ways.js';

/** Keys, or targets, that one address can have. Each key is one more envelope for every mail to it. */
export const maxSlots = 1024;

/** Slots of an address that are looked for whether it exists or not. */
const firstSlots = [0, 1];

export class Slots {
  constructor(private readonly tables: Tables) {}

  /** What the slots of a subject hold, in order; nothing if it is not registered. */
  of(subject: Uint8Array): Slot[] {
    return this.#from(subject, []);
  }

  /** The first of these ways that is registered, with what its slots hold. One query, whatever is registered. */
  first(ways: readonly Way[]): { way: Way; slots: Slot[] } | undefined {
    const rows = ways.map(({ subject }) => firstSlots.map((slot) => this.#row(subject, slot)));
    const found = this.tables.recipients.find(rows.flat());
    for (const [which, way] of ways.entries()) {
      const values = (rows[which] as Row[]).map((row) => found.get(placeText(row.key)));
      if (values[0]) return { way, slots: this.#from(way.subject, values) };
    }
    return undefined;
  }

  /** Puts a body into a slot, or into the first that is free or not yet there. */
  put(
    subject: Uint8Array,
    body: Uint8Array,
    counts: TableCounts,
    { slots, at }: { readonly slots: readonly Slot[]; readonly at?: number | undefined },
  ): void {
    const free = slots.indexOf('free');
    const slot = at ?? (free >= 0 ? free : slots.length);
    if (slot >= maxSlots)
      throw new Problem(
        'usage',
        `an address has at most ${maxSlots} keys, and an alias as many targets: take one away first`,
      );
    this.tables.recipients.write(this.#row(subject, slot), body, counts);
  }

  /** Frees the slots that `isMeant` names; if none but free ones were left, removes them all. */
  clear(subject: Uint8Array, isMeant: (slot: Slot) => boolean, counts: TableCounts): void {
    const slots = this.of(subject);
    const isEmptied = slots.every((slot) => slot === 'free' || isMeant(slot));
    for (const [number, slot] of slots.entries()) {
      const row = this.#row(subject, number);
      if (isEmptied) this.tables.recipients.remove(row, counts);
      else if (isMeant(slot)) this.tables.recipients.write(row, encodeFree(), counts);
    }
  }

  /** `first` are the values of its first slots where they have been looked for. */
  #from(subject: Uint8Array, first: readonly (Uint8Array | undefined)[]): Slot[] {
    const { recipients } = this.tables;
    const slots: Slot[] = [];
    for (let number = 0; ; number += 1) {
      const value = first[number];
      if (number < first.length && !value) return slots;
      const row = this.#row(subject, number);
      const body = value ? recipients.open(row, value) : recipients.read(row);
      if (!body) return slots;
      const slot = decodeBody(body);
      if (!slot) throw recipients.damage(row.key, 'is of an unknown kind');
      slots.push(slot);
    }
  }

  #row(subject: Uint8Array, slot: number): Row {
    return this.tables.rowKeys.recipientRow(subject, slot);
  }
}
