/** Torture deck: all faults that there are, by what they strike. */
import { join } from 'node:path';
import type { Numbers } from './numbers.js';
import {
  type Fault,
  fails,
  kill,
  type LanePaths,
  lies,
  type Make,
  noLane,
  segment,
  writes,
} from './torture-fault.js';

const cellFiles = ['blocks', 'envelopes'] as const;
const errors = ['EIO', 'ENOSPC', 'EROFS'] as const;
/** A week goes by so fast, in which some dozens of mails come. */
const quickWeeks = '120 1';

/** A file of the segment that the server begins, and of the few after it; also while they are made. */
function file(lane: LanePaths, name: string, segments = 1): string[] {
  const folders = Array.from({ length: segments }, (_, at) => segment(lane, lane.next + at));
  return [...folders, join(lane.folder, 'unfinished')].map((folder) => join(folder, name));
}

/** Everything that is done on a file: at the N-th call that writes, and so on. */
function onFiles(): Make[] {
  const made: Make[] = [];
  for (const name of cellFiles) {
    for (const [place, calls, most] of [
      ['write', writes, 30],
      ['sync', 'fdatasync', 24],
    ] as const) {
      made.push((numbers, lane) => kill(place, name, calls, 2 + numbers.below(most), file(lane, name)));
      for (const error of errors) {
        made.push((numbers, lane) => {
          // One in three goes on for a while, one in three for good.
          const when = 2 + numbers.below(most);
          const until = ['', `..${when + 1 + numbers.below(4)}`, '+'][numbers.below(3)] as string;
          return fails(place, name, calls, error, `${when}${until}`, file(lane, name, 4));
        });
      }
    }
    made.push((numbers, lane) => lies(name, 2 + numbers.below(30), file(lane, name)));
    made.push((numbers, lane) => {
      const delay = 5 + numbers.below(60);
      const how = `delay_enter=${delay * 1000}`;
      const paths = file(lane, name);
      return {
        place: 'sync',
        name: `each sync of ${name} takes ${delay} ms, and a kill`,
        injection: { calls: 'fdatasync', how, paths },
      };
    });
  }
  for (const name of ['channels', 'channels.mirror'] as const) {
    const when = (numbers: Numbers) => 1 + numbers.below(3);
    const withKeys = (fault: Fault): Fault => ({ ...fault, also: 'registrations' });
    made.push((numbers, lane) => withKeys(kill('write', name, writes, when(numbers), file(lane, name))));
    made.push((numbers, lane) => {
      const error = errors[numbers.below(errors.length)] as string;
      return withKeys(fails('write', name, writes, error, `${when(numbers)}`, file(lane, name)));
    });
    made.push((numbers, lane) => {
      const error = errors[numbers.below(errors.length)] as string;
      return withKeys(fails('sync', name, 'fdatasync', error, `${when(numbers)}`, file(lane, name)));
    });
    made.push((numbers, lane) => withKeys(lies(name, when(numbers), file(lane, name))));
  }
  const claims = (numbers: Numbers) => 2 + numbers.below(3);
  made.push((numbers, lane) => kill('write', 'synced', writes, claims(numbers), file(lane, 'synced')));
  made.push((numbers, lane) =>
    fails('write', 'synced', writes, 'EIO', `${claims(numbers)}+`, file(lane, 'synced')),
  );
  return made;
}

