/** Service manager: systemd, if it started this process and wants to hear how it goes (sd_notify(3)). */
import { spawn } from 'node:child_process';

export interface ServiceManager {
  /** How often it wants to hear that all is well, in milliseconds; undefined for never. */
  readonly watchdogMilliseconds: number | undefined;
  /** Tells it assignments, one after the other in the order of the calls. Never rejects. */
  tell(...assignments: readonly string[]): Promise<void>;
}

/** Node has no datagram sockets in the file system: systemd's own program speaks. It waits until it was heard. */
const speaker = 'systemd-notify';

/**
 * The manager that the environment names; undefined if there is none. What names it is taken out of the environment: it
 * is for this process. `onFault` is called once, if it cannot be told.
 */
export function serviceManager(
  environment: NodeJS.ProcessEnv,
  pid: number,
  onFault: () => void,
): ServiceManager | undefined {
  const { NOTIFY_SOCKET, WATCHDOG_USEC = '', WATCHDOG_PID = String(pid), PATH } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  if (!NOTIFY_SOCKET) return undefined;
  const isForUs = WATCHDOG_PID === String(pid) && /^[1-9]\d{0,15}$/.test(WATCHDOG_USEC);
  let isFaulty = false;
  let last: Promise<void> = Promise.resolve();
  const speak = (assignments: readonly string[]) =>
    new Promise<void>((done) => {
      const child = spawn(speaker, assignments, { stdio: 'ignore', env: { NOTIFY_SOCKET, PATH } });
      const over = (isHeard: boolean) => {
        if (!isHeard && !isFaulty) {
          isFaulty = true;
          onFault();
        }
        done();
      };
      child.on('error', () => over(false));
      child.on('close', (code) => over(code === 0));
    });
  return {
    watchdogMilliseconds: isForUs ? Number(WATCHDOG_USEC) / 1000 : undefined,
    tell(...assignments) {
      last = last.then(() => speak(assignments));
      return last;
    },
  };
}

/** What begins a reload: the time by the clock that systemd compares it with (Type=notify-reload). */
export function reloading(): readonly string[] {
  return ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`];
}
