/** Address limits of a server: those of --set for all, and those of --address-limits for some. */
import { realClock } from '../../net/clock.js';
import { parseAddressLimits } from '../../server/address-limit-list.js';
import {
  AddressCounts,
  type AddressLimits,
  type CountsSoFar,
  defaultAddressLimits,
} from '../../server/address-limits.js';
import type { Log } from '../log/log.js';
import { random } from '../random.js';
import { ChosenFiles } from './chosen-files.js';
import { parseAddressWords } from './limit-words.js';
import { readText } from './list-files.js';

export interface AddressLimitOptions {
  /** Of all addresses that have no others. */
  readonly limits: Partial<AddressLimits>;
  /** A file with those of single addresses. */
  readonly file: string | undefined;
}

export interface StartedAddressLimits {
  readonly counts: AddressCounts;
  /** Takes other limits, and reads the file again. One that is bad leaves the old. */
  again(options: AddressLimitOptions): Promise<void>;
  stop(): void;
}

/** Throws a Problem where the file cannot be read. */
export async function startAddressLimits(
  options: AddressLimitOptions,
  log: Log,
  had?: CountsSoFar,
): Promise<StartedAddressLimits> {
  let defaults = ofAll(options);
  // Limits of all stand in it too: where they change, it is read with them.
  const chosen = new ChosenFiles<AddressLimitOptions, ReadonlyMap<string, AddressLimits>>({
    events: { read: 'limits-read', kept: 'limits-kept' },
    pathsOf: ({ file }) => (file === undefined ? [] : [file]),
    read: (choice) => readAddressLimits(choice),
    log,
  });
  await chosen.choose(options);
  const limitsOf = (address: string) => chosen.value?.get(address) ?? defaults;
  return {
    counts: new AddressCounts({ limitsOf, random, now: realClock.now, had }),
    again(others) {
      defaults = ofAll(others);
      return chosen.again(others);
    },
    stop: () => chosen.stop(),
  };
}

/** Limits of single addresses, as the file has them. Throws a Problem. */
export async function readAddressLimits(
  options: AddressLimitOptions,
): Promise<ReadonlyMap<string, AddressLimits>> {
  const { file } = options;
  if (file === undefined) return new Map();
  return parseAddressLimits(await readText(file), file, ofAll(options), parseAddressWords);
}

function ofAll({ limits }: AddressLimitOptions): AddressLimits {
  return { ...defaultAddressLimits, ...limits };
}

/** Whether anybody has a limit. */
export function hasAddressLimits({ limits, file }: AddressLimitOptions): boolean {
  return file !== undefined || Object.values(limits).some((number) => number > 0);
}
