/** Unpacking: whatever in some octets looks like a compressed stream, unpacked as far as it goes. */
import { brotliDecompressSync, constants, inflateRawSync, inflateSync } from 'node:zlib';
import { headSize } from '../../src/format/head.js';

/** Shorter results are chance: random octets often unpack to a few. */
const shortestResult = 7;
const flush = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 22 };
const gzip = Buffer.from([0x1f, 0x8b, 8]);
/** RFC 1950: deflate with a window of 32 KiB, at all levels. */
const zlibHeaders = [0x01, 0x5e, 0x9c, 0xda].map((second) => Buffer.from([0x78, second]));

/** gzip and zlib anywhere; bare deflate and Brotli, which have no mark, where a file, a cell or its ciphertext begins. */
export function unpacked(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const { stackTraceLimit } = Error;
  // Nearly all attempts fail, and nobody reads where.
  Error.stackTraceLimit = 0;
  const attempt = (unpack: (bytes: Buffer) => Buffer, at: number) => {
    try {
      const result = unpack(bytes.subarray(at, at + 2 ** 17));
      if (result.length >= shortestResult) found.push(result);
    } catch {
      // No such stream.
    }
  };
  for (const at of places(bytes, gzip)) attempt((from) => inflateRawSync(afterGzipHead(from), flush), at);
  for (const header of zlibHeaders)
    for (const at of places(bytes, header)) attempt((from) => inflateSync(from, flush), at);
  for (const at of beginnings(bytes)) {
    attempt((from) => inflateRawSync(from, flush), at);
    attempt((from) => brotliDecompressSync(from, { maxOutputLength: 2 ** 22 }), at);
  }
  Error.stackTraceLimit = stackTraceLimit;
  return found;
}

function places(bytes: Buffer, mark: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) found.push(at);
  return found;
}

function beginnings(bytes: Buffer): number[] {
  const cell = Number(
    /^obalka segment [\s\S]{0,300}\ncell (\d+)\n/.exec(bytes.toString('latin1', 0, 500))?.[1],
  );
  const found = [0];
  for (let at = headSize; at < bytes.length && cell > 0; at += cell) found.push(at, at + 32, at + 44);
  return found;
}

/** RFC 1952: ten octets, then a field, a name and a comment where the flags say so. What follows the stream is not looked at. */
function afterGzipHead(bytes: Buffer): Buffer {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + bytes.readUInt16LE(at);
  if (flags & 8) at = bytes.indexOf(0, at) + 1;
  if (flags & 16) at = bytes.indexOf(0, at) + 1;
  if (flags & 2) at += 2;
  return bytes.subarray(at);
}
