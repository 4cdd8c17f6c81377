/** Tally: what one worker counts, exactly. It is shown to nobody but the first process, which makes it coarse. */
import type { NetworkEvent } from '../../net/limits.js';
import { replyCodeOf } from '../log/fields.js';
import { networkCodes } from '../log/log.js';
import { type CounterName, syncBounds } from './families.js';

/** "family value" → how many. */
export type Counts = ReadonlyMap<string, number>;

/** The key of one figure of a family in `Counts`; value "" for a family that has one figure. */
export function figureKey(family: CounterName, value: string): string {
  return `${family} ${value}`;
}

export class Tally {
  readonly #counts = new Map<string, number>();
  #open = 0;

  /** Sessions that are there now. */
  get open(): number {
    return this.#open;
  }

  /** As they are now. */
  get counts(): Counts {
    return new Map(this.#counts);
  }

  session(protocol: 'smtp' | 'lmtp', step: 'began' | 'over'): void {
    this.#open += step === 'began' ? 1 : -1;
    if (step === 'began') this.#add('obalka_sessions_total', protocol);
  }

  reply(code: number): void {
    this.#add('obalka_replies_total', String(replyCodeOf(code)));
  }

  event(event: NetworkEvent, times: number): void {
    this.#add('obalka_refusals_total', networkCodes[event], times);
  }

  content(octets: number): void {
    this.#add('obalka_content_bytes_total', '', octets);
  }

  sync(milliseconds: number): void {
    const bound = syncBounds.find((one) => milliseconds <= 1000 * one);
    this.#add('obalka_sync_seconds', bound === undefined ? '+Inf' : String(bound));
  }

  #add(family: CounterName, value: string, by = 1): void {
    const key = figureKey(family, value);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }
}
