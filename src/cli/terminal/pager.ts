/** Pager: long output on a terminal goes through a program that shows it page by page. */
import { write } from './output.js';
import { isTerminal } from './terminal.js';

/** Where lines go. `isOpen` becomes false when whoever reads has seen enough. */
export interface LineSink {
  readonly isOpen: boolean;
  print(lines: readonly string[]): Promise<void>;
}

/** less, where there is one. */
const usual = 'if command -v less > /dev/null; then exec less; else exec cat; fi';
/** What less is told if LESS says nothing else: to end by itself if all fits on the screen; and to show the end first. */
const lessOptions = { beginning: 'FRX', end: 'FRX+G' } as const;

/**
 * Runs with a pager between, if standard output is a terminal that one can work on, and `isWanted`; else with standard
 * output itself. The pager starts with the first line, and shows the beginning first, or the end.
 */
export async function withPager<T>(
  isWanted: boolean,
  from: keyof typeof lessOptions,
  use: (sink: LineSink) => Promise<T>,
): Promise<T> {
  const line = process.env.OBALKA_PAGER ?? process.env.PAGER ?? usual;
  if (!isWanted || !isTerminal(process.stdout) || line.trim() === '' || line === 'cat')
    return use({ isOpen: true, print: (lines) => write(`${lines.join('\n')}\n`) });
  let pager: Pager | undefined;
  // Ctrl-C is for the pager; when that ends, so does this.
  const ignore = () => undefined;
  try {
    return await use({
      get isOpen() {
        return pager?.isOpen ?? true;
      },
      print: async (lines) => {
        if (pager === undefined) {
          // The end of what fits is its beginning.
          const isLong = lines.length > (process.stdout.rows ?? 0);
          pager = await startPager(line, lessOptions[isLong ? from : 'beginning']);
          process.on('SIGINT', ignore);
        }
        await pager.print(lines);
      },
    });
  } finally {
    await pager?.end();
    process.off('SIGINT', ignore);
  }
}

interface Pager extends LineSink {
  /** Resolves when whoever reads has left. */
  end(): Promise<void>;
}

async function startPager(line: string, less: string): Promise<Pager> {
  const { spawn } = await import('node:child_process');
  const child = spawn('sh', ['-c', line], { stdio: ['pipe', 'inherit', 'inherit'], env: environment(less) });
  let isOpen = true;
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  }).finally(() => {
    isOpen = false;
  });
  // Whoever reads may leave early; that is no error.
  child.stdin.on('error', () => {
    isOpen = false;
  });
  return {
    get isOpen() {
      return isOpen;
    },
    async print(lines) {
      if (!isOpen || child.stdin.write(`${lines.join('\n')}\n`)) return;
      await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), ended]);
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

/** What a pager needs to know, and nothing of identities, data or the rest. LESSSECURE: no shell, no files. */
function environment(less: string): NodeJS.ProcessEnv {
  const needed =
    /^(PATH|HOME|TERM|TERMINFO|TERMINFO_DIRS|COLORTERM|COLUMNS|LINES|LANG|LANGUAGE|LC_\w+|LESS|LESSCHARSET|MORE|LV|TZ|NO_COLOR)$/;
  const kept = Object.entries(process.env).filter(([name]) => needed.test(name));
  return { LESS: less, ...Object.fromEntries(kept), LESSSECURE: '1', LESSHISTFILE: '-' };
}
