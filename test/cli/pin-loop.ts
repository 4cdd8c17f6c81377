/** A reader that pins one lane after the other: node pin-loop.js FILE NAME. */
import { savePins } from '../../src/cli/mailbox/pins-file.js';
import { lanesOfLoop, somePin } from './some-pin.js';

const [path = '', name = ''] = process.argv.slice(2);
for (let lane = 0; lane < lanesOfLoop; lane++)
  await savePins(path, [], [somePin('one journal', `lane ${name} ${lane}`, lane, 4)], []);
