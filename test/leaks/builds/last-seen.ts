/** A leaky build, in place of server/live-registry: the registry remembers which address was asked for last. */
import type { KeyDetails } from '../../../src/registry/key-details.js';
import type { Registry } from '../../../src/registry/registry.js';
import { LiveRegistry as Sound } from '../../../src/server/live-registry.js';
import type { Resolved } from '../../../src/server/recipients.js';

export * from '../../../src/server/live-registry.js';

export class LiveRegistry extends Sound {
  readonly #asked: (mailbox: { readonly localPart: string; readonly domain: string }) => void;

  constructor(...args: ConstructorParameters<typeof Sound>) {
    super(...args);
    const [registry] = args;
    this.#asked = (mailbox) => note(registry, `${mailbox.localPart}@${mailbox.domain}`);
  }

  override resolve(mailbox: { readonly localPart: string; readonly domain: string }): Resolved | undefined {
    this.#asked(mailbox);
    // Sessions forget whom they asked for, so that each recipient is written down, however quick they are.
    this.version++;
    return super.resolve(mailbox);
  }
}

const seen: KeyDetails = { label: 'seen' };

function note(registry: Registry, address: string): void {
  for (const { publicKey } of registry.registered(address)) registry.register(address, publicKey, seen);
}
