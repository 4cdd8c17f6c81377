/** Target: where an export puts mails, one after the other. */
import type { SegmentIndex } from '../../reader/blocks.js';
import type { Mail } from '../../reader/mail.js';

export interface Target {
  /** Whether the mail was put there before, by this or an earlier export. */
  has(mail: Mail): boolean | Promise<boolean>;
  /**
   * Puts it there, and gives the path if it has one of its own. It may not be durable before `end`. Throws FormatError
   * if the mail is damaged: then nothing of it is left there.
   */
  add(mail: Mail, index: SegmentIndex): Promise<string | undefined>;
  /** Makes all of it durable. */
  end(): Promise<void>;
  /** After a failure: leaves what can be gone on with. */
  giveUp(): Promise<void>;
}
