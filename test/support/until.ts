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

const tries = 5;

/**
 * Milliseconds that something takes which should take less than `enough`: the quickest of five tries, and none after one
 * that was quick enough. A busy machine makes some slow; what is slow by itself is slow each time. `again` comes between
 * two tries.
 */
export async function quickest(
  enough: number,
  act: () => Promise<unknown>,
  again: () => Promise<unknown> = async () => undefined,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < tries && least >= enough; time++) {
    if (time > 0) await again();
    const began = performance.now();
    await act();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}
