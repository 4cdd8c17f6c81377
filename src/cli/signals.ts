/** Signals: the first one that ends asks for a graceful stop, the second ends at once; SIGHUP reads files again. */

const ending = { SIGTERM: 143, SIGINT: 130 } as const;

/** Resolves at the first SIGTERM or SIGINT. From then on another one calls `now` with the exit code. */
export function untilEnded(now: (exitCode: number) => never): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (asked) now(ending[signal]);
        asked = true;
        resolve();
      });
  });
}

/** Calls `again` at every SIGHUP, which ends a program otherwise. */
export function onHangUp(again: () => Promise<void>): void {
  process.on('SIGHUP', () => void again());
}
