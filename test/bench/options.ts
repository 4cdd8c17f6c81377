/** What the command line of the bench says. */
import { parseArgs } from 'node:util';
import { type Load, ownLoad, smtpSourceLoad } from './load.js';
import { fullScale, quickScale, type Scale, type Scenario } from './scenario.js';
import { scenarios } from './scenarios.js';

export const help = `npm run bench -- [options]

Loads obalka and other receivers of mail in turn with the same generator, and prints
one table of medians, how they grow, and the goals. Half an hour, or a quarter
with --rounds 3; Linux.

  --rounds N         rounds, 5 if not said
  --seconds N        of each turn of small mail, 2 if not said
  --quick            2 rounds of short turns with smaller mails
  --only WORD,...    of: ${Object.keys(scenarios).join(', ')}, growth
  --growth           the same as --only growth
  --receivers NAME,...  those whose names begin so
  --peers DIR        where openpgp and Haraka are installed
  --install DIR      install them there, and end
  --generator NAME   smtp-source (if installed, the default) or own
  --reader           measure the reader too (npm run bench:reader; ten minutes more)
  --write            write spec/measurements, and the section of README.md
  --help
`;

export interface Options {
  readonly help: boolean;
  readonly install: string | undefined;
  readonly rounds: number;
  readonly scale: Scale;
  readonly chosen: readonly (readonly [word: string, scenario: Scenario])[];
  readonly growth: boolean;
  readonly receivers: readonly string[];
  readonly peers: string | undefined;
  readonly generator: string;
  readonly load: Load;
  readonly reader: boolean;
  readonly quick: boolean;
  readonly write: boolean;
}

const list = (words: string) => words.split(',').filter((word) => word !== '');

/** A positive number of words. Throws with the option's name. */
export function positive(name: string, words: string): number {
  const value = Number(words);
  if (!(value > 0)) throw new Error(`--${name} wants a number above 0`);
  return value;
}

function chooseLoad(name: string | undefined): [string, Load] {
  const source = smtpSourceLoad();
  const chosen = name ?? (source ? 'smtp-source' : 'own');
  if (chosen === 'own') return ['own', ownLoad];
  if (chosen !== 'smtp-source' || !source)
    throw new Error(`no generator ${chosen} here; there are own and, with Debian's postfix, smtp-source`);
  return ['smtp-source', source];
}

/** Throws for what it does not know, with what there is. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      install: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      growth: { type: 'boolean', default: false },
      receivers: { type: 'string', default: '' },
      peers: { type: 'string' },
      generator: { type: 'string' },
      reader: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const all = [...Object.keys(scenarios), 'growth'];
  const words = values.growth ? ['growth'] : values.only === undefined ? all : list(values.only);
  if (values.write && (words.length < all.length || values.receivers !== '' || values.quick))
    throw new Error(
      '--write wants all loads and all receivers: leave --only, --growth, --receivers and --quick out',
    );
  const chosen = words.flatMap((word) => {
    if (word === 'growth') return [];
    const scenario = scenarios[word];
    if (!scenario)
      throw new Error(`--only knows ${Object.keys(scenarios).join(', ')} and growth; not ${word}`);
    return [[word, scenario] as const];
  });
  const scale = values.quick ? quickScale : fullScale;
  const seconds = values.seconds === undefined ? scale.seconds : positive('seconds', values.seconds);
  const [generator, load] = chooseLoad(values.generator);
  return {
    help: values.help,
    install: values.install,
    rounds: Math.ceil(positive('rounds', values.rounds ?? (values.quick ? '2' : '5'))),
    scale: { ...scale, seconds },
    chosen,
    growth: words.includes('growth'),
    receivers: list(values.receivers),
    peers: values.peers,
    generator,
    load,
    reader: values.reader,
    quick: values.quick,
    write: values.write,
  };
}
