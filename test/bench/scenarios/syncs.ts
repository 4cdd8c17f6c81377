/** How often a receiver asks the system to put things on disk for each mail, as strace sees it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from '../../peers/program.js';
import type { PeerOptions } from '../peer.js';
import { binary, plain, plan, type Scenario } from '../scenario.js';

const calls = ['fsync', 'fdatasync', 'sync', 'syncfs', 'msync', 'sync_file_range'];
const messages = 1000;

/** How many calls stand in what strace wrote. One that other threads interrupted has two lines, and the name before a parenthesis in the first only. */
export function countSyncs(trace: string): number {
  return trace.match(new RegExp(`^\\d+ +(?:${calls.join('|')})\\(`, 'gm'))?.length ?? 0;
}

/** strace as a grandchild, so that the process is the program; only these calls stop it, so that it is hardly slower. */
function tracing(file: string): string[] {
  const strace = findProgram('strace') ?? 'strace';
  return [strace, '-D', '-f', '-qq', '--seccomp-bpf', '-e', `trace=${calls.join(',')}`, '-o', file];
}

const fileOf = ({ launcher }: PeerOptions) => launcher?.at(-1) ?? '';

export const syncs: Scenario = {
  title: ({ smallBytes }) =>
    `syncs: 20 sessions that stay open, ${messages} messages of ${binary(smallBytes)}; calls of ${calls.slice(0, 2).join(', ')} and their like for each, counted by strace`,
  columns: plain(2, 'syncs per msg'),
  fresh: true,
  rounds: 2,
  without: () => (findProgram('strace') ? undefined : 'strace is not installed'),
  options: ({ largeBytes }) => {
    const folder = mkdtempSync(join(tmpdir(), 'obalka-bench-strace-'));
    return { maxSize: largeBytes, launcher: tracing(join(folder, 'trace')) };
  },
  warmUp: ({ peer, load, scale }) =>
    load(plan(peer, { sessions: 20, size: scale.smallBytes, keep: true, messages: 100 }), peer.settled),
  async measure({ peer, load, scale, options }) {
    const count = () => countSyncs(readFileSync(fileOf(options), 'latin1'));
    const before = count();
    const wanted = { sessions: 20, size: scale.smallBytes, keep: true, messages };
    const { accepted } = await load(plan(peer, wanted), peer.settled);
    return { accepted, numbers: { 'syncs per msg': (count() - before) / accepted } };
  },
  cleanUp: (options) => rmSync(dirname(fileOf(options)), { recursive: true, force: true }),
};
