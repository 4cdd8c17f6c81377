/** Checkpoints and the trees that they sign: checkpoints.md, Trees, The note, and Reading a checkpoint. */
import { sha256 } from '@noble/hashes/sha2.js';
import nacl from 'tweetnacl';
import { ascii, Fault, fromHex, hex, join, latin } from './bytes.js';
import { type Files, octetsOf } from './files.js';
import { type Stream, streamNames } from './heads.js';

/** How many cells a stream has, and the root of this size in hexadecimal. */
export type Tree = { size: number; root: string };

/** A checkpoint whose signature holds. `hash` is that of the whole file, in hexadecimal. */
export type Checkpoint = {
  journal: string;
  lane: string;
  number: number;
  id: string;
  trees: Record<Stream, Tree>;
  previous: { number: number; hash: string } | undefined;
  hash: string;
  note: Uint8Array;
};

/** Checkpoints.md, Trees: the hash of these leaves. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(join(fromHex('00'), leaves[0] as Uint8Array));
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(join(fromHex('01'), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k))));
}

const dash = latin(new TextEncoder().encode('—'));
const id = '([0-9a-f]{32})';
const count = '(0|[1-9]\\d{0,15})';
const hash = '([0-9a-f]{64})';
const textForm = [
  'obalka checkpoint 1\n',
  `journal ${id}\nlane ${id}\nsegment ${count}\nid ${id}\n`,
  `channels ${count} ${hash}\nenvelopes ${count} ${hash}\nblocks ${count} ${hash}\n`,
  `previous (?:none|${count} ${hash})\n`,
].join('');
const noteForm = new RegExp(
  `^(${textForm})\n${dash} lane-${id} ([A-Za-z0-9+/]+=*)\n(?:${dash} [^ \n]+ [^ \n]+\n)*$`,
);

/** The order of the group of Ed25519 (RFC 8032, section 5.1): an S must be below it. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Whether an Ed25519 signature holds (RFC 8032, 5.1.7). tweetnacl takes an S of any size. */
export function signatureHolds(text: Uint8Array, signature: Uint8Array, signer: string): boolean {
  const S = BigInt(`0x${hex(signature.slice(32).reverse())}`);
  return S < order && nacl.sign.detached.verify(text, signature, fromHex(signer));
}

/** Checkpoints.md, The note: the first four octets of the hash of a key. */
export function keyId(name: string, signer: string): Uint8Array {
  return sha256(join(ascii(name), fromHex('0a01'), fromHex(signer))).subarray(0, 4);
}

/** The checkpoint that a note is, under this signer. Throws what does not hold. */
export function readNote(note: Uint8Array, signer: string, place: string): Checkpoint {
  const [, version] = /^obalka checkpoint (\d+)\n/.exec(latin(note)) ?? [];
  if (version !== undefined && version !== '1')
    throw new Fault(place, `checkpoint of version ${version}: a newer program is needed`);
  const parts = note.length > 65536 ? undefined : noteForm.exec(latin(note))?.slice(1);
  if (parts === undefined) throw new Fault(place, 'the checkpoint does not have the form');
  const [text = '', journal = '', lane = '', number = '', id = '', ...rest] = parts;
  const [keyName, base64] = [`lane-${parts.at(-2)}`, parts.at(-1) as string];

  const signed = Uint8Array.from(Buffer.from(base64, 'base64'));
  const isCanonical = Buffer.from(signed).toString('base64') === base64;
  if (keyName !== `lane-${lane}` || signed.length !== 68 || !isCanonical)
    throw new Fault(place, 'the signature of the checkpoint does not have the form');
  if (hex(signed.subarray(0, 4)) !== hex(keyId(keyName, signer)))
    throw new Fault(place, 'the checkpoint is signed by another key');
  if (!signatureHolds(ascii(text), signed.slice(4), signer))
    throw new Fault(place, 'the signature of the checkpoint does not hold');

  const tree = (i: number): Tree => ({ size: Number(rest[2 * i]), root: rest[2 * i + 1] ?? '' });
  const trees = { channels: tree(0), envelopes: tree(1), blocks: tree(2) };
  const previous = rest[6] === undefined ? undefined : { number: Number(rest[6]), hash: rest[7] ?? '' };
  const numbers = [Number(number), previous?.number ?? 0, ...streamNames.map((name) => trees[name].size)];
  if (numbers.some((one) => one >= 2 ** 53)) throw new Fault(place, 'a number of 2^53 or more');
  return { journal, lane, number: Number(number), id, trees, previous, hash: hex(sha256(note)), note };
}

/** The octets of a file `checkpoint`, undefined if there is none. One octet more than it may have will do. */
export function noteOf(files: Files, segmentFolder: string): Uint8Array | undefined {
  const name = `${segmentFolder}/checkpoint`;
  return files.length(name) === undefined ? undefined : octetsOf(files, name, 0, 65537);
}
