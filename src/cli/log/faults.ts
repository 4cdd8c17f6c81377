/** Faults of the program: said with the places in it where they happened, never with what they were about. */
import { existsSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { causeOf } from '../../core/cause.js';
import { type Log, lineOf } from './log.js';

const source = `${resolve(import.meta.dirname, '../..')}/`;

/** Places named in a stack, innermost first: files of the program with line and column. */
export function placesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .flatMap((line) => {
      const at = line.lastIndexOf(source);
      const place =
        at < 0
          ? undefined
          : /^([\w/-]{1,60}\.js):(\d{1,4}):(\d{1,4})\)?$/.exec(line.slice(at + source.length));
      // A message may imitate a stack; it cannot imitate a file.
      return place && existsSync(`${source}${place[1]}`) ? [`${place[1]}:${place[2]}:${place[3]}`] : [];
    })
    .slice(0, 10);
}

/** Says a fault, at once: the process may be about to end. */
export function sayFault(error: unknown): void {
  const places = placesOf(error);
  const where = places.length > 0 ? ` at ${places.join(' ')}` : '';
  try {
    writeSync(2, `${lineOf('program-fault', { cause: causeOf(error) })}${where}\n`);
  } catch {
    // There is nobody to tell.
  }
}

/**
 * From here on a fault that nobody caught ends the process with these words, and not with its message: that of
 * `JSON.parse` has the text in it, for one.
 */
export function sayFaults(log: Log): void {
  process.on('uncaughtException', (error) => {
    sayFault(error);
    process.exit(1);
  });
  process.removeAllListeners('warning');
  process.on('warning', () => log('runtime-warning'));
}
