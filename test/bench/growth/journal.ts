/** What a large journal costs: the start of a server, and a reader's list. Journals are files with holes. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { random } from '../../../src/cli/random.js';
import { encodeIdentity, identityOf } from '../../../src/seal/keys.js';
import { growJournal } from '../../support/grown-journal.js';
import { listeningPort, runProgram, startChild } from '../child.js';
import { makeLargeJournal } from '../large-journal.js';
import { ownLoad } from '../load.js';
import { measure } from '../measured.js';
import { benchRecipient } from '../peer.js';
import { residentMiB } from '../proc.js';
import { median } from '../statistics.js';

const program = resolve(import.meta.dirname, '../../../src/cli/obalka.js');
const gibibyte = 2 ** 30;
const blocksInGibibyte = 65_536;
const mineInGibibyte = 1000;

export const startSizes = [1, 2, 5, 10, 20, 100];
export const listSizes = [1, 2, 5, 10, 20];

/** A start of the server on a journal of so many GiB. */
export interface Started {
  readonly gibibytes: number;
  /** From the start of the program until it listens. */
  readonly seconds: number;
  /** The highest until then. */
  readonly mebibytes: number;
}

/** Lists of a journal of so many GiB in blocks of 16 KiB, of which 1000 in each are the reader's. */
export interface Listed {
  readonly gibibytes: number;
  /** `list --limit 50`, without a cache. */
  readonly first: number;
  /** The same with the cache of an earlier one. */
  readonly later: number;
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-growth-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const middle = (numbers: readonly number[]) => median(numbers) ?? 0;

const serve = (data: string) =>
  startChild(process.execPath, [program, 'serve', '--data', data, '--listen', '127.0.0.1:0']);

/** Makes a data directory with one mail and so many GiB of holes. */
async function makeData(folder: string, gibibytes: number): Promise<string> {
  const data = join(folder, 'data');
  const command = (...words: string[]) => runProgram(process.execPath, [program, ...words]);
  const identity = join(folder, 'identity');
  await command('key', 'new', identity);
  await command('init', '--data', data);
  await command('register', benchRecipient, '--key', `${identity}.pub`, '--data', data);
  const server = serve(data);
  const port = await listeningPort(server);
  const plan = { port, sessions: 1, messages: 1, size: 5120, seconds: 60, keep: true, pipelining: false };
  await ownLoad({ ...plan, from: 'bench@example.net', to: benchRecipient });
  await server.stop();
  const open = { channels: 64, envelopes: 1000, blocks: 1000 };
  growJournal({ data, closed: gibibytes, octets: gibibyte, open });
  return data;
}

/** Medians of so many starts. */
export function measureStart(gibibytes: number, rounds: number): Promise<Started> {
  return inFolder(async (folder) => {
    const data = await makeData(folder, gibibytes);
    const seconds: number[] = [];
    const mebibytes: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      const server = serve(data);
      await listeningPort(server);
      seconds.push((performance.now() - begun) / 1000);
      mebibytes.push(residentMiB(server.pid).peak);
      await server.stop();
    }
    return { gibibytes, seconds: middle(seconds), mebibytes: middle(mebibytes) };
  });
}

/** One journal that grows to each of the sizes; medians of so many lists. */
export function measureLists(sizes: readonly number[], rounds: number): Promise<Listed[]> {
  return inFolder(async (folder) => {
    const identity = identityOf(random(32));
    const identityFile = join(folder, 'identity');
    await writeFile(identityFile, `${encodeIdentity(identity.seed)}\n`, { mode: 0o600 });
    const journal = join(folder, 'journal');
    const begin = { segments: 10, channels: 500, envelopes: blocksInGibibyte, mine: mineInGibibyte };
    const last = await makeLargeJournal({ folder: journal, identity, random, ...begin });
    const list = async (...words: string[]) => {
      const options = ['--data', journal, '--identity', identityFile, '--limit', '50', '--pins', 'none'];
      return (await measure([process.execPath, program, 'list', ...options, ...words])).seconds;
    };
    const all: Listed[] = [];
    let have = 1;
    for (const gibibytes of sizes) {
      const more = gibibytes - have;
      if (more > 0) await last.grow(more * blocksInGibibyte, more * mineInGibibyte);
      have = gibibytes;
      const cache = join(folder, 'cache');
      if (!existsSync(cache) || more > 0) await list('--cache', cache);
      const first: number[] = [];
      const later: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        first.push(await list('--cache', 'none'));
        later.push(await list('--cache', cache));
      }
      all.push({ gibibytes, first: middle(first), later: middle(later) });
      console.error(
        `  ${gibibytes} GiB: first ${middle(first).toFixed(2)} s, later ${middle(later).toFixed(2)} s`,
      );
    }
    last.close();
    return all;
  });
}
