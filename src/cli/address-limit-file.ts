/** Address limits of a server: those of --set for all, and those of --address-limits for some. */
import { realClock } from '../net/clock.js';
import { parseAddressLimits } from '../server/address-limit-list.js';
import {
  AddressCounts,
  type AddressLimits,
  type CountsSoFar,
  defaultAddressLimits,
} from '../server/address-limits.js';
import { parseAddressWords } from './limit-words.js';
import { readText } from './list-files.js';
import type { Log } from './log/log.js';
import { random } from './random.js';
import { Watched } from './watched-files.js';

export interface AddressLimitOptions {
  /** Of all addresses that have no others. */
  readonly limits: Partial<AddressLimits>;
  /** A file with those of single addresses. */
  readonly file: string | undefined;
}

export interface StartedAddressLimits {
  readonly counts: AddressCounts;
  /** Reads the file again. */
  again(): Promise<void>;
  stop(): void;
}

/** Throws a Problem where the file cannot be read. */
export async function startAddressLimits(
  { limits, file }: AddressLimitOptions,
  log: Log,
  had?: CountsSoFar,
): Promise<StartedAddressLimits> {
  const defaults = { ...defaultAddressLimits, ...limits };
  const read = async (path: string) =>
    parseAddressLimits(await readText(path), path, defaults, parseAddressWords);
  const watched =
    file === undefined
      ? undefined
      : await Watched.start(
          { paths: [file], read: () => read(file), events: { read: 'limits-read', kept: 'limits-kept' } },
          log,
        );
  const limitsOf = (address: string) => watched?.value.get(address) ?? defaults;
  return {
    counts: new AddressCounts({ limitsOf, random, now: realClock.now, had }),
    again: async () => watched?.again(),
    stop: () => watched?.stop(),
  };
}
