/** Goals for speed, each beside what was measured. */
import type { Started } from './growth/journal.js';
import { obalka, obalkaWorkers } from './peers/obalka.js';
import { postfixDovecot } from './peers/postfix-dovecot.js';
import { smtpServer } from './peers/smtp-server.js';
import { smtpSink } from './peers/smtp-sink.js';
import type { Results } from './results.js';
import { markdown } from './table.js';

/** A row of the reader's bench: what, figure, goal, processor, memory. */
export type ReaderRow = readonly string[];

export interface Measurements {
  readonly results: Pick<Results, 'median' | 'ratio'>;
  readonly started: readonly Started[];
  readonly reader: readonly ReaderRow[];
}

/** One thing asked for: what it was, and whether that is enough; undefined if it was not measured. */
interface Part {
  readonly words: string;
  readonly met: boolean | undefined;
}

const one = obalka.name;
const all = obalkaWorkers.name;

/** A figure and what it should at least, or at most, be. */
function part(
  name: string,
  value: number | undefined,
  bound: '≥' | '≤',
  goal: number,
  digits = 2,
  unit = '',
): Part {
  if (value === undefined) return { words: `${name} not measured`.trim(), met: undefined };
  // What is printed is what is judged.
  const printed = Number(value.toFixed(digits));
  return {
    words: `${name} ${value.toFixed(digits)}${unit}`.trim(),
    met: bound === '≥' ? printed >= goal : printed <= goal,
  };
}

/** As `part`, but for the reader not to take for a goal. */
const beside = (name: string, value: number | undefined, digits = 2, unit = ''): Part => ({
  words: value === undefined ? '' : `(${name} ${value.toFixed(digits)}${unit})`,
  met: true,
});

function readerParts(rows: readonly ReaderRow[], wanted: RegExp): Part[] {
  const found = rows.filter(([what = '', , goal = '']) => wanted.test(what) && goal !== '');
  if (found.length === 0) return [{ words: 'npm run bench:reader, or --reader', met: undefined }];
  return found.map(([what = '', figure = '', goal = '']) => {
    const bound = /^([≤≥]) ([\d.]+)/.exec(goal);
    const value = Number.parseFloat(figure);
    const met = bound?.[1] === '≥' ? value >= Number(bound[2]) : value <= Number(bound?.[2]);
    return { words: `${what}: ${figure} (${goal})`, met };
  });
}

/** What a goal is a multiple of, with its name. */
const besideRows = (rows: readonly ReaderRow[], wanted: RegExp): Part[] =>
  rows.flatMap(([what = '', figure = '']) =>
    wanted.test(what) ? [{ words: `(${what}: ${figure})`, met: true }] : [],
  );

/** Number, what, goal, and its parts. */
function goals({ results, started, reader }: Measurements): [string, string, string, Part[]][] {
  const ratio = (name: string, yardstick: string, column: string) => results.ratio(name, yardstick, column);
  const grown = (name: string) => results.median(name, 'RSS growth');
  const more = (name: string) => {
    const [giant, large] = [grown(name), results.median(name, 'growth, large')];
    return giant === undefined || large === undefined ? undefined : giant - large;
  };
  const [first, last] = [started[0], started.at(-1)];
  const fresh = 'new msg/s';
  const kept = 'kept msg/s';
  return [
    [
      '1',
      'small mail, new sessions, all cores',
      '≥ 0.5 × smtp-sink; ≥ 15 × Postfix + Dovecot mail_crypt delivered',
      [
        part('× smtp-sink', ratio(all, smtpSink.name, fresh), '≥', 0.5),
        part('× Postfix + Dovecot', ratio(all, postfixDovecot.name, fresh), '≥', 15, 1),
      ],
    ],
    [
      '2',
      'small mail, kept sessions',
      'all cores ≥ 1.2 × smtp-server that throws the mail away; one process ≥ 0.75 ×',
      [
        part('all cores ×', ratio(all, smtpServer.name, kept), '≥', 1.2),
        part('one process ×', ratio(one, smtpServer.name, kept), '≥', 0.75),
      ],
    ],
    [
      '3',
      'large mail (64 MiB, 2 sessions)',
      '≥ 1.0 × smtp-server that throws the mail away',
      [
        part('all cores ×', ratio(all, smtpServer.name, 'large MB/s'), '≥', 1),
        beside('one process ×', ratio(one, smtpServer.name, 'large MB/s')),
      ],
    ],
    [
      '4',
      'one 1 GiB mail',
      'memory grows ≤ 24 MiB, and not more than for a 64 MiB mail',
      [one, all].flatMap((name) => [
        part(`${name}:`, grown(name), '≤', 24, 0, ' MiB'),
        part('more than for 64 MiB by', more(name), '≤', 1, 0, ' MiB'),
      ]),
    ],
    [
      '5',
      '10 recipients on one mail',
      '≤ 1.3 × the cost of one recipient',
      [one, all].flatMap((name) => [
        part(`${name}: processor ×`, results.median(name, 'CPU × for 10'), '≤', 1.3),
        beside('time ×', results.median(name, 'time × for 10')),
      ]),
    ],
    ['6', 'list a mailbox of 100 000 among 1 000 000', 'each as it says', readerParts(reader, /`list/)],
    [
      '7',
      'export 1 GiB of mail',
      '≥ 0.5 × age -d',
      [...readerParts(reader, /`export --format eml`/), ...besideRows(reader, /^age/)],
    ],
    [
      '8',
      'start-up with a 100 GiB journal',
      '≤ 1 s; memory does not grow with it',
      [
        part('', last?.gibibytes === 100 ? last.seconds : undefined, '≤', 1, 2, ' s'),
        part('memory × that with 1 GiB', last && first && last.mebibytes / first.mebibytes, '≤', 1.1),
      ],
    ],
    [
      '9',
      'processor time for 1000 small mails',
      '≤ 0.3 s',
      [one, all].map((name) => part(`${name}:`, results.median(name, 'CPU s per 1000'), '≤', 0.3, 2, ' s')),
    ],
  ];
}

/** Whether all of it is enough; of what was not measured, nothing is said. */
function verdict(parts: readonly Part[]): string {
  if (parts.some(({ met }) => met === false)) return 'no';
  return parts.some(({ met }) => met === undefined) ? 'not measured' : 'yes';
}

/** Goal, measured, met? */
export function goalsTable(measurements: Measurements): string {
  const rows = goals(measurements).map(([number, what, goal, parts]) => {
    const words = parts.map((one) => one.words).filter((text) => text !== '');
    return [number, what, goal, words.join('; '), verdict(parts)];
  });
  return markdown(['#', 'what', 'goal', 'measured', 'met?'], rows, true);
}
