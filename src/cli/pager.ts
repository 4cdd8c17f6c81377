/** Pager: long output on a terminal goes through a program that shows it page by page. */
import { write } from './output.js';

/** Where lines go. `isOpen` becomes false when whoever reads has seen enough. */
export interface LineSink {
  readonly isOpen: boolean;
  print(lines: readonly string[]): Promise<void>;
}

/** less, where there is one: it ends by itself if all fits on the screen. */
const usual = 'if command -v less > /dev/null; then exec less -FRX; else exec cat; fi';

/** Runs with a pager between, if standard output is a terminal and `isWanted`; else with standard output itself. */
export async function withPager<T>(isWanted: boolean, use: (sink: LineSink) => Promise<T>): Promise<T> {
  const plain: LineSink = { isOpen: true, print: (lines) => write(`${lines.join('\n')}\n`) };
  const line = process.env.OBALKA_PAGER ?? process.env.PAGER ?? usual;
  if (!isWanted || !process.stdout.isTTY || line.trim() === '' || line === 'cat') return use(plain);
  const { spawn } = await import('node:child_process');
  const child = spawn('sh', ['-c', line], { stdio: ['pipe', 'inherit', 'inherit'], env: environment() });
  const state = { isOpen: true };
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(-1));
    child.on('close', resolve);
  }).finally(() => {
    state.isOpen = false;
  });
  // Whoever reads may leave early; that is no error.
  child.stdin.on('error', () => {
    state.isOpen = false;
  });
  // Ctrl-C is for the pager; when that ends, so does this.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    return await use({
      get isOpen() {
        return state.isOpen;
      },
      print: async (lines) => {
        if (!state.isOpen || child.stdin.write(`${lines.join('\n')}\n`)) return;
        await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), ended]);
      },
    });
  } finally {
    child.stdin.end();
    await ended;
    process.off('SIGINT', ignore);
  }
}

/** What a pager needs to know, and nothing of identities, data or the rest. LESSSECURE: no shell, no files. */
function environment(): NodeJS.ProcessEnv {
  const needed =
    /^(PATH|HOME|TERM|TERMINFO|TERMINFO_DIRS|COLORTERM|COLUMNS|LINES|LANG|LANGUAGE|LC_\w+|LESS|LESSCHARSET|MORE|LV|TZ|NO_COLOR)$/;
  const kept = Object.entries(process.env).filter(([name]) => needed.test(name));
  return { ...Object.fromEntries(kept), LESSSECURE: '1', LESSHISTFILE: '-' };
}
