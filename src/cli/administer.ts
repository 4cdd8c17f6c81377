/** Administration from the command line: through the running server where there is one, else under the lock. */

import { hostname } from 'node:os';
import { hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import type { ErasureOrder } from '../format/erasure.js';
import { createJournal } from '../journal/create-journal.js';
import { nodeDisk } from '../journal/disk.js';
import { type ErasureResult, eraseEnvelopes } from '../journal/erasing.js';
import { dropSegments, findOld, finishDropping, type Old } from '../journal/retention.js';
import { askControl } from '../net/control.js';
import { parseOrder } from '../reader/erasing.js';
import type { KeyDetails } from '../registry/key-details.js';
import type { Registry } from '../registry/registry.js';
import { nodeAead } from '../seal/aead.js';
import { isPublicKey } from '../seal/keys.js';
import { type Administration, administration } from '../server/live-registry.js';
import { noticeOfChange } from '../server/notice.js';
import { type NoticeWriter, noticeWriter } from '../server/notice-writer.js';
import { isFarAhead, oldBefore } from '../server/retention.js';
import { takeLock } from '../sqlite/process-lock.js';
import { type DataDirectory, mustBeInitialised, openDataRegistry } from './data-directory.js';
import { openLane } from './open-lane.js';
import { isHostname } from './options.js';
import { say } from './output.js';
import { random } from './random.js';

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

/** A registered key as an answer shows it. */
export interface ShownKey {
  readonly fingerprint: string;
  readonly label: string;
  readonly from?: number;
  readonly until?: number;
  readonly registeredAt: number;
}

/** Has a question answered by whoever owns the data directory now. */
export async function administer(data: DataDirectory, question: Question): Promise<unknown> {
  await mustBeInitialised(data);
  const lock = takeLock(data.lock);
  if (!lock) return askControl(data.control, question);
  try {
    const registry = await openDataRegistry(data);
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
      const { lane } = await openLane(data, registry, (event) => say(`obalka: ${event}`));
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
  const known = ['erase', 'register', 'registered', 'retain', 'revoke'];
  if (
    typeof question !== 'object' ||
    question === null ||
    !('command' in question) ||
    !known.includes(String(question.command))
  )
    throw new Problem(
      'usage',
      'the running server does not know this command; restart it with this version of obalka',
    );
  return answer(powers, question as Question);
}

async function answer({ administration, erase, retain }: Powers, question: Question): Promise<unknown> {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
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
      if (!isPublicKey(bytes(question.key)))
        throw new Problem('usage', 'these octets are no public key: mail cannot be sealed to them');
      return administration.register(question.address, bytes(question.key), question.details);
    case 'revoke':
      return administration.revoke(
        question.address,
        question.fingerprint === undefined ? undefined : bytes(question.fingerprint),
      );
    case 'registered':
      return (await administration.registered(question.address)).map(
        ({ fingerprint, label, from, until, registeredAt }): ShownKey => ({
          fingerprint: Buffer.from(fingerprint).toString('hex'),
          label,
          ...(from !== undefined && { from }),
          ...(until !== undefined && { until }),
          registeredAt,
        }),
      );
  }
}
