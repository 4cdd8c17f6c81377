/** Log: the one way by which a running server says something on standard error. */
import { fstatSync } from 'node:fs';
import type { Cause } from '../../core/cause.js';
import type { NetworkEvent } from '../../net/limits.js';
import { say } from '../terminal/output.js';
import { type EventCode, events, type Level } from './events.js';
import { type Fields, shownFields } from './fields.js';

export type Log = (code: EventCode, fields?: Fields) => void;

/** What the mail service has trouble with: a fault of the disk, or blocks that went with their segment. */
export type Trouble = Cause | 'lost-blocks';

/** RFC 5424, 6.2.1; systemd reads it before a line (sd-daemon(3)). */
const severities: Readonly<Record<Level, number>> = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 };

/** The line of an event, without what may stand before it; nothing for what is no event. */
export function lineOf(code: EventCode, fields: Fields = {}): string {
  const entry = Object.hasOwn(events, code) ? events[code] : undefined;
  return entry ? `obalka: ${code}: ${entry.words}${shownFields(fields)}` : '';
}

/** Says lines on standard error; those of sessions and mails only with `debug`. */
export function logTo({ debug = false, isJournal = goesToJournal(process.env) } = {}): Log {
  return (code, fields) => {
    const line = lineOf(code, fields);
    if (line === '') return;
    const { level } = events[code];
    if (level === 'debug' && !debug) return;
    say(isJournal ? `<${severities[level]}>${line}` : line);
  };
}

/** Whether standard error is what systemd says that it made for it (systemd.exec(5), JOURNAL_STREAM). */
function goesToJournal({ JOURNAL_STREAM = '' }: NodeJS.ProcessEnv): boolean {
  if (JOURNAL_STREAM === '') return false;
  const { dev, ino } = fstatSync(2);
  return JOURNAL_STREAM === `${dev}:${ino}`;
}

/** The code in the log of what happens on the network. */
export const networkCodes: Readonly<Record<NetworkEvent, EventCode>> = {
  'accept failed': 'accept-failed',
  'application failed': 'application-failed',
  'connection broken': 'connection-broken',
  'connection capped': 'connection-capped',
  'connection timed out': 'connection-timed-out',
  'connection too slow': 'connection-too-slow',
  'early talker refused': 'early-talker-refused',
  'guessing slowed down': 'guessing-slowed-down',
  'handshake failed': 'handshake-failed',
  'handshakes capped': 'handshakes-capped',
  'proxy header refused': 'proxy-header-refused',
};

function isNetworkEvent(what: NetworkEvent | Trouble): what is NetworkEvent {
  return Object.hasOwn(networkCodes, what);
}

/** The event that a fault, or something on the network, is in the log. */
export function eventOf(what: NetworkEvent | Trouble): { readonly code: EventCode; readonly fields: Fields } {
  if (isNetworkEvent(what)) return { code: networkCodes[what], fields: {} };
  if (what === 'ENOSPC' || what === 'EDQUOT') return { code: 'disk-full', fields: { cause: what } };
  if (what === 'lost-blocks') return { code: 'blocks-lost', fields: {} };
  return { code: what === 'other' ? 'mail-failed' : 'disk-failed', fields: { cause: what } };
}
