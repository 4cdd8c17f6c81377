/** First steps: what the program says that was given no words. */
import { answersControl } from '../../net/control.js';
import { useConfiguration } from '../config/in-use.js';
import { dataWords, ownData, ownKey, registerCommand, serveCommandLine } from './next-steps.js';
import { say } from './output.js';
import { shownCommand } from './shell-word.js';

/** Says on standard error what may be typed now, as far as the usual places show it; no words are no command. */
export async function firstSteps(): Promise<void> {
  process.exitCode = 2;
  // What is wrong with it, the first command says.
  await useConfiguration(undefined).catch(() => undefined);
  say('obalka: a mail server that cannot read the mail it keeps', '', ...(await steps()), 'All commands:');
  say(`  ${shownCommand('--help')}`);
}

async function steps(): Promise<string[]> {
  const key = await ownKey();
  if (!key)
    return ['First a key, which opens the mail that is sealed to it:', `  ${shownCommand('key', 'new')}`];
  const data = await ownData();
  if (!data) return ['There is a key. Next, a place where mail is kept:', `  ${shownCommand('init')}`];
  const list = shownCommand('list', ...key.words, ...dataWords(data.option));
  if (await answersControl(data.directory.control))
    return ['There are a key and a place for mail, and the server runs. To see what came:', `  ${list}`];
  return [
    'There are a key and a place for mail. An address for the key, the server, and reading:',
    `  ${registerCommand(key.publicFile, data.option)}`,
    `  ${serveCommandLine(data.option)}`,
    `  ${list}`,
  ];
}
