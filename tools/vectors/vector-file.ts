/** The form of a vector's file: readable lines, an empty line, and octets (spec/vectors/README.md). */
import { base32nopad } from '@scure/base';
import { ascii, concat, equal, hex } from '../../src/core/bytes.js';
import { encodeIdentity } from '../../src/seal/keys.js';
import type { ExpectedMail, Scene } from './scene.js';

export const firstLine = 'obalka vector 1';

/** The octets of the file. */
export function encodeVector(expect: string, comments: readonly string[], scene: Scene): Uint8Array {
  const { pinned } = scene;
  const files = [...scene.files, ...(pinned ? [['pinned', pinned.note] as const] : [])];
  const same = new Map<string, string>();
  for (const [path, bytes] of files) {
    const other = path.replace(/\.mirror$/, '');
    const original = scene.files.get(other);
    if (other !== path && original && equal(original, bytes)) same.set(path, other);
  }
  const stored = files.filter(([path]) => !same.has(path));
  const lines = [
    firstLine,
    `expect: ${expect}`,
    ...comments.map((comment) => `comment: ${comment}`),
    ...scene.readers.map((identity) => `identity: ${encodeIdentity(identity.seed)}`),
    ...(pinned ? [`signer: ${hex(pinned.signer)}`] : []),
    ...inOrder(scene).map(mailLine),
    ...[...scene.faults].sort().map((place) => `fault: ${place}`),
    ...stored.map(([path, bytes]) => `file: ${path} ${bytes.length}`),
    ...[...same].map(([path, other]) => `same: ${path} ${other}`),
  ];
  return concat(ascii(`${lines.join('\n')}\n\n`), ...stored.map(([, bytes]) => bytes));
}

/** Those of the list by receive time, and then the others; equal ones in the order of their cells. */
function inOrder({ mails, readers }: Scene): ExpectedMail[] {
  const time = (mail: ExpectedMail) => (mail.listed ? mail.receivedAt : Number.POSITIVE_INFINITY);
  const later = (a: ExpectedMail, b: ExpectedMail) => {
    if (time(a) !== time(b)) return time(a) < time(b) ? -1 : 1;
    const lanes = a.segment.lane.folder < b.segment.lane.folder ? -1 : 1;
    if (a.segment.lane !== b.segment.lane) return lanes;
    return a.segment.place.segment - b.segment.place.segment || a.number - b.number;
  };
  return mails.filter(({ owner }) => readers.includes(owner)).sort(later);
}

function mailLine({ step, state, size, subject }: ExpectedMail): string {
  const id = base32nopad.encode(step.tag.slice(0, 8)).toLowerCase();
  return `mail: ${id} ${state}${state === 'erased' ? '' : ` ${size} ${subject}`}`;
}

/** What a vector's file says. */
export interface Vector {
  readonly expect: string;
  readonly comments: readonly string[];
  readonly identities: readonly string[];
  readonly mails: readonly {
    readonly id: string;
    readonly state: string;
    readonly size: number;
    readonly subject: string;
  }[];
  readonly faults: readonly string[];
  readonly signer: string | undefined;
  /** Octets by path, without those of `pinned`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly pinned: Uint8Array | undefined;
}

/** Reads a vector's file. Throws Error if it has not the form. */
export function decodeVector(bytes: Uint8Array): Vector {
  const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = octets.indexOf('\n\n');
  const [first, ...lines] = octets.toString('latin1', 0, end).split('\n');
  if (end < 0 || first !== firstLine) throw new Error('this is no vector');
  const pairs = lines.map((line) => {
    const [key, ...value] = line.split(': ');
    return [key as string, value.join(': ')] as const;
  });
  const all = (key: string) => pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  const files = new Map<string, Uint8Array>();
  let at = end + 2;
  for (const [path = '', size] of all('file').map((value) => value.split(' '))) {
    files.set(path, octets.subarray(at, at + Number(size)));
    at += Number(size);
  }
  if (at !== octets.length) throw new Error('the octets are not as many as the lines say');
  for (const [path = '', other = ''] of all('same').map((value) => value.split(' ')))
    files.set(path, files.get(other) as Uint8Array);
  const pinned = files.get('pinned');
  files.delete('pinned');
  const mails = all('mail').map((value) => {
    const [id = '', state = '', size, subject = ''] = value.split(' ');
    return { id, state, size: Number(size ?? 0), subject };
  });
  return {
    expect: all('expect').join(),
    comments: all('comment'),
    identities: all('identity'),
    mails,
    faults: all('fault'),
    signer: all('signer')[0],
    files,
    pinned,
  };
}
