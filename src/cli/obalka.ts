#!/usr/bin/env node
/** The program: what it was started with is a command line, to be answered. */
import { heedStreams, print } from './terminal/output.js';
import { versionOf } from './version.js';

heedStreams();
const words = process.argv.slice(2);
// Scripts ask for it all the time, and nothing else has to be loaded for it.
if (words.length === 1 && /^(--version|-V)$/.test(words[0] as string)) await print(versionOf());
else await (await import('./terminal/answer.js')).answer(words);
