#!/usr/bin/env node
/** The program: commands, errors, exit codes. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Problem } from '../core/errors.js';
import { aliasCommand } from './commands/alias.js';
import { countCommand } from './commands/count.js';
import { demoCommand } from './commands/demo.js';
import { eraseCommand } from './commands/erase.js';
import { initCommand } from './commands/init.js';
import { keyCommands } from './commands/key.js';
import { listCommand } from './commands/list.js';
import { markCommand } from './commands/mark.js';
import { readCommand } from './commands/read.js';
import { registryCommands } from './commands/registry.js';
import { restoreCommand } from './commands/restore.js';
import { retainCommand } from './commands/retain.js';
import { saveCommand } from './commands/save.js';
import { serveCommand } from './commands/serve.js';
import { verifyCommand } from './commands/verify.js';
import { refuseDoubled } from './options.js';
import { report } from './output.js';

const packageFile = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** What commander says of wrong arguments, in one line with what to do. Its help, when it prints that, stays as it is. */
function oneLine(text: string): string {
  if (!text.startsWith('error: ')) return text;
  const [fault, ...hints] = text.slice('error: '.length).trimEnd().split('\n');
  return `obalka: ${[fault, ...hints].join(' ')}; see "obalka --help"\n`;
}

const program = new Command('obalka')
  .description('a mail server that cannot read the mail it keeps')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
  .addHelpText(
    'before',
    `Examples:
  obalka key new me                             make a key: me (secret) and me.pub
  obalka init --data ./data
  obalka register me@example.org --key me.pub --data ./data
  obalka serve --listen 127.0.0.1:2525 --data ./data
  obalka list --identity me --data ./data
`,
  );

for (const add of [
  keyCommands,
  initCommand,
  registryCommands,
  aliasCommand,
  serveCommand,
  listCommand,
  countCommand,
  markCommand,
  readCommand,
  saveCommand,
  eraseCommand,
  retainCommand,
  restoreCommand,
  verifyCommand,
  demoCommand,
])
  add(program);

// Whoever reads a pipe may leave early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE')
    report(new Problem('failure', `standard output: ${error.code}: not everything was written`));
  process.exit();
});

try {
  refuseDoubled(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else report(error);
}
