/** Torture fault: what happens to a server under load, and where; made by strace, by a limit, or by hand. */
import { join } from 'node:path';
import type { Numbers } from './numbers.js';

/** What a fault strikes. */
export const places = [
  'any moment',
  'DATA',
  'write',
  'sync',
  'reply',
  'rotation',
  'checkpoint',
  'recovery',
  'erase',
  'limits',
  'processes',
  'clock',
] as const;
export type Place = (typeof places)[number];

/** Where the next fault finds the files of the lane. */
export interface LanePaths {
  /** The lane's folder, absolute. */
  readonly folder: string;
  /** The number of the segment that the next server begins. */
  readonly next: number;
}

/** Before the first server there is none. */
export const noLane: LanePaths = { folder: '/', next: 0 };

/** What strace does to which system calls. */
export interface Injection {
  readonly calls: string;
  /** As in `inject=CALLS:HOW`. */
  readonly how: string;
  /** Only calls on these; all if there are none. */
  readonly paths: readonly string[];
}

export interface Fault {
  readonly place: Place;
  /** What is done, in words. */
  readonly name: string;
  readonly injection?: Injection;
  /** Lines of shell before the server starts: limits. */
  readonly limits?: string;
  /** What the server says when it has met the limit. */
  readonly sign?: string;
  /** Words before the program: what it runs in. */
  readonly within?: readonly string[];
  /** See shifting-clock.ts. */
  readonly clock?: string;
  /** What the sessions should be about when the server is killed; any, if it is not said. */
  readonly killIn?: 'commands' | 'content' | 'reply';
  /** What else is done under load. */
  readonly also?: 'second server' | 'idle connections' | 'registrations' | 'erase';
  /** The disk says that it wrote what it did not: the cells of one write may be damaged, and nothing else. */
  readonly isLie?: boolean;
}

/** A fault with its numbers drawn. */
export type Make = (numbers: Numbers, lane: LanePaths) => Fault;

export const writes = 'pwrite64,pwritev,pwritev2';

export function kill(
  place: Place,
  what: string,
  calls: string,
  when: number,
  paths: readonly string[],
): Fault {
  return {
    place,
    name: `a kill at ${calls} ${when} of ${what}`,
    injection: { calls, how: `signal=KILL:when=${when}`, paths },
  };
}

export function fails(
  place: Place,
  what: string,
  calls: string,
  error: string,
  when: string,
  paths: readonly string[],
): Fault {
  return {
    place,
    name: `${error} at ${calls} ${when} of ${what}`,
    injection: { calls, how: `error=${error}:when=${when}`, paths },
  };
}

export function lies(what: string, when: number, paths: readonly string[]): Fault {
  return {
    place: 'write',
    name: `the first 100 octets of write ${when} of ${what} are said to be written, and are not`,
    injection: { calls: writes, how: `retval=100:when=${when}`, paths },
    isLie: true,
  };
}

/** The folder of a segment. */
export function segment(lane: LanePaths, number: number): string {
  return join(lane.folder, `segment-${String(number).padStart(8, '0')}`);
}
