/** A clock that a test sets, for the real program: NODE_OPTIONS=--import=THIS with CLOCK_FILE, a file with milliseconds. */
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_FILE;
if (file !== undefined) Date.now = () => Number(readFileSync(file, 'latin1'));
