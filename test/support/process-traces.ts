/** What the system shows of a process by names: arguments, environment, threads, open files, mapped files (proc(5)). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** "what: words" for each; what is gone meanwhile is left out. */
export function tracesOf(pid: number): string[] {
  const found: string[] = [];
  const look = (what: string, read: () => string) => {
    try {
      found.push(`${what}: ${read()}`);
    } catch {
      // A thread or a descriptor that is gone.
    }
  };
  const at = `/proc/${pid}`;
  for (const name of ['cmdline', 'environ', 'maps', 'comm', 'stat', 'status'])
    look(name, () => readFileSync(`${at}/${name}`, 'utf8'));
  for (const name of ['cwd', 'exe', 'root']) look(name, () => readlinkSync(`${at}/${name}`));
  for (const thread of readdirSync(`${at}/task`))
    look('thread', () => readFileSync(`${at}/task/${thread}/comm`, 'utf8'));
  for (const descriptor of readdirSync(`${at}/fd`))
    look('file', () => readlinkSync(`${at}/fd/${descriptor}`));
  return found;
}
