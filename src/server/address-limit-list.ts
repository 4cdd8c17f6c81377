/** Address limit list: limits of single addresses, as people write them down. */
import { hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { parseAddress, subjectOf } from '../registry/address.js';
import type { AddressLimits } from './address-limits.js';

/**
 * One address a line, and then its limits, each as NAME=NUMBER; what is not named there is as `defaults` say. What
 * follows # at the beginning of a line or behind a space is skipped. `parse` reads the limits; it throws a Problem, and
 * so does this, with the line. Gives the limits of each address, under what stands for it in the registry, in hexadecimal.
 */
export function parseAddressLimits(
  text: string,
  file: string,
  defaults: AddressLimits,
  parse: (words: readonly string[]) => Partial<AddressLimits>,
): ReadonlyMap<string, AddressLimits> {
  const found = new Map<string, AddressLimits>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line
      .replace(/(^|\s)#.*/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    const [address, ...limits] = words;
    if (address === undefined) continue;
    try {
      const subject = hex(subjectOf(parseAddress(address)));
      if (limits.length === 0) throw new Problem('usage', 'write limits behind the address, as NAME=NUMBER');
      if (found.has(subject)) throw new Problem('usage', 'this address stands there twice; write it once');
      found.set(subject, { ...defaults, ...parse(limits) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Problem('usage', `${file}, line ${index + 1}: ${error.message}`);
    }
  }
  return found;
}
