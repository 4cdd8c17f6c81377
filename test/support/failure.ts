/** Failure: the error of what should fail. */

export async function failureOf(run: () => unknown): Promise<Error> {
  let answer: unknown;
  try {
    answer = await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`it did not fail, but gave ${String(answer)}`);
}
