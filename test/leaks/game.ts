/**
 * The leak game: two worlds begin with copies of one data directory, take in the same number of mails of the same numbers
 * of blocks, one at a time, over SMTP into the real program, and differ in everything else. Whatever differs afterwards,
 * or at any moment between, tells something.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { askControl } from '../../src/net/control.js';
import { type Identity, identityOf, parseIdentities } from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import { disguises, Search } from '../support/disguises.js';
import { Installation } from '../support/installation.js';
import { entriesBelow } from '../support/live-folder.js';
import type { Server } from '../support/server.js';
import { Wire } from '../support/wire.js';
import { sessionWithEach } from '../support/worker-processes.js';
import { type Replacements, serveAltered } from './altered-program.js';
import { type GamePlan, type Letter, lettersPerGame, planGame, planPeople, type World } from './game-plan.js';
import { type Contents, contents, differences, type Look, Observer } from './trees.js';

/** A moment, and what showed then. */
interface Seen {
  readonly moment: string;
  readonly look: Look;
}

export interface PlayedWorld extends Contents {
  readonly seen: readonly Seen[];
  readonly printed: string;
  /** Words of this world that stand somewhere, as "where: what". */
  readonly found: readonly string[];
}

export interface PlayedGame {
  readonly plan: GamePlan;
  readonly worlds: readonly [PlayedWorld, PlayedWorld];
  /** All that tells one world from the other; begins with the moment and the file. */
  readonly tells: readonly string[];
  /** Those who were registered in the beginning. */
  readonly identities: readonly Identity[];
}

/** Some people and their registry: what several games begin with. */
export interface Beginning {
  readonly people: readonly string[];
  readonly identities: readonly Identity[];
  readonly made: Installation;
}

export async function begin(seed: string): Promise<Beginning> {
  const people = planPeople(seed);
  const made = await Installation.with(...people);
  const identities = people.flatMap((person) => {
    const file = made.identity(person.replace(/@.*/, ''));
    return parseIdentities(readFileSync(file, 'utf8'), file);
  });
  return { people, identities, made };
}

/**
 * Plays one game; `replacements` make the program leak. With several workers each letter goes to the next of them, over a
 * session that stays.
 */
export async function playGame(
  seed: string,
  { people, identities, made }: Beginning,
  replacements: Replacements = {},
  letters = lettersPerGame,
  workers = 1,
): Promise<PlayedGame> {
  const plan = planGame(seed, people, letters, workers);
  const folders = await Promise.all([Installation.empty(), Installation.empty()]);
  try {
    const [first, second] = await Promise.all(
      folders.map((one, at) => {
        execFileSync('cp', ['-a', made.data, one.data]);
        return playWorld(one, plan, plan.worlds[at] as World, replacements, workers);
      }),
    );
    const worlds = [first as PlayedWorld, second as PlayedWorld] as const;
    return { plan, worlds, tells: tellsOf(plan, ...worlds), identities };
  } finally {
    await Promise.all(folders.map((one) => one.end()));
  }
}

