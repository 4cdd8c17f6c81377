/** On a terminal: the real program on a pseudo terminal of its own, with somebody who types when a question is shown. */
import { spawn } from 'node:child_process';
import { type Installation, obalka } from './installation.js';

/** An environment in which passphrases cost nothing (quick-scrypt.ts). */
export const quickScrypt = { NODE_OPTIONS: `--import ${new URL('quick-scrypt.js', import.meta.url)}` };

/** Waits until the terminal shows something new, then types. */
export type Step = readonly [shown: string, typed: string];

export interface OnTerminal {
  /** Of the program; -2 is the end by SIGINT. */
  readonly code: number;
  /** All that the terminal showed. */
  readonly shown: string;
  /** Whether the terminal showed what was typed, at each step. */
  readonly echoed: readonly boolean[];
  /** Whether the terminal was left as it was found. */
  readonly isRestored: boolean;
  /** Arguments and environment of the program and of all that it started, as others on the machine see them. */
  readonly processes: string;
}

/** Runs obalka with these words on a terminal. */
export function onTerminal(
  made: Installation,
  words: readonly string[],
  steps: readonly Step[],
): Promise<OnTerminal> {
  const argv = [process.execPath, obalka, ...words];
  return new Promise((done, fail) => {
    const child = spawn('python3', ['-c', python], {
      cwd: made.folder,
      env: { ...made.environment, TERM: 'dumb' },
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.on('error', fail);
    child.on('close', () => {
      const text = Buffer.concat(out).toString('utf8');
      if (text === '') return fail(new Error(`${argv.join(' ')}: the terminal went away`));
      const ended = JSON.parse(text) as OnTerminal & { stuck: string };
      if (ended.stuck) return fail(new Error(`never shown: ${ended.stuck}; shown: ${ended.shown}`));
      done(ended);
    });
    child.stdin.end(JSON.stringify({ argv, steps }));
  });
}

const python = `
import json, os, pty, select, sys, termios, time
job = json.load(sys.stdin)
pid, master = pty.fork()
if pid == 0:
    os.execvp(job['argv'][0], job['argv'])
before = termios.tcgetattr(master)
shown, at, step, echoed, seen, stuck = b'', 0, 0, [], set(), ''
status = None

def children(parents):
    found = set(parents)
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                fields = open('/proc/%s/stat' % name).read().rsplit(')', 1)[1].split()
                if int(fields[1]) in found: found.add(int(name))
            except OSError: pass
    return found

def look():
    for one in children([pid]):
        for what in ('cmdline', 'environ'):
            try: seen.add(open('/proc/%d/%s' % (one, what), 'rb').read())
            except OSError: pass

end = time.time() + 50
last = 0
while True:
    if time.time() - last > 0.3:
        look()
        last = time.time()
    ready, _, _ = select.select([master], [], [], 0.02)
    if ready:
        try: piece = os.read(master, 65536)
        except OSError: piece = b''
        if piece == b'': break
        shown += piece
    if step < len(job['steps']):
        wait, typed = job['steps'][step]
        found = shown.find(wait.encode(), at)
        if found >= 0:
            at = found + len(wait.encode())
            # What is typed before a question is asked is none of this.
            time.sleep(0.05)
            echoed.append(bool(termios.tcgetattr(master)[3] & termios.ECHO))
            look()
            os.write(master, typed.encode())
            step += 1
    if status is None:
        got, state = os.waitpid(pid, os.WNOHANG)
        if got: status = state
    elif not ready: break
    if time.time() > end:
        os.kill(pid, 9)
        break
if status is None: _, status = os.waitpid(pid, 0)
if step < len(job['steps']): stuck = job['steps'][step][0]
try: restored = termios.tcgetattr(master)[:4] == before[:4]
except termios.error: restored = None
json.dump({
    'code': os.waitstatus_to_exitcode(status),
    'shown': shown.decode(errors='replace').replace('\\r\\n', '\\n'),
    'echoed': echoed,
    'isRestored': restored,
    'stuck': stuck,
    'processes': b'\\n'.join(seen).replace(b'\\0', b' ').decode(errors='replace'),
}, sys.stdout)
`;
