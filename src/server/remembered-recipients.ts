/** Remembered recipients: what one session asked for within this second, so that it need not be looked up again. */
import type { Mailbox } from '../smtp/address.js';
import type { Recipients, Resolved } from './recipients.js';

/** Of each session; the others are looked up each time. */
const maxRemembered = 32;

/**
 * Of one session and never for others: how fast a reply comes would tell a client who else gets mail. Within its second
 * only, as keys have dates, and as long as nothing is registered or revoked.
 */
export class RememberedRecipients {
  readonly #known = new Map<string, Resolved>();
  #second = 0;
  #version = -1;

  constructor(
    private readonly recipients: Recipients,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
  ) {}

  resolve(mailbox: Mailbox): Resolved | undefined {
    this.#forgetOld();
    const known = this.#known.get(mailbox.text);
    if (known) return known;
    const resolved = this.recipients.resolve(mailbox);
    if (resolved && this.#known.size < maxRemembered) this.#known.set(mailbox.text, resolved);
    return resolved;
  }

  #forgetOld(): void {
    const second = Math.floor(this.now() / 1000);
    const { version } = this.recipients;
    if (second === this.#second && version === this.#version) return;
    this.#second = second;
    this.#version = version;
    this.#known.clear();
  }
}
