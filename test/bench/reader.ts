/**
 * How fast the reader is on a large journal, and how much memory it takes, beside other programs that open sealed mail.
 *
 *   npm run bench:reader -- [--quick] [--rounds N] [--keep FOLDER] [--rows FILE]
 *
 * 1 000 000 envelope cells for 50 keys, 100 000 of them mine with real blocks, 10 000 channel cells in 200 segments; and
 * 1 GiB of mails of 4 MiB. A tenth of all with --quick. Every time is that of a whole command, with its start. Each
 * command runs on one processor, where taskset is there. --rows: the cells of the table as JSON too.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { arch, cpus, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../../src/cli/random.js';
import { encodeIdentity, identityOf } from '../../src/seal/keys.js';
import { makeLargeJournal } from './large-journal.js';
import { makeLargeMails } from './large-mails.js';
import { type Measured, measure, middle } from './measured.js';
import { ageFile, isThere, openAgeFile, openPgpRate } from './reader-peers.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    keep: { type: 'string' },
    open: { type: 'boolean', default: false },
    rows: { type: 'string' },
  },
});
if (values.open) {
  const [key = '', sealed = '', out = ''] = positionals;
  await openAgeFile(key, sealed, out);
  process.exit();
}

const rounds = Number(values.rounds);
const scale = values.quick ? 0.1 : 1;
const mine = 100_000 * scale;
const large = 2 ** 30 * scale;
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'obalka-reader-')));
const program = resolve(import.meta.dirname, '../../packed/obalka.js');
const identity = identityOf(random(32));
const paths = {
  identity: join(folder, 'identity'),
  journal: join(folder, 'journal'),
  large: join(folder, 'large'),
  cache: join(folder, 'cache'),
  out: join(folder, 'out'),
};
const environment = {
  OBALKA_IDENTITY: paths.identity,
  OBALKA_CACHE: paths.cache,
  OBALKA_PINS: join(folder, 'pins'),
};
const onOne = isThere('taskset', '--version') ? ['taskset', '-c', '1'] : [];
const rows: string[][] = [];

const tell = (words: string) => console.error(words);
const run = (...words: string[]) => measure([...onOne, process.execPath, program, ...words], environment);
const list = (...words: string[]) => run('list', '--data', paths.journal, ...words);
const clear = (path: string) => rmSync(path, { recursive: true, force: true });

/** Several times, each after `before`; the row shows the middle one. */
async function row(
  name: string,
  goal: string,
  once: () => Promise<Measured>,
  before: () => void = () => undefined,
  figure = ({ seconds }: Measured) => `${seconds.toFixed(2)} s`,
): Promise<Measured | undefined> {
  const runs: Measured[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      before();
      runs.push(await once());
    }
  } catch (error) {
    const words = (error as Error).message;
    if (!/unknown command/.test(words)) throw error;
    rows.push([name, 'not there', goal, '', '']);
    return undefined;
  }
  const one = middle(runs);
  const peak = Math.max(...runs.map(({ mebibytes }) => mebibytes));
  rows.push([name, figure(one), goal, `${one.processor.toFixed(2)} s`, `${peak} MiB`]);
  tell(`${name}: ${figure(one)}`);
  return one;
}

try {
  mkdirSync(folder, { recursive: true });
  await writeFile(paths.identity, `${encodeIdentity(identity.seed)}\n`, { mode: 0o600 });
  const begun = performance.now();
  const last = await makeLargeJournal({
    folder: paths.journal,
    identity,
    segments: 200 * scale,
    channels: 10_000 * scale,
    envelopes: 1_000_000 * scale,
    mine,
    random,
  });
  await makeLargeMails(paths.large, identity, large);
  tell(`made in ${((performance.now() - begun) / 1000).toFixed(0)} s`);

  await row(
    'first `list --limit 50`',
    '≤ 5 s',
    () => list('--limit', '50'),
    () => clear(paths.cache),
  );
  await row('`list --limit 50` later', '≤ 0.25 s', () => list('--limit', '50'));
  for (const more of [1000, 10_000].map((count) => count * scale)) {
    await last.grow(10 * more, more);
    // Once: the second time they are not new any more.
    const one = await list('--limit', '50');
    rows.push([
      `\`list --limit 50\`, ${more} new`,
      `${one.seconds.toFixed(2)} s`,
      `≤ ${(0.25 + (5 * more) / 1e6).toFixed(2)} s`,
      `${one.processor.toFixed(2)} s`,
      `${one.mebibytes} MiB`,
    ]);
    tell(`${more} new: ${one.seconds.toFixed(2)} s`);
  }
  last.close();
  const all = mine + 11_000 * scale;
  await row(`\`list --json\`, all ${all}`, `≤ ${(1.5 * scale).toFixed(2)} s`, () => list('--json'));
  const listing = await list('--limit', '1');
  const rate = (one: Measured) =>
    `${Math.round(all / Math.max(0.01, one.seconds - listing.seconds))} mails/s`;
  const search = (...words: string[]) => run('search', '--data', paths.journal, ...words);
  const indexed = await search('rare17').catch(() => undefined);
  rows.push(
    indexed
      ? [
          '`search`, the first: indexing',
          rate(indexed),
          '≥ 2000 mails/s',
          `${indexed.processor.toFixed(2)} s`,
          `${indexed.mebibytes} MiB`,
        ]
      : ['`search`', 'not there', '', '', ''],
  );
  if (indexed) {
    tell(`indexing: ${rate(indexed)}`);
    await row('`search` of a rare word', '≤ 0.3 s', () => search('rare17'));
    await row('`search` of a word in half of all, `--limit 50`', '≤ 0.3 s', () =>
      search('w1', '--limit', '50'),
    );
  }
  await row(
    'small mails, `export --format mbox --to -`',
    '',
    () => run('export', '--data', paths.journal, '--format', 'mbox', '--to', '-'),
    undefined,
    rate,
  );

  const speed = ({ seconds }: Measured) => `${(large / 2 ** 20 / seconds).toFixed(0)} MiB/s`;
  const size = `${(large / 2 ** 30).toFixed(1)} GiB`;
  const { name, words } = await ageFile(folder, large);
  const peer = await row(
    `${name}, ${size} to a file`,
    '',
    () => measure([...onOne, ...words]),
    undefined,
    speed,
  );
  const goal = peer ? `≥ ${(large / 2 ** 20 / peer.seconds / 2).toFixed(0)} MiB/s` : '';
  await row(
    `\`export --format eml\` to a folder, ${size}`,
    goal,
    () => run('export', '--data', paths.large, '--format', 'eml', '--to', `${paths.out}/`),
    () => {
      clear(paths.out);
      mkdirSync(paths.out);
    },
    speed,
  );
  const pgp = await openPgpRate(10_000 * scale);
  rows.push([
    'openpgp.js, small mails decrypted',
    pgp ? `${pgp.toFixed(0)} mails/s` : 'not there',
    '',
    '',
    '',
  ]);
  const hasDovecot = isThere('doveadm', '--version');
  rows.push(['doveadm with mail_crypt', hasDovecot ? 'not measured' : 'not there', '', '', '']);

  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  console.log(
    `${cpus()[0]?.model ?? '?'}, ${arch()} ${release()}, node ${process.version}, ${rounds} rounds, medians\n`,
  );
  console.log(line(['what', 'figure', 'goal', 'processor', 'memory at most']));
  console.log(line(['---', '---:', '---:', '---:', '---:']));
  for (const cells of rows) console.log(line(cells));
  if (values.rows) writeFileSync(values.rows, JSON.stringify(rows));
} finally {
  if (!values.keep) clear(folder);
}
