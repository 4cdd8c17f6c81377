/** obalka restore: checks a data directory that was put back from a copy, and sees to it that a new lane begins in it. */
import { cp, lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { equal, hex } from '../../core/bytes.js';
import { Problem } from '../../core/errors.js';
import { openDirectory } from '../../journal/directory-view.js';
import { isLaneFolder, segmentNumber } from '../../journal/names.js';
import { verify } from '../../reader/verify.js';
import { type DataDirectory, dataDirectory, openDataRegistry } from '../data/data-directory.js';
import { takeDataLock } from '../data/data-lock.js';
import { withPins } from '../data/journal-reading.js';
import { writeMark } from '../data/place-mark.js';
import { pinsOption } from '../options.js';
import { readAddressRules } from '../server/address-rules-file.js';
import { counted } from '../terminal/counted.js';
import { print, say } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

interface RestoreOptions {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly pins?: string;
}

export function restoreCommand(program: Command): void {
  program
    .command('restore')
    .argument('<DIR>', 'a data directory that was put back from a copy')
    .description('check a copy of a data directory, say what is missing, and make it one that can be served')
    .option('--from <COPY>', 'put back segments that are missing, from another copy of the same journal')
    .option('--dry-run', 'change nothing')
    .option('--json', 'one JSON object')
    .option(...pinsOption)
    .action(restore);
}

async function restore(folder: string, options: RestoreOptions): Promise<void> {
  const data = dataDirectory(folder);
  if (!(await isFolder(data.journal)))
    throw new Problem(
      (await isFolder(folder)) ? 'usage' : 'missing',
      `${folder}: not a data directory; a journal alone belongs into the folder "journal" of one (make that with "obalka init")`,
    );
  await mustHaveNoLinks(data);
  const lock = await takeDataLock(data);
  if (!lock) throw new Problem('failure', `${data.path}: an obalka uses this data directory; stop it first`);
  try {
    const putBack =
      options.from === undefined ? [] : await takeMissing(data, options.from, options.dryRun === true);
    const missing = await missingParts(data);
    const progress = new Progress('checking');
    const view = await openDirectory(data.journal);
    const result = await withPins(options.pins, view, async (pins) => {
      const { newest, confirmed, ...rest } = await verify(view, [], pins, (done, total) =>
        progress.at(done, total),
      ).finally(() => progress.end());
      return { seen: { newest, confirmed }, result: rest };
    }).finally(() => view.close());
    if (!options.dryRun && result.segments > 0) await writeMark(data, { at: 'restored', lanes: [] });
    if (options.json)
      await print(
        JSON.stringify({
          segments: result.segments,
          cells: result.cells,
          putBack,
          missing,
          faults: result.faults,
        }),
      );
    else {
      for (const one of putBack) await print(`${options.dryRun ? 'would put back' : 'put back'} ${one}`);
      await print(`${counted(result.segments, 'segment')}, ${counted(result.cells, 'cell')} checked`);
    }
    for (const one of [...missing, ...result.faults]) say(one);
    if (result.faults.length > 0) {
      process.exitCode = 5;
      say(
        'obalka: what is named above is missing or damaged; everything else can be read. Another copy may have it: --from COPY',
      );
    }
    if (!options.dryRun) say('the next server on it begins a new lane, which says that it was restored');
  } finally {
    lock.release();
  }
}

/** Throws a Problem if something that is written to leads elsewhere: whoever made the copy would choose where. */
async function mustHaveNoLinks(data: DataDirectory): Promise<void> {
  const { registry, journal, signers, lock, workersLock, place } = data;
  const beside = ['-wal', '-shm', '-journal'].map((end) => `${registry}${end}`);
  const lanes = (await readdir(journal)).map((name) => join(journal, name));
  for (const path of [registry, ...beside, journal, ...lanes, signers, lock, workersLock, place]) {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSymbolicLink())
      throw new Problem(
        'failure',
        `${path}: this is a link, which is not followed; put there what it leads to, and remove it`,
      );
  }
}

/** What a data directory needs besides its journal. */
async function missingParts(data: DataDirectory): Promise<string[]> {
  const missing: string[] = [];
  const hasPepper = await exists(data.pepper);
  if (!(await exists(data.registry)))
    missing.push('registry.sqlite is missing: register the addresses again after "obalka init"');
  else if (!hasPepper)
    missing.push(
      'pepper is missing: the registry cannot be opened without it; put it back from where it was kept',
    );
  else
    try {
      const rules = await readAddressRules(data.addressRules);
      const registry = await openDataRegistry(data, () => rules);
      registry.close();
    } catch (error) {
      missing.push(`registry.sqlite cannot be used: ${error instanceof Error ? error.message : error}`);
    }
  if (!(await exists(data.signers)))
    missing.push('signers/ is missing: nothing is lost by it, a new lane has a new key');
  return missing;
}

/** Copies whole segments, and whole lanes, that are there and not here. Returns their names. */
async function takeMissing(data: DataDirectory, from: string, dryRun: boolean): Promise<string[]> {
  const other = (await isFolder(dataDirectory(from).journal)) ? dataDirectory(from).journal : from;
  const [ours, theirs] = await Promise.all([openDirectory(data.journal), openDirectory(other)]);
  await Promise.all([ours.close(), theirs.close()]);
  if (!equal(ours.id, theirs.id))
    throw new Problem('usage', `${from}: a copy of another journal (${hex(theirs.id.subarray(0, 4))})`);
  const taken: string[] = [];
  for (const lane of (await readdir(other)).filter(isLaneFolder)) {
    const here = await readdir(join(data.journal, lane)).catch(() => undefined);
    if (here === undefined) {
      taken.push(lane);
      if (!dryRun) await bring(join(other, lane), join(data.journal, lane));
      continue;
    }
    for (const segment of (await readdir(join(other, lane))).filter(
      (name) => segmentNumber(name) !== undefined,
    ))
      if (!here.includes(segment)) {
        taken.push(`${lane}/${segment}`);
        if (!dryRun) await bring(join(other, lane, segment), join(data.journal, lane, segment));
      }
  }
  return taken;
}

/** Whole under its name, or not there. */
async function bring(from: string, to: string): Promise<void> {
  const unfinished = `${to}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(from, unfinished, { recursive: true, preserveTimestamps: true, errorOnExist: true });
  await rename(unfinished, to);
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const isFolder = (path: string) =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
