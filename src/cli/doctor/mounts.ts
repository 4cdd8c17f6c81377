/** Mounts: which file system a path is on (proc(5), /proc/PID/mountinfo). */
import type { Machine } from './machine.js';

export interface Mount {
  readonly point: string;
  /** "ext4" */
  readonly type: string;
  /** "/dev/sda2", or a name that means nothing. */
  readonly source: string;
  readonly options: readonly string[];
}

/** The mount that a path without links is on; undefined where the system does not say. */
export async function mountOf(machine: Machine, path: string): Promise<Mount | undefined> {
  const text = (await machine.text('/proc/self/mountinfo')) ?? '';
  const mounts = text.split('\n').flatMap((line) => parse(line) ?? []);
  let found: Mount | undefined;
  for (const mount of mounts) {
    const isAbove = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    // Of two at one place the later one hides the other.
    if (isAbove && (!found || mount.point.length >= found.point.length)) found = mount;
  }
  return found;
}

function parse(line: string): Mount | undefined {
  const [before = '', after] = line.split(' - ');
  const [, , , , point, own = ''] = before.split(' ');
  const [type, source, ofSystem = ''] = after?.split(' ') ?? [];
  if (point === undefined || type === undefined || source === undefined) return undefined;
  return {
    point: unescaped(point),
    type,
    source: unescaped(source),
    options: [...own.split(','), ...ofSystem.split(',')],
  };
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
