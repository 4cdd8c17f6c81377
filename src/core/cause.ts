/** Cause: why the system refused something, as one of a closed list. What an error says besides is left behind. */

export const systemCauses = [
  ...['EACCES', 'EADDRINUSE', 'EBADF', 'EBUSY', 'EDQUOT', 'EEXIST', 'EFBIG', 'EINVAL', 'EIO', 'EMFILE'],
  ...['ENFILE', 'ENODEV', 'ENOENT', 'ENOMEM', 'ENOSPC', 'ENOTCONN', 'ENXIO', 'EPERM', 'EPIPE', 'EROFS'],
  ...['ESTALE', 'ETIMEDOUT'],
] as const;

export type SystemCause = (typeof systemCauses)[number];

/** A code of the system, or any other fault. */
export type Cause = SystemCause | 'other';

export function causeOf(error: unknown): Cause {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return systemCauses.find((one) => one === code) ?? 'other';
}
