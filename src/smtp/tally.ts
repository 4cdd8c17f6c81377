/** Tally: what one client did so far, counted against the limits of a session. */
import { type Reply, replies } from './replies.js';
import type { SessionLimits } from './settings.js';
import type { Step } from './states.js';

/** Each counting method gives the last reply of the session once there is too much. */
export class Tally {
  readonly #limits: SessionLimits;
  #faults = 0;
  #refusedRecipients = 0;
  #mails = 0;
  /** Commands that moved no mail, since the last accepted one. */
  #talk = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Faulty, unknown or misplaced commands. */
  get faults(): number {
    return this.#faults;
  }

  /** Recipients that were refused for good. */
  get refusedRecipients(): number {
    return this.#refusedRecipients;
  }

  fault(): Reply | undefined {
    this.#faults += 1;
    return this.#faults >= this.#limits.errors ? replies.tooManyErrors : undefined;
  }

  refusedRecipient(): Reply | undefined {
    this.#refusedRecipients += 1;
    return this.#refusedRecipients >= this.#limits.refusedRecipients ? replies.tooManyErrors : undefined;
  }

  /** A command that stands where it may. */
  command(step: Step): Reply | undefined {
    if (step === 'hello' || step === 'talk' || step === 'reset') return this.talk();
    if (step !== 'mail') return undefined;
    this.#mails += 1;
    return this.#mails > this.#limits.mails ? replies.tooManyMails : undefined;
  }

  /** A command, or a chunk, that moves no mail. */
  talk(): Reply | undefined {
    this.#talk += 1;
    return this.#talk > this.#limits.talk ? replies.tooMuchTalk : undefined;
  }

  /** A mail was accepted. */
  moved(): void {
    this.#talk = 0;
  }
}
