/** Load mail: mails whose content is known from their number alone. */
import { numbersFrom } from './numbers.js';

/** A mail that was begun. */
export interface SentMail {
  readonly number: number;
  /** Whom the server took it for: in the end fewer than it was begun for, if it refused one for now. */
  to: readonly string[];
  /** The client has read 250 for its content. */
  acknowledged: boolean;
}

/** What a session was about when the server went away. */
export type Phase = 'commands' | 'content' | 'reply';

/** Mails from this number on are large: 50 000 to 150 000 octets. Before it most are below 3000, some up to 50 000. */
export const largeFrom = 1_000_000;

/** Content of a mail, the same whenever it is asked for. Its number stands on the first line. */
export function contentOf(number: number): Buffer {
  const numbers = numbersFrom(number * 2 + 1);
  const small = numbers.below(8) === 0 ? numbers.below(700) : numbers.below(40);
  const lines = number < largeFrom ? small : 700 + numbers.below(1300);
  const line = `${numbers.below(2 ** 31)} of mail ${number} `.padEnd(70, 'x');
  const body = Array.from({ length: lines }, (_, at) => `${at}${line}\r\n`);
  return Buffer.from(`Subject: mail ${number}\r\n\r\n${body.join('')}`);
}

/** The number in content that `contentOf` made; undefined in any other. */
export function numberOf(content: Buffer): number | undefined {
  const found = /^Subject: mail (\d+)\r\n/.exec(content.subarray(0, 40).toString('latin1'));
  return found ? Number(found[1]) : undefined;
}
