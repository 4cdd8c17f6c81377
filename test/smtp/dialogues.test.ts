/** Every dialogue of test/dialogues, whole and cut at every octet; and every reply of the table occurs in one. */
import { Reply, replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';
import { play, readDialogues } from './dialogue.js';
import { octets } from './drive.js';

const dialogues = readDialogues();

suite('dialogues', (test) => {
  for (const dialogue of dialogues) {
    test(`${dialogue.name}, as sent`, () => play(dialogue, (bytes) => [bytes]));
    test(`${dialogue.name}, octet by octet`, () => play(dialogue, octets));
    test(`${dialogue.name}, three octets at a time`, () =>
      play(dialogue, (bytes) =>
        Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(3 * i, 3 * i + 3)),
      ));
  }

  test('a reply of the table that no dialogue shows', () => {
    const said = new Set(dialogues.flatMap((d) => d.lines.filter((l) => l.kind === 'S').map((l) => l.text)));
    const made: Record<string, Reply> = {
      greeting: replies.greeting('mx.example'),
      hello: replies.hello('mx.example'),
      queued: replies.queued('5f3a'),
    };
    for (const [name, entry] of Object.entries(replies)) {
      const reply = entry instanceof Reply ? entry : made[name];
      assert.ok(reply, `${name}: add an example above`);
      for (const line of Buffer.from(reply.bytes).toString('latin1').trimEnd().split('\r\n'))
        assert.ok(said.has(line), `${name} is said in no dialogue: ${line}`);
    }
  });
});
