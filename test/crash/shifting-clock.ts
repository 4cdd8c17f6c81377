/**
 * Shifting clock: put before a program by `node --import`, it lets a week go by in a fraction of a second, so that
 * segments end under load. The program is not altered; only the time of day is, as by somebody who sets it.
 *
 *   SHIFTING_CLOCK="MILLISECONDS STEP STEP …"   after each so many milliseconds it is so many weeks later (or earlier)
 *
 * The steps begin anew when they are used up.
 */
const [milliseconds = 0, ...steps] = (process.env.SHIFTING_CLOCK ?? '').split(' ').map(Number);
const week = 7 * 24 * 3600 * 1000;
const now = Date.now;
const begun = now();

if (milliseconds > 0 && steps.length > 0)
  Date.now = () => {
    const present = now();
    const taken = Math.floor((present - begun) / milliseconds);
    const round = steps.reduce((sum, step) => sum + step, 0);
    const rest = steps.slice(0, taken % steps.length).reduce((sum, step) => sum + step, 0);
    return present + (Math.floor(taken / steps.length) * round + rest) * week;
  };
