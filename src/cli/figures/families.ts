/** Families: all figures that a server shows, and in which steps. spec/guide/metrics.md shows this table; spec/leaks.md argues it. */

import { replyCodes } from '../log/fields.js';
import { networkCodes } from '../log/log.js';

/** Bounds of the times that a commit takes, in seconds. */
export const syncBounds = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] as const;

interface Counted {
  readonly help: string;
  /** It grows by so much at a time: more than one mail can make, with the usual limits. */
  readonly step: number;
  /** What the figure is told apart by, and the values there are. */
  readonly label?: string;
  readonly values: readonly string[];
}

/** What only grows. */
export const counters = {
  obalka_sessions_total: {
    help: 'Sessions that were begun.',
    step: 64,
    label: 'protocol',
    values: ['smtp', 'lmtp'],
  },
  obalka_replies_total: {
    help: 'Replies to clients, by code; 0 for codes of policies that are no codes of RFC 5321.',
    step: 1024,
    label: 'code',
    values: [...replyCodes.map(String), '0'],
  },
  obalka_refusals_total: {
    help: 'Connections that were refused, slowed down or broken off, by the code of the event in the log.',
    step: 64,
    label: 'reason',
    values: Object.values(networkCodes),
  },
  obalka_content_bytes_total: { help: 'Octets of content that came in.', step: 2 ** 27, values: [''] },
  obalka_cells_total: {
    help: 'Cells that were appended to the journal, fillers among them.',
    step: 8192,
    label: 'stream',
    values: ['channels', 'envelopes', 'blocks'],
  },
  obalka_sync_seconds: {
    help: 'How long commits took on disk. Each counts as the upper bound of its bucket.',
    step: 64,
    label: 'le',
    values: [...syncBounds.map(String), '+Inf'],
  },
} as const satisfies Record<string, Counted>;

export type CounterName = keyof typeof counters;

/** What goes up and down. */
export const gauges = {
  obalka_sessions: 'Sessions there are, with random noise of about 8, rounded up.',
  obalka_commits_waiting: 'Mails that wait for the disk, with random noise of about 8, rounded up.',
  obalka_segments: 'Segments of the journal, rounded up.',
  obalka_disk_free_bytes:
    'Octets that are free for the journal, in steps of a sixty-fourth of the disk, and of 128 MiB at least.',
  obalka_disk_bytes: 'Octets of the disk of the journal.',
  obalka_workers: 'Workers that take mail.',
  obalka_ready: '1 if the server takes mail, 0 if not.',
} as const;

export type GaugeName = keyof typeof gauges;
