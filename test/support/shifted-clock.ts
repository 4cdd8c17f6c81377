/** A clock that stands elsewhere, for the real program: NODE_OPTIONS=--import=THIS with CLOCK_SHIFT_DAYS. */

const shift = Number(process.env.CLOCK_SHIFT_DAYS ?? 0) * 86_400_000;
const now = Date.now.bind(Date);
Date.now = () => now() + shift;
