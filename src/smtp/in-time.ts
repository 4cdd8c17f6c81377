/** In time: waiting for somebody's answer no longer than allowed. */

/** Calls back after so many milliseconds, unless it is cancelled by what it returns. */
export type After = (milliseconds: number, call: () => void) => () => void;

export interface Patience {
  readonly after: After;
  /** How long one answer of a policy may take. */
  readonly milliseconds: number;
}

/** A policy did not answer in time. */
export class PolicyHangs extends Error {}

/**
 * The answer, or a rejection with PolicyHangs when it takes too long. `isExcused` is asked when the time is over: a
 * policy that waited for somebody else meanwhile gets the whole of it again.
 */
export async function inTime<T>(
  answer: T | Promise<T>,
  { after, milliseconds }: Patience,
  isExcused = () => false,
): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    const wait = () => {
      cancel = after(milliseconds, () => (isExcused() ? wait() : reject(new PolicyHangs())));
    };
    wait();
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    cancel();
  }
}
