#!/usr/bin/env node
/** The program: what it was started with is a command line, to be answered. */
import { answer } from './answer.js';
import { heedStreams } from './output.js';

heedStreams();
await answer(process.argv.slice(2));
