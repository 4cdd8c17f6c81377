/** Memory: what a command that works for minutes takes of it. */
import { setFlagsFromString } from 'node:v8';

/**
 * From here on V8's young generation stays as small as it is; it would grow to 32 or 64 MiB. What such work leaves behind
 * does not live long, and is swept as fast out of two. The option of Node for this has to be given at its start; the factor
 * by which that generation grows is looked at whenever it does.
 */
export function keepYoungSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
