/** Lane keys: the open channels of one lane, kept in step with the registry. */
import type { Lane } from '../journal/lane.js';
import { fingerprintOf } from '../seal/keys.js';
import type { ChannelTable, PendingEnvelope } from './channel-table.js';
import type { LiveRegistry } from './live-registry.js';

/** Whoever seals, and must hear of changes in the registry: one lane, or all of them. */
export interface KeysInUse {
  /** Addresses have other keys, or others are addresses. */
  changed(): Promise<void>;
  /** These keys were registered: their channels are opened at once, among decoys, so that it does not show when one first gets mail. */
  opened(publicKeys: readonly Uint8Array[]): Promise<void>;
  /** No address has these keys any more: their chains are wiped. */
  dropped(publicKeys: readonly Uint8Array[]): Promise<void>;
}

/** Channels of a list's new keys are opened in groups, so that mail gets its turn in between. */
const channelsAtOnce = 32;

export function laneKeys(
  recipients: LiveRegistry,
  channels: ChannelTable,
  lane: Lane<PendingEnvelope>,
): KeysInUse {
  return {
    async changed() {
      recipients.changed();
    },
    async opened(publicKeys) {
      recipients.changed();
      const keys = publicKeys.map((publicKey) => ({ publicKey, fingerprint: fingerprintOf(publicKey) }));
      for (const { fingerprint } of keys) channels.admit(fingerprint);
      for (let at = 0; at < keys.length; at += channelsAtOnce)
        await lane.commitChannels(
          keys.slice(at, at + channelsAtOnce).map((key) => ({ key, plaintext: new Uint8Array(0) })),
        );
    },
    async dropped(publicKeys) {
      recipients.changed();
      for (const publicKey of publicKeys) channels.revoke(fingerprintOf(publicKey));
    },
  };
}
