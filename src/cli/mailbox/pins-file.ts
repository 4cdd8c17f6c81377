/** Pins file: where a reader keeps pins, and key sets seen, between two readings (spec/checkpoints.md, The file of pins). */
import { dirname } from 'node:path';
import { equal, fromHex, hex, view } from '../../core/bytes.js';
import { FormatError, Problem } from '../../core/errors.js';
import { decodeCheckpoint, encodeCheckpoint, keyIdOf } from '../../format/checkpoint.js';
import { streams } from '../../format/place.js';
import type { Pin } from '../../reader/pins.js';
import { isSignedBy, signerSize } from '../../seal/signing.js';
import { whereIs } from '../config/in-use.js';
import { makeFolders } from '../files/make-folders.js';
import { mustBeMyPlace, readMine } from '../files/only-mine.js';
import { writeWhole } from '../files/whole-file.js';
import { random } from '../random.js';

/** Octets of a file of pins at most. */
const maxSize = 64 * 2 ** 20;
/** Pins of one lane at most. */
const maxOfLane = 64;

/** The file of --pins, else of OBALKA_PINS, else of the configuration, else the usual; undefined if it is switched off. */
export function pinsFile(option: string | undefined): string | undefined {
  const { value } = whereIs('pins', option);
  return value === 'none' ? undefined : value;
}

/** What is in a file of pins. */
export interface PinsFile {
  readonly pins: readonly Pin[];
  /** Name → what was seen of key sets, sealed (src/reader/key-memory.ts). */
  readonly keySets: ReadonlyMap<string, Uint8Array>;
}

/** What becomes of the key sets that are kept under some names; undefined: they stay. */
export type KeySetChanges = ReadonlyMap<string, (kept: Uint8Array | undefined) => Uint8Array | undefined>;

/** The pins in a file; none if there is no file. Throws Problem if it is anything else than a file of pins. */
export async function loadPins(path: string): Promise<readonly Pin[]> {
  return (await loadPinsFile(path)).pins;
}

/** All that is in the file. Throws as `loadPins` does. */
export async function loadPinsFile(path: string): Promise<PinsFile> {
  const bytes = await readMine(path, maxSize + 1).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error instanceof Problem) throw error;
    throw new Problem(
      'failure',
      `${path}: the pins cannot be read (${error.code}); check its permissions, or name another file with --pins`,
    );
  });
  if (!bytes) return { pins: [], keySets: new Map() };
  const damaged = (what: string) =>
    new Problem(
      'failure',
      `${path}: damaged pins: ${what}; put back a copy of it, or move it away and begin anew without what was pinned`,
    );
  if (bytes.length > maxSize) throw damaged('too long');
  const { version, pins, keySets } = parse(view(bytes).toString('utf8'), damaged);
  if (version !== 1)
    throw new Problem(
      'failure',
      `${path}: pins of version ${version}; this program knows version 1: use a newer obalka`,
    );
  try {
    return {
      pins: pins.map((pin, at) => decodePin(pin, `pin ${at}`)),
      keySets: new Map(keySets.map((one, at) => decodeKeySets(one, `key sets ${at}`))),
    };
  } catch (error) {
    if (error instanceof FormatError) throw damaged(error.message);
    throw error;
  }
}

/**
 * Adds pins to those that were loaded, and takes away those that say nothing any more; what other readers wrote meanwhile
 * stays. Nothing is written if nothing changes. Throws Problem if it cannot be.
 */
export async function savePins(
  path: string,
  loaded: readonly Pin[],
  added: readonly Pin[],
  spent: readonly Pin[],
  keySets: KeySetChanges = new Map(),
): Promise<void> {
  const changes = (before: readonly Pin[], after: readonly Pin[]) =>
    after.length !== before.length || after.some((pin) => !before.includes(pin));
  if (!changes(loaded, mergePins(loaded, added, spent)) && keySets.size === 0) return;
  await makeFolders(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      'failure',
      `${dirname(path)}: cannot be made (${error.code}); name another --pins FILE`,
    );
  });
  mustBeMyPlace(path);
  const lock = await waitForLock(`${path}.lock`);
  try {
    const old = await loadPinsFile(path);
    const pins = mergePins(old.pins, added, spent);
    const changed = [...keySets].flatMap(([name, change]) => {
      const sealed = change(old.keySets.get(name));
      return sealed ? [[name, sealed] as const] : [];
    });
    const all = new Map([...old.keySets, ...changed]);
    if (changes(old.pins, pins) || changed.length > 0) await replace(path, encodeFile(pins, all));
  } finally {
    lock.release();
  }
}

