/** Administration from the command line: through the running server where there is one, else under the lock. */
import { hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { askControl } from '../net/control.js';
import { showTarget } from '../registry/aliases.js';
import type { KeyDetails } from '../registry/key-details.js';
import type { ListChange, ListLine } from '../registry/lists.js';
import { fingerprintOf, isPublicKey } from '../seal/keys.js';
import { type Administration, administration, type Registered } from '../server/live-registry.js';
import { takeLock } from '../sqlite/process-lock.js';
import { readAddressRules } from './address-rules-file.js';
import { type DataDirectory, mustBeInitialised, openDataRegistry } from './data-directory.js';

/** One question, as it goes through the control socket. Bytes are hexadecimal. */
export type Question =
  | {
      readonly command: 'register';
      readonly address: string;
      readonly key: string;
      readonly details: KeyDetails;
    }
  | { readonly command: 'revoke'; readonly address: string; readonly fingerprint?: string }
  | { readonly command: 'registered'; readonly address: string }
  | { readonly command: 'registered-list'; readonly addresses: readonly string[] }
  | { readonly command: 'register-list'; readonly list: SentList }
  | { readonly command: 'alias'; readonly address: string; readonly targets: readonly string[] }
  | { readonly command: 'remove-targets'; readonly address: string; readonly targets?: readonly string[] };

/** A list as it is sent: the lines name their keys by number, since one key may have many addresses. */
export interface SentList {
  readonly keys: readonly string[];
  readonly lines: readonly {
    readonly address: string;
    readonly key?: number;
    readonly details?: KeyDetails;
    readonly target?: string;
  }[];
  readonly prune?: readonly string[];
  readonly dryRun: boolean;
}

/** What an answer shows of an address: a key or a target. */
export interface ShownEntry {
  readonly fingerprint?: string;
  readonly publicKey?: string;
  /** Of a key. */
  readonly label?: string;
  readonly from?: number;
  readonly until?: number;
  /** The target of an alias, as people write it. */
  readonly alias?: string;
  readonly registeredAt: number;
}

/** A change that a list made, or would make. */
export interface ShownChange {
  readonly change: ListChange['change'];
  readonly address: string;
  readonly fingerprint?: string;
  readonly alias?: string;
}

/** Has a question answered by whoever owns the data directory now. */
export async function administer(data: DataDirectory, question: Question): Promise<unknown> {
  await mustBeInitialised(data);
  const lock = takeLock(data.lock);
  if (!lock) return askControl(data.control, question);
  try {
    const rules = await readAddressRules(data.addressRules);
    const registry = await openDataRegistry(data, () => rules);
    try {
      return await answer(administration(registry), question);
    } finally {
      registry.close();
    }
  } finally {
    lock.release();
  }
}

/** Answers a question that came through the control socket. */
export function answerControl(administration: Administration, question: unknown): Promise<unknown> {
  const known: Question['command'][] = [
    'alias',
    'register',
    'register-list',
    'registered',
    'registered-list',
    'remove-targets',
    'revoke',
  ];
  if (
    typeof question !== 'object' ||
    question === null ||
    !('command' in question) ||
    !known.some((command) => command === question.command)
  )
    throw new Problem(
      'usage',
      'the running server does not know this command; restart it with this version of obalka',
    );
  return answer(administration, question as Question);
}

async function answer(administration: Administration, question: Question): Promise<unknown> {
  switch (question.command) {
    case 'register':
      return administration.register(question.address, publicKeyOf(question.key), question.details);
    case 'revoke':
      return administration.revoke(
        question.address,
        question.fingerprint === undefined ? undefined : bytesOf(question.fingerprint),
      );
    case 'registered':
      return shown(await administration.registered(question.address));
    case 'registered-list':
      return Promise.all(
        question.addresses.map(async (address) => shown(await administration.registered(address))),
      );
    case 'register-list':
      return applySent(administration, question.list);
    case 'alias':
      return administration.alias(question.address, question.targets);
    case 'remove-targets':
      return administration.removeTargets(question.address, question.targets);
  }
}

async function applySent(administration: Administration, sent: SentList): Promise<ShownChange[]> {
  const keys: Uint8Array[] = [];
  for (const key of sent.keys) {
    keys.push(publicKeyOf(key));
    // Each takes a third of a millisecond: mail gets its turn in between.
    if (keys.length % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const lines = sent.lines.map(({ address, key, details, target }): ListLine => {
    const publicKey = key === undefined ? undefined : keys[key];
    return {
      address,
      ...(publicKey && { publicKey }),
      ...(details && { details }),
      ...(target !== undefined && { target }),
    };
  });
  const { prune, dryRun } = sent;
  const changes = await administration.applyList({ lines, dryRun, ...(prune && { prune }) });
  return changes.map(({ change, address, publicKey, target }) => ({
    change,
    address,
    ...(publicKey && { fingerprint: hex(fingerprintOf(publicKey)) }),
    ...(target !== undefined && { alias: target }),
  }));
}

function shown({ keys, targets }: Registered): ShownEntry[] {
  return [
    ...keys.map(({ fingerprint, publicKey, label, from, until, registeredAt }) => ({
      fingerprint: hex(fingerprint),
      publicKey: hex(publicKey),
      label,
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      registeredAt,
    })),
    ...targets.map(({ target, registeredAt }) => ({ alias: showTarget(target), registeredAt })),
  ];
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function publicKeyOf(text: string): Uint8Array {
  const key = bytesOf(text);
  if (!isPublicKey(key))
    throw new Problem('usage', 'these octets are no public key: mail cannot be sealed to them');
  return key;
}
