/**
 * Collector: frees read buffers while large mail streams through. Node gives every read a buffer of 64 KiB outside the
 * heap, and V8 lets tens of megabytes of them pile up before it looks (measured: 39 MiB for one large mail, 14 with this).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' | 'major' }) => void;

/**
 * A function to be told of octets as they pass; each time that so many have passed, 8 MiB if nothing is said, it has the
 * young generation collected, about 1 ms; each time that `major` have passed, everything, some 50 ms.
 */
export function makeCollector(
  octetsBetween = 8 * 2 ** 20,
  major = Number.POSITIVE_INFINITY,
): (octets: number) => void {
  let collect: Collect | undefined;
  let passed = 0;
  let passedSinceMajor = 0;
  return (octets) => {
    passed += octets;
    if (passed < octetsBetween) return;
    passedSinceMajor += passed;
    passed = 0;
    const isMajor = passedSinceMajor >= major;
    if (isMajor) passedSinceMajor = 0;
    collect ??= exposedCollector();
    collect({ type: isMajor ? 'major' : 'minor' });
  };
}

function exposedCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
