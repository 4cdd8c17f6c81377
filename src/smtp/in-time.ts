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

export interface Latecomer<T> {
  /** Asked when the time is over: whoever waited for somebody else meanwhile gets the whole of it again. */
  readonly isExcused?: () => boolean;
  /** Told of an answer that nobody waits for any more. */
  readonly late?: (answer: T) => void;
}

/**
 * The answer, or a rejection with PolicyHangs when it takes too long.
 */
export async function inTime<T>(
  answer: T | Promise<T>,
  { after, milliseconds }: Patience,
  { isExcused = () => false, late = () => {} }: Latecomer<T> = {},
): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    const wait = () => {
      cancel = after(milliseconds, () => {
        if (isExcused()) return wait();
        answer.then(late, () => undefined);
        reject(new PolicyHangs());
      });
    };
    wait();
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    cancel();
  }
}
