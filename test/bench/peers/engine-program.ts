/**
 * The program that the engine peers run: obalka's SMTP engine with nothing of a server behind it.
 *
 *   node engine-program.js MAX_SIZE discard|seal|sync
 *
 * `discard` throws the content away. `seal` also encrypts and hashes it, in blocks of 16 KiB, and throws them away. `sync`
 * also appends them to one file, and for each mail an envelope's worth to another, and syncs both before the 250; mails
 * that come while the disk is busy share the next sync.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../../src/core/sha256.js';
import { cellSizes } from '../../../src/format/cell.js';
import { serveSmtp } from '../../../src/net/serve-smtp.js';
import { nodeAead } from '../../../src/seal/aead.js';
import type { Delivery } from '../../../src/smtp/mail-service.js';
import { replies } from '../../../src/smtp/replies.js';

const [, , maxSize = '', work = 'discard'] = process.argv;
const [key, nonce, nothing] = [randomBytes(32), randomBytes(12), new Uint8Array(0)];
const folder = await mkdtemp(join(tmpdir(), 'obalka-engine-'));
const [blocks, envelopes] = await Promise.all(
  ['blocks', 'envelopes'].map((name) => open(join(folder, name), 'wx')),
);

/** Mails that wait for the disk. */
let waiting: { readonly cells: Uint8Array[]; done(): void }[] = [];
let isBusy = false;

async function keep(file: FileHandle | undefined, cells: Uint8Array[]): Promise<void> {
  await file?.writev(cells);
  await file?.datasync();
}

async function commitAll(): Promise<void> {
  isBusy = true;
  while (waiting.length > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    const group = waiting;
    waiting = [];
    const kept = keep(
      blocks,
      group.flatMap(({ cells }) => cells),
    );
    const envelopesKept = keep(
      envelopes,
      group.map(() => new Uint8Array(cellSizes.envelopes)),
    );
    await Promise.all([kept, envelopesKept]);
    for (const { done } of group) done();
  }
  isBusy = false;
}

function begin(): Delivery {
  const cells: Uint8Array[] = [];
  let block = Buffer.allocUnsafe(cellSizes.blocks);
  let filled = 0;
  const seal = () => {
    const cell = Buffer.allocUnsafe(cellSizes.blocks + 16);
    nodeAead.seal(cell, key, nonce, nothing, block);
    sha256(cell);
    filled = 0;
    if (work === 'sync') cells.push(cell.subarray(0, cellSizes.blocks));
  };
  return {
    copiesAtOnce: true,
    write(bytes) {
      if (work === 'discard') return;
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + block.length - filled);
        block.set(piece, filled);
        at += piece.length;
        filled += piece.length;
        if (filled === block.length) seal();
      }
    },
    commit() {
      if (work !== 'discard') seal();
      block = Buffer.alloc(0);
      if (work !== 'sync') return [replies.ok];
      return new Promise((resolve) => {
        waiting.push({ cells, done: () => resolve([replies.ok]) });
        if (!isBusy) void commitAll();
      });
    },
    abort() {},
  };
}

const yes = () => undefined;
const session = { hello: yes, mail: yes, recipient: yes, content: begin, reset: yes, close: yes };
const server = await serveSmtp({
  listen: [{ host: '127.0.0.1', port: 0 }],
  hostname: 'bench.example',
  service: { connect: () => session },
  limits: { content: Number(maxSize) },
});
const [address] = server.addresses;
if (address && 'port' in address) console.log(`listening smtp 127.0.0.1:${address.port}`);
process.on('SIGTERM', async () => {
  await server.stop(1000);
  await Promise.all([blocks?.close(), envelopes?.close()]);
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
});
