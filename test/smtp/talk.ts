/** Whole sessions as text, played in one segment and octet by octet, for the tests of what is thrown at the wire. */
import { Session } from '../../src/smtp/session.js';
import { type SessionLimits, sessionSettings } from '../../src/smtp/settings.js';
import { assert } from '../support/suite.js';
import { converse, octets, type Rule, type Transcript } from './drive.js';

export const hello = 'EHLO client.example\r\n';
export const transaction = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';

export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** One session in one segment and, when it is not too long, octet by octet too: both must say the same. */
export function talk(input: string, rule?: Rule, limits?: Partial<SessionLimits>): Transcript {
  const settings = sessionSettings('mx.example', limits);
  const whole = converse(new Session(settings), [bytes(input)], rule);
  if (input.length < 100_000) {
    const cut = converse(new Session(settings), octets(bytes(input)), rule);
    assert.equal(cut.events, whole.events);
    assert.is(cut.output, whole.output);
  }
  return whole;
}

/** Final reply lines, without those of greeting and EHLO. */
export function repliesOf(transcript: Transcript): string[] {
  return transcript.output.split('\r\n').filter((line) => /^\d{3} (?!mx|ENHANCED)/.test(line));
}

export function codes(transcript: Transcript): string[] {
  return repliesOf(transcript).map((line) => line.slice(0, 3));
}

export function count(transcript: Transcript, type: string): number {
  return transcript.events.filter((event) => event.split(' ')[0] === type).length;
}