async function playWorld(
  made: Installation,
  plan: GamePlan,
  world: World,
  replacements: Replacements,
  workers: number,
): Promise<PlayedWorld> {
  const observer = new Observer(made.data);
  const seen: Seen[] = [];
  const look = (moment: string, seenThen = observer.look()) => {
    seen.push({ moment, look: new Map([...seenThen, ...beside(made)]) });
  };
  const servers: Server[] = [];
  /** With several workers: a session with each. */
  let kept: Wire[] = [];
  const start = async () => {
    const always = { 'cli/random.js': 'seeded-random', 'core/week.js': 'one-week' };
    const seed = { GAME_SEED: `${plan.seed} ${servers.length}` };
    const server = await serveAltered(made, { ...always, ...replacements }, seed, workers);
    servers.push(server);
    if (workers > 1)
      kept = await sessionWithEach(server, () => Wire.to(of(server, world.letters[0] as Letter)));
    return server;
  };
  look('before');
  let server = await start();
  look('started');
  // One control leaves the times as they are, and need not be waited for.
  const patience = 'journal/disk.js' in replacements ? 2000 : 60_000;
  let wire: Wire | undefined;
  for (const [number, letter] of world.letters.entries()) {
    if (!letter.sameConnection) await wire?.quit();
    const open = kept[number % workers];
    const used = await post(server, letter, open ?? (letter.sameConnection ? wire : undefined));
    wire = open ? undefined : used;
    look(`after mail ${number}`, await observer.settled(patience));
    if (number === plan.registersAfter) {
      await register(made, world);
      look('after a registration', await observer.settled(patience));
    }
    if (number === plan.restartsAfter) {
      await wire?.quit();
      for (const one of kept) await one.quit();
      wire = undefined;
      await server.stop();
      look('between two servers', observer.lookAtAll());
      server = await start();
    }
  }
  await wire?.quit();
  for (const one of kept) await one.quit();
  const { code } = await server.stop();
  look('stopped', observer.lookAtAll());
  const output = servers.map(({ stdout, stderr }) => stdout + stderr).join('');
  const printed = `${output}ended with ${code}
`;
  const search = new Search(world.words.flatMap((word) => disguises(word)));
  const found = [made.data, made.temp, join(made.folder, 'home')].flatMap((folder) => search.under(folder));
  found.push(...search.in(Buffer.from(printed)).map((one) => `printed: ${one}`));
  return { seen, printed: printed.replace(/:\d+$/gm, ':PORT'), ...contents(made.data), found };
}

/** A letter's client, and where it connects to. */
function of({ port }: Server, { client }: Letter) {
  return { host: '127.0.0.1', port, localAddress: client };
}

/** Sends a letter, after all that its client tries before. */
async function post(server: Server, letter: Letter, open: Wire | undefined): Promise<Wire> {
  const wire = open ?? (await Wire.to(of(server, letter)));
  await wire.hello(letter.hello);
  if (letter.givenUp !== undefined) {
    wire.must(await wire.command('MAIL FROM:<>'), '250');
    wire.must(await wire.command(`RCPT TO:<${letter.givenUp}>`), '250');
    wire.must(await wire.command('RSET'), '250');
  }
  for (const refused of letter.refused) {
    wire.must(await wire.command(`MAIL FROM:<${letter.from}>`), '250');
    wire.must(await wire.command(`RCPT TO:<${refused}>`), '550');
    wire.must(await wire.command('RSET'), '250');
  }
  wire.must(await wire.deliver(letter), '250');
  return wire;
}

async function register(made: Installation, { newcomer }: World): Promise<void> {
  const { publicKey } = identityOf(bytesFrom(newcomer.address, 32));
  await askControl(dataDirectory(made.data).control, {
    command: 'register',
    address: newcomer.address,
    key: Buffer.from(publicKey).toString('hex'),
    details: { label: newcomer.label },
  });
}

/** Names and lengths in the folders that are the program's besides its data. */
function beside(made: Installation): [string, string][] {
  return ['temp', 'home'].flatMap((folder) =>
    entriesBelow(join(made.folder, folder)).map(([name, { size }]): [string, string] => [
      `${folder}/${name}`,
      `of ${size}`,
    ]),
  );
}

function tellsOf(plan: GamePlan, first: PlayedWorld, second: PlayedWorld): string[] {
  const tells = first.seen.flatMap(({ moment, look }, at) => {
    const other = second.seen[at] as Seen;
    return differences(look, other.look).map((one) => `${moment}: ${one}`);
  });
  if (first.printed !== second.printed) tells.push(`printed: ${first.printed} / ${second.printed}`);
  for (const [name, bytes] of first.octets)
    if (!mayDiffer(name, plan) && !second.octets.get(name)?.equals(bytes)) tells.push(`octets of ${name}`);
  for (const { found } of [first, second]) tells.push(...found.map((one) => `found: ${one}`));
  return tells;
}

/**
 * A registration is sealed in the registry; what is signed is signed with keys of the world's own; where a world stands is
 * in the mark of its place.
 */
function mayDiffer(name: string, { registersAfter }: GamePlan): boolean {
  return (
    (name === 'registry.sqlite' && registersAfter >= 0) ||
    /(^|\/)(checkpoint|place|signers|tls-own\.pem)/.test(name)
  );
}
