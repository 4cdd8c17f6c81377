/** obalka register --list, registered --list: an administrator's own list, made so and held against what is registered. */
import { Problem } from '../../core/errors.js';
import { showFingerprint } from '../../seal/keys.js';
import { readAddressList, writeAddressList } from '../data/address-list.js';
import { administer, type ShownChange, type ShownEntry } from '../data/administer.js';
import type { DataDirectory } from '../data/data-directory.js';
import { inform, print } from '../terminal/output.js';

export interface ListOptions {
  readonly list: string;
  readonly prune?: string | true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Makes the registry say what the list says, and prints what that changed; or with --dry-run what it would change. */
export async function registerList(data: DataDirectory, options: ListOptions): Promise<void> {
  const { list, prune, dryRun = false } = options;
  if (list === '-' && prune === '-')
    throw new Problem('usage', 'standard input is one list; name a file for the other');
  const { keys, lines } = await readAddressList(list);
  const known = typeof prune === 'string' ? (await readAddressList(prune)).lines : [];
  const { changes, told } = (await administer(data, {
    command: 'register-list',
    list: {
      keys,
      lines,
      dryRun,
      ...(prune !== undefined && { prune: [...new Set(known.map(({ address }) => address))] }),
    },
  })) as { changes: ShownChange[]; told: number };
  if (changes.length > 0) await print(...changes.map(options.json ? changeJson : changeLine));
  const number = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  const done = dryRun ? `${number} to make` : `${number} made`;
  inform(`${list}: ${changes.length === 0 ? 'nothing to change' : done}`);
  if (told > 0)
    inform(`${list}: notices were sealed to ${told === 1 ? '1 key' : `${told} keys`} of its addresses`);
}

/** Prints what is registered for the addresses of a list, in the same form. */
export async function registeredList(data: DataDirectory, options: ListOptions): Promise<void> {
  const { lines } = await readAddressList(options.list);
  const addresses = [...new Set(lines.map(({ address }) => address))];
  const entries = (await administer(data, { command: 'registered-list', addresses })) as ShownEntry[][];
  await print(...writeAddressList(addresses, entries));
}

function changeLine({ change, address, fingerprint, alias }: ShownChange): string {
  return `${change} ${address} ${fingerprint === undefined ? alias : shortened(fingerprint)}`;
}

function changeJson({ change, address, fingerprint, alias }: ShownChange): string {
  return JSON.stringify({
    change,
    address,
    ...(fingerprint !== undefined && { fingerprint: shortened(fingerprint) }),
    ...(alias !== undefined && { alias }),
  });
}

function shortened(fingerprint: string): string {
  return showFingerprint(Buffer.from(fingerprint, 'hex'));
}
