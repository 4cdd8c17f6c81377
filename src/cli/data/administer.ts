/** Administration from the command line: through the running server where there is one, else under the lock. */

import { hostname } from 'node:os';
import { hex } from '../../core/bytes.js';
import { Problem } from '../../core/errors.js';
import { isHostname } from '../../core/hostname.js';
import type { ErasureOrder } from '../../format/erasure.js';
import { createJournal } from '../../journal/create-journal.js';
import { nodeDisk } from '../../journal/disk.js';
import { type ErasureResult, eraseEnvelopes } from '../../journal/erasing.js';
import { dropSegments, findOld, finishDropping, type Old } from '../../journal/retention.js';
import { askControl } from '../../net/control.js';
import { parseOrder } from '../../reader/erasing.js';
import { showTarget } from '../../registry/aliases.js';
import type { KeyDetails } from '../../registry/key-details.js';
import type { ListChange, ListLine } from '../../registry/lists.js';
import type { Registry } from '../../registry/registry.js';
import { nodeAead } from '../../seal/aead.js';
import { fingerprintOf, isPublicKey } from '../../seal/keys.js';
import { type Administration, administration, type Registered } from '../../server/administration.js';
import { noticeOfChange } from '../../server/notice.js';
import { type NoticeWriter, noticeWriter } from '../../server/notice-writer.js';
import { isFarAhead, oldBefore } from '../../server/retention.js';
import { logTo } from '../log/log.js';
import { random } from '../random.js';
import { readAddressRules } from '../server/address-rules-file.js';
import { openLane } from '../server/open-lane.js';
import { type DataDirectory, mustBeInitialised, openDataRegistry } from './data-directory.js';
import { takeDataLockOrAsk } from './data-lock.js';

/** One question, as it goes through the control socket. Bytes are hexadecimal. */
export type Question =
  | {
      readonly command: 'register';
      readonly address: string;
      readonly key: string;
      readonly details: KeyDetails;
    }
  | { readonly command: 'revoke'; readonly address: string; readonly fingerprint?: string }
  | {
      readonly command: 'exchange';
      readonly address: string;
      readonly key: string;
      readonly details: KeyDetails;
      /** Fingerprints. */
      readonly olds: readonly string[];
    }
  | { readonly command: 'registered'; readonly address: string }
  | { readonly command: 'registered-list'; readonly addresses: readonly string[] }
  | { readonly command: 'register-list'; readonly list: SentList }
  | { readonly command: 'alias'; readonly address: string; readonly targets: readonly string[] }
  | { readonly command: 'remove-targets'; readonly address: string; readonly targets?: readonly string[] }
  | { readonly command: 'erase'; readonly orders: readonly string[] }
  | { readonly command: 'retain'; readonly age: number; readonly dryRun: boolean; readonly force: boolean };

/** What was dropped, or would be. */
export interface Retained {
  readonly segments: readonly {
    readonly lane: string;
    readonly segment: number;
    readonly week: string;
    readonly octets: number;
  }[];
  /** Whether the clock stands so far ahead of the newest segment that nothing was dropped without force. */
  readonly farAhead: boolean;
}

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
  const lock = await takeDataLockOrAsk(data);
  if (!lock) return askControl(data.control, question);
  try {
    const rules = await readAddressRules(data.addressRules);
    const registry = await openDataRegistry(data, () => rules);
    try {
      const journal = (await createJournal(nodeDisk, data.journal, random)).id;
      const at = { disk: nodeDisk, folder: data.journal, journal };
      const erase = (orders: readonly ErasureOrder[]) => eraseEnvelopes(at, orders);
      const retain = async (before: number, allows: (old: Old) => boolean) => {
        await finishDropping(nodeDisk, data.journal);
        const old = await findOld(nodeDisk, data.journal, before);
        if (allows(old)) await dropSegments(nodeDisk, data.journal, old.segments);
        return old;
      };
      const notices = noticesOf(data, registry);
      const powers = { administration: administration(registry, notices), erase, retain };
      return await answer(powers, question);
    } finally {
      registry.close();
    }
  } finally {
    lock.release();
  }
}

/** A lane is opened, and a segment begun, only where somebody is to be told: each would be seen. */
function noticesOf(data: DataDirectory, registry: Registry): NoticeWriter {
  return {
    async tell(changes) {
      const [now, host] = [Date.now(), ownName()];
      if (!changes.some((change) => noticeOfChange(change, { hostname: host, now, id: '' }))) return 0;
      const { lane } = await openLane(data, registry, logTo());
      try {
        const writing = { lane, aead: nodeAead, random, now: () => now, hostname: host };
        return await noticeWriter(writing).tell(changes);
      } finally {
        await lane.close();
      }
    },
  };
}

/** What a server would call itself here. */
function ownName(): string {
  const name = hostname();
  return isHostname(name) ? name : 'localhost';
}

/** What a question may be answered with. */
export interface Powers {
  readonly administration: Administration;
  erase(orders: readonly ErasureOrder[]): Promise<ErasureResult[]>;
  /** As `Lane.retain`. */
  retain(before: number, allows: (old: Old) => boolean): Promise<Old>;
}

/** Answers a question that came through the control socket. */
export function answerControl(powers: Powers, question: unknown): Promise<unknown> {
  const known: Question['command'][] = [
    'alias',
    'erase',
    'exchange',
    'register',
    'register-list',
    'registered',
    'registered-list',
    'remove-targets',
    'retain',
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
  return answer(powers, question as Question);
}

async function answer({ administration, erase, retain }: Powers, question: Question): Promise<unknown> {
  switch (question.command) {
    case 'erase': {
      const orders = question.orders.map(parseOrder).filter((order) => order !== undefined);
      if (orders.length < question.orders.length) throw new Problem('usage', 'an order cannot be read');
      return erase(orders);
    }
    case 'retain': {
      const { age, dryRun, force } = question;
      const now = Date.now();
      const old = await retain(oldBefore(age, now), (found) => !dryRun && (force || !isFarAhead(found, now)));
      return {
        segments: old.segments.map(({ lane, ...rest }) => ({ lane: hex(lane), ...rest })),
        farAhead: isFarAhead(old, now),
      } satisfies Retained;
    }
    case 'register':
      return administration.register(question.address, publicKeyOf(question.key), question.details);
    case 'revoke':
      return administration.revoke(
        question.address,
        question.fingerprint === undefined ? undefined : bytesOf(question.fingerprint),
      );
    case 'exchange':
      return administration.exchange(
        question.address,
        publicKeyOf(question.key),
        question.details,
        question.olds.map(bytesOf),
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

async function applySent(
  administration: Administration,
  sent: SentList,
): Promise<{ changes: ShownChange[]; told: number }> {
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
  const { changes, told } = await administration.applyList({ lines, ...(prune && { prune }) }, dryRun);
  const shownChanges = changes.map(({ change, address, publicKey, target }) => ({
    change,
    address,
    ...(publicKey && { fingerprint: hex(fingerprintOf(publicKey)) }),
    ...(target !== undefined && { alias: target }),
  }));
  return { changes: shownChanges, told };
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
