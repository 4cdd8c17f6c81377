/** Message writer: what it says of its blocks is what a commit relies on. */
import { blockTextSize, firstBlockTextSize } from '../../src/format/blocks.js';
import { countBlocks } from '../../src/format/runs.js';
import { nodeAead } from '../../src/seal/aead.js';
import { MessageWriter } from '../../src/server/message-writer.js';
import { bytesFrom, chance, withFewFillers } from '../support/chance.js';
import { failureOf } from '../support/failure.js';
import { AddressBook, PostOffice } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';

suite('message writer', (test) => {
  test('a mail is accepted although its index blocks went with a failed segment', async () => {
    const random = withFewFillers(chance('index'), 0);
    const disk = new TestDisk();
    const { lane } = await PostOffice.open({ folder: '/journal', book: new AddressBook(), disk, random });
    await lane.begin();
    const writer = new MessageWriter(lane, nodeAead, random);
    await writer.write(bytesFrom('first', firstBlockTextSize));
    for (let block = 1; block < 20; block++) {
      await writer.write(bytesFrom(`${block}`, blockTextSize));
      lane.appendBlock(() => {});
    }
    const { runs, allRuns, depth } = await writer.finish();
    writer.close();
    assert.equal([depth, countBlocks(runs)], [1, 1]);
    // What must be durable: the data and the index.
    assert.is(countBlocks(allRuns), 21);
    const [index] = runs;
    assert.ok(allRuns.some(({ segment, first }) => segment === index?.segment && first === index.first));
    await lane.close();
  });

  test('what writes on after the end of a mail writes into another', async () => {
    const random = withFewFillers(chance('late'), 0);
    const { lane } = await PostOffice.open({
      folder: '/journal',
      book: new AddressBook(),
      disk: new TestDisk(),
      random,
    });
    await lane.begin();
    const writer = new MessageWriter(lane, nodeAead, random);
    await writer.write(bytesFrom('first', 100));
    writer.close();
    assert.throws(() => writer.write(bytesFrom('late', 100)), 'the message is over');
    assert.is((await failureOf(() => writer.finish())).message, 'the message is over');
    await lane.close();
  });
});
