/**
 * Makes what test/fixtures/journal-0.1 keeps: a data directory, keys, and what a reader has, by the commands of the program.
 *
 *   npm run build && node dist/tools/first-release/make.js FOLDER [SEED]
 *
 * It was run once, with version 0.1.0. Running it again with a later version makes another fixture: for that version.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [folder = '', seed = '1'] = process.argv.slice(2);
if (folder === '') throw new Error('name the folder to make');
mkdirSync(folder);
const program = resolve(import.meta.dirname, '../../src/cli/obalka.js');
let step = 0;

function obalka(words: string, input = ''): string {
  step++;
  const ended = spawnSync(process.execPath, [program, ...words.split(' ')], {
    cwd: folder,
    input,
    env: {
      PATH: process.env.PATH,
      HOME: resolve(folder),
      NODE_OPTIONS: `--import=${new URL('seeded.js', import.meta.url)}`,
      SEED: `${seed} ${step}`,
      // Minute by minute, in a week that is long over.
      CLOCK: new Date(Date.UTC(2026, 10, 21, 12, step)).toISOString(),
      OBALKA_DATA: 'data',
      OBALKA_IDENTITY: 'ann',
      OBALKA_CACHE: 'reader/cache',
      OBALKA_PINS: 'reader/pins',
    },
  });
  if (ended.status !== 0) throw new Error(`obalka ${words}: ${ended.stdout}${ended.stderr}`);
  return ended.stdout.toString();
}

interface Kept {
  readonly subject: string;
  readonly to: readonly string[];
  readonly sha256: string;
}

/** One session of LMTP; BDAT needs no turn of its own. */
function send(
  ...mails: readonly (readonly [subject: string, to: readonly string[], octets: number])[]
): Kept[] {
  const kept: Kept[] = [];
  const lines = ['LHLO example.net'];
  for (const [subject, to, octets] of mails) {
    const header = `From: Eve <eve@example.net>\r\nTo: ${to.join(', ')}\r\nSubject: ${subject}\r\n\r\n`;
    const content = `${header}${'x'.repeat(octets)}\r\n`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    kept.push({ subject, to, sha256 });
    lines.push('MAIL FROM:<eve@example.net>', ...to.map((one) => `RCPT TO:<${one}>`));
    lines.push(`BDAT ${content.length} LAST\r\n${content.slice(0, -2)}`);
  }
  const said = obalka('serve --stdio lmtp --hostname mx.example.org', `${lines.join('\r\n')}\r\nQUIT\r\n`);
  const answers = said.match(/^250 2\.0\.0 /gm)?.length ?? 0;
  const wanted = mails.reduce((sum, [, to]) => sum + to.length, 0);
  if (answers !== wanted) throw new Error(`${answers} in place of ${wanted}: ${said}`);
  return kept;
}

const idOf = (subject: string) =>
  obalka('list --json')
    .split('\n')
    .map((line) => line.includes(`"${subject}"`) && (JSON.parse(line) as { id: string }).id)
    .find(Boolean) as string;

const [ann, bob] = ['ann@example.org', 'bob@example.org'];
obalka('key new ann');
obalka('key new bob');
obalka('init');
obalka(`register ${ann} --key ann.pub --label laptop`);
obalka(`register ${bob} --key bob.pub`);
obalka(`alias team@example.org ${ann} ${bob}`);
const first = send(
  ['first', [ann], 20],
  ['to both', [ann, bob], 40_000],
  ['to the team', ['team@example.org'], 5],
  ['erased', [ann], 5],
  ['to be erased', [ann], 5],
);
obalka('list');
obalka(`mark ${idOf('first')} --read`);
obalka('mark --export reader/marks');
obalka('watch --once --all --state reader/watch');
obalka(`erase ${idOf('erased')}`);
obalka(`erase ${idOf('to be erased')} --order-to reader/order`);
const { id: pinned } = { id: idOf('first') };
obalka(`key rotate ${ann}`);
const second = send(['after the rotation', [ann], 5]);
obalka('list');
const mails = [...first, ...second].filter(({ subject }) => subject !== 'erased');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
const expected = { version, read: pinned, mails };
writeFileSync(join(folder, 'expected'), `${JSON.stringify(expected, undefined, 1)}\n`);
// Nothing is in them.
for (const name of ['data/lock', 'data/registry.sqlite-journal', 'reader/pins.lock', 'reader/watch.lock'])
  rmSync(join(folder, name), { force: true });
