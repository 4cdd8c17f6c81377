/** Until: waiting for what another process, a thread or a timer brings about, however slow the machine is. */

/** Longer than anything takes, also on a machine with much else to do; shorter than a test file may take. */
const patience = 100_000;

/**
 * Looks again and again, with `every` milliseconds in between, until there is something true to see, and gives that.
 * Throws after a hundred seconds: `what` says what never was, as it is asked for then.
 */
export async function until<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  every = 10,
): Promise<T> {
  for (const began = performance.now(); ; ) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() - began > patience)
      throw new Error(`waited in vain: ${typeof what === 'string' ? what : what()}`);
    await new Promise((done) => setTimeout(done, every));
  }
}