/** The making of segments, again and again. */
function onRotation(): Make[] {
  const steps = [
    ['mkdir', ['']],
    ['openat', ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced']],
    [writes, ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced']],
    ['fdatasync', ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced']],
    ['utimensat', ['', 'channels', 'channels.mirror', 'envelopes', 'blocks', 'synced']],
    ['fsync', ['']],
    ['rename', ['']],
  ] as const;
  return steps.flatMap(([calls, names]) => {
    const paths = (lane: LanePaths) => names.map((name) => join(lane.folder, 'unfinished', name));
    // One in three in the server's first segment, before any mail of its own.
    const when = (numbers: Numbers) =>
      1 + names.length * Math.min(1, numbers.below(3)) + numbers.below(2 * names.length);
    const rotating = (fault: Fault): Fault => ({ ...fault, clock: quickWeeks });
    const what = `a new segment's ${calls === writes ? 'files' : calls}`;
    return [
      (numbers, lane) => rotating(kill('rotation', what, calls, when(numbers), paths(lane))),
      (numbers, lane) => {
        const error = calls === 'openat' ? 'EMFILE' : (errors[numbers.below(errors.length)] as string);
        const until = ['', '+'][numbers.below(2)] as string;
        return rotating(fails('rotation', what, calls, error, `${when(numbers)}${until}`, paths(lane)));
      },
    ] satisfies Make[];
  });
}

/** The lane's own folder, which is synced after a segment has got its name; and the end of a segment. */
function onEnds(): Make[] {
  return [
    (numbers, lane) => ({
      ...kill('rotation', 'the lane', 'fsync', 1 + numbers.below(4), [lane.folder]),
      clock: quickWeeks,
    }),
    (numbers, lane) => ({
      ...fails('rotation', 'the lane', 'fsync', 'EIO', `${1 + numbers.below(4)}`, [lane.folder]),
      clock: quickWeeks,
    }),
    (numbers, lane) => {
      const paths = cellFiles.flatMap((name) => file(lane, name, 8));
      return {
        ...fails('rotation', 'segments in turn', 'fdatasync', 'EIO', `${20 + numbers.below(40)}`, paths),
        clock: quickWeeks,
      };
    },
    (numbers, lane) => {
      const paths = cellFiles.flatMap((name) => file(lane, name, 8));
      return {
        ...kill('rotation', 'segments in turn', 'fdatasync', 20 + numbers.below(40), paths),
        clock: quickWeeks,
      };
    },
  ];
}

function onCheckpoints(): Make[] {
  const paths = (lane: LanePaths) =>
    Array.from({ length: 8 }, (_, at) => segment(lane, lane.next - 1 + at)).flatMap((folder) => [
      join(folder, 'checkpoint.unfinished'),
      join(folder, 'checkpoint'),
    ]);
  const rotating = (fault: Fault): Fault => ({ ...fault, clock: quickWeeks });
  return ['openat', writes, 'fdatasync', 'rename'].flatMap((calls) => {
    const when = (numbers: Numbers) => 1 + numbers.below(5);
    const what = calls === writes ? 'the checkpoint' : `the checkpoint's ${calls}`;
    return [
      (numbers, lane) => rotating(kill('checkpoint', what, calls, when(numbers), paths(lane))),
      (numbers, lane) => {
        const error = calls === 'openat' ? 'EMFILE' : (errors[numbers.below(errors.length)] as string);
        const until = ['', '+'][numbers.below(2)] as string;
        return rotating(fails('checkpoint', what, calls, error, `${when(numbers)}${until}`, paths(lane)));
      },
    ] satisfies Make[];
  });
}

/** The start after a crash: what it reads and syncs of the last segment, and the closing that follows. */
function onRecovery(): Make[] {
  const names = ['channels', 'envelopes', 'blocks', 'channels.mirror', 'synced', 'checkpoint'];
  const paths = (lane: LanePaths) => names.map((name) => join(segment(lane, lane.next - 1), name));
  return [
    ['openat', 8, 'EMFILE'],
    ['fdatasync', 6, 'EIO'],
    ['pread64,read', 8, 'EIO'],
    ['fstat,statx,newfstatat', 6, 'EIO'],
    ['utimensat', 6, 'EROFS'],
  ].flatMap(([calls, most, error]) => {
    const when = (numbers: Numbers) => 1 + numbers.below(most as number);
    const what = `the start's ${calls}`;
    return [
      (numbers, lane) => kill('recovery', what, calls as string, when(numbers), paths(lane)),
      (numbers, lane) =>
        fails('recovery', what, calls as string, error as string, `${when(numbers)}`, paths(lane)),
    ] satisfies Make[];
  });
}

function onReplies(): Make[] {
  return Array.from(
    { length: 6 },
    (): Make => (numbers) => kill('reply', 'a client', 'write,writev,sendmsg', 150 + numbers.below(400), []),
  );
}

const placesOfPhases = { commands: 'any moment', content: 'DATA', reply: 'reply' } as const;

const byHand: readonly Make[] = [
  ...(['commands', 'content', 'reply'] as const).flatMap((killIn): Make[] =>
    Array.from({ length: 4 }, () => () => ({
      place: placesOfPhases[killIn],
      name: `a kill in ${killIn}`,
      killIn,
    })),
  ),
  ...Array.from({ length: 3 }, (): Make => () => ({ place: 'any moment', name: 'a kill' })),
  (numbers) => {
    const size = 600 + numbers.below(1500);
    const limits = `trap '' XFSZ; ulimit -f ${size}`;
    const name = `no file longer than ${size} KiB: writes end short`;
    return { place: 'limits', name, limits, sign: 'EFBIG' };
  },
  () => ({
    place: 'limits',
    name: '256 descriptors, and more connections than that',
    limits: 'ulimit -n 256',
    sign: 'connection-capped',
    clock: quickWeeks,
    also: 'idle connections',
  }),
  () => ({ place: 'processes', name: 'a second server comes', also: 'second server' }),
  () => ({
    place: 'processes',
    name: 'a pid that is used again',
    within: ['unshare', '--pid', '--fork', '--kill-child'],
    also: 'second server',
  }),
  (numbers) => {
    const steps = Array.from({ length: 5 }, () => numbers.below(9) - 4).join(' ');
    return { place: 'clock', name: `the clock jumps by weeks: ${steps}`, clock: `90 ${steps}` };
  },
  () => ({ place: 'clock', name: 'the clock jumps by years', clock: '200 520 -1040 5200 -4680' }),
];

const onErasing: readonly Make[] = [
  ...Array.from(
    { length: 4 },
    (): Make => () => ({ place: 'erase', name: 'a kill while erasing', also: 'erase' }),
  ),
  ...(
    [
      ['openat', 'the list of what is to be erased', orders, 3],
      [writes, 'the list of what is to be erased', orders, 1],
      ['fdatasync', 'the list of what is to be erased', orders, 1],
      ['rename', 'the list of what is to be erased', orders, 1],
      ['unlink', 'the list of what is to be erased', orders, 1],
      [writes, 'an erased envelope', erasable, 6],
      ['fdatasync', 'an erased envelope', erasable, 2],
    ] as const
  ).flatMap(([calls, what, paths, most]): Make[] => [
    (numbers, lane) => ({
      ...kill('erase', what, calls, 1 + numbers.below(most), paths(lane)),
      also: 'erase',
    }),
    (numbers, lane) => ({
      ...fails('erase', what, calls, 'EIO', `${1 + numbers.below(most)}`, paths(lane)),
      also: 'erase',
    }),
  ]),
];

/** Envelopes of segments that ended: what is written there is erasing. */
function erasable(lane: LanePaths): string[] {
  return Array.from({ length: lane.next }, (_, number) => join(segment(lane, number), 'envelopes'));
}

/** What is to be erased is written down beside the lanes before it is done. */
function orders(lane: LanePaths): string[] {
  return ['erasing', 'erasing.unfinished'].map((name) => join(lane.folder, '..', name));
}

export interface Deck {
  /** Whether the program knows `obalka erase`. */
  readonly withErasing: boolean;
  /** Whether a process can be given a pid that another had. */
  readonly withPids: boolean;
}

/** All faults; each run takes its share of them in an order that goes through the whole deck. */
export function makeDeck({ withErasing, withPids }: Deck): readonly Make[] {
  const all = [
    ...onFiles(),
    ...onRotation(),
    ...onEnds(),
    ...onCheckpoints(),
    ...onRecovery(),
    ...onReplies(),
    ...byHand,
    ...(withErasing ? onErasing : []),
  ];
  const numbers: Numbers = { below: () => 0 };
  return all.filter((make) => withPids || make(numbers, noLane).within === undefined);
}