/** What is left of pins after others are added, and spent ones taken away: of each lane the newest always. */
export function mergePins(old: readonly Pin[], added: readonly Pin[], spent: readonly Pin[]): Pin[] {
  const all = [...old];
  for (const pin of added) if (!all.some((other) => isSame(other, pin))) all.push(pin);
  const lanes = new Map<string, Pin[]>();
  for (const pin of all) {
    const lane = `${hex(pin.checkpoint.journal)}/${hex(pin.checkpoint.lane)}`;
    lanes.set(lane, [...(lanes.get(lane) ?? []), pin]);
  }
  return [...lanes.values()].flatMap((pins) => {
    pins.sort(byAge);
    const kept = pins.filter((pin, at) => at === pins.length - 1 || !spent.some((one) => isSame(one, pin)));
    // The oldest covers what nobody looked at for longest; the newest is the pin itself.
    while (kept.length > maxOfLane) kept.splice(1, 1);
    return kept;
  });
}

function isSame(a: Pin, b: Pin): boolean {
  return equal(a.signer, b.signer) && equal(a.checkpoint.text, b.checkpoint.text);
}

/** By segment, then by how much of it is covered. */
function byAge(a: Pin, b: Pin): number {
  const size = ({ checkpoint }: Pin) =>
    streams.reduce((sum, stream) => sum + checkpoint.trees[stream].size, 0);
  return a.checkpoint.segment - b.checkpoint.segment || size(a) - size(b);
}

function encodeFile(pins: readonly Pin[], keySets: PinsFile['keySets']): string {
  const written = pins.map(({ signer, checkpoint }) => ({
    signer: hex(signer),
    checkpoint: view(encodeCheckpoint(checkpoint, signer, checkpoint.signature)).toString('utf8'),
  }));
  const sealed = [...keySets].map(([name, bytes]) => ({ name, sealed: view(bytes).toString('base64') }));
  const file = { version: 1, pins: written, ...(sealed.length > 0 && { keySets: sealed }) };
  return `${JSON.stringify(file, undefined, 1)}\n`;
}

function decodeKeySets(one: unknown, place: string): [string, Uint8Array] {
  if (typeof one !== 'object' || one === null || !('name' in one) || !('sealed' in one))
    throw new FormatError(place, 'it has no name and nothing sealed');
  const { name, sealed } = one;
  if (typeof name !== 'string' || !/^[0-9a-f]{32}$/.test(name) || typeof sealed !== 'string')
    throw new FormatError(place, 'its name is none');
  return [name, new Uint8Array(Buffer.from(sealed, 'base64'))];
}

function decodePin(pin: unknown, place: string): Pin {
  if (typeof pin !== 'object' || pin === null || !('signer' in pin) || !('checkpoint' in pin))
    throw new FormatError(place, 'it has no signer and checkpoint');
  const signer = typeof pin.signer === 'string' ? fromHex(pin.signer, signerSize) : undefined;
  if (!signer || typeof pin.checkpoint !== 'string')
    throw new FormatError(place, 'its signer is no public key');
  const checkpoint = decodeCheckpoint(new Uint8Array(Buffer.from(pin.checkpoint, 'utf8')), place);
  if (
    !equal(checkpoint.keyId, keyIdOf(checkpoint.lane, signer)) ||
    !isSignedBy(signer, checkpoint.text, checkpoint.signature)
  )
    throw new FormatError(place, 'its signature does not hold');
  return { signer, checkpoint };
}

function parse(text: string, damaged: (what: string) => Problem) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged('not JSON');
  }
  if (typeof value !== 'object' || value === null || !('version' in value) || !('pins' in value))
    throw damaged('it has no version and pins');
  const keySets = 'keySets' in value ? value.keySets : [];
  if (!Array.isArray(value.pins) || !Array.isArray(keySets)) throw damaged('its pins are no list');
  return { version: value.version, pins: value.pins as unknown[], keySets: keySets as unknown[] };
}

/** Another reader holds the lock for as long as a small file takes to write. */
async function lockOf(path: string) {
  const { takeLock } = await import('../../sqlite/process-lock.js');
  try {
    return takeLock(path);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.kind, `${error.message}; name another --pins FILE`);
  }
}

async function waitForLock(path: string) {
  for (let tries = 0; tries < 20; tries++) {
    const lock = await lockOf(path);
    if (lock) return lock;
    await new Promise((resolve) => setTimeout(resolve, 50 + (random(1)[0] as number)));
  }
  throw new Problem(
    'later',
    `${path}: other readers hold the lock; the pins were not renewed, read again later`,
  );
}

async function replace(path: string, text: string): Promise<void> {
  await writeWhole(path, text).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Problem('failure', `${path}: the pins cannot be written (${code}); name another --pins FILE`);
  });
}
