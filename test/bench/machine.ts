/** On what was measured: the machine, and the programs. */
import { execFileSync } from 'node:child_process';
import { arch, cpus, release, tmpdir, totalmem } from 'node:os';
import type { Peer } from './peer.js';

const said = (program: string, ...args: string[]) => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '?';
  }
};

/** Processor, memory, system, and the file system that the receivers write to. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? '?';
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const files = said('stat', '-f', '-c', '%T', tmpdir());
  return `${cpus().length} × ${model} (${arch()}), ${memory}, Linux ${release()}, Node ${process.version}, mail on ${files}`;
}

/** A line for each receiver. */
export const versions = (peers: readonly Peer[]): string[] =>
  peers.map((peer) => `${peer.name}: ${peer.version()}`);
