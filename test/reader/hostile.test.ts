/** Hostile mail: whatever somebody sends, it is shown in bounded time, and nothing in it steers the terminal. */
import { messagePieces } from '../../src/cli/mailbox/message-pieces.js';
import { Parser } from '../../src/reader/parser.js';
import { numberedName, safeName } from '../../src/reader/safe-name.js';
import { hostileMails } from '../support/hostile-mails.js';
import { assert, suite } from '../support/suite.js';

/** What may stand on a line of a terminal. */
const harmless = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;
/** What may be the name of a file, anywhere. */
const properName = /^[^./\\\s\p{C}-][^/\\\p{C}<>:"|?*]{0,199}$/u;
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

suite('hostile mail', (test) => {
  const parser = new Parser({ seconds: 20, mebibytes: 512 });
  test.after(() => parser.close());

  for (const [name, mails] of Object.entries(hostileMails))
    test(`${name}: the terminal is steered, a file stands elsewhere, or nothing is shown`, async () => {
      assert.ok(mails.length >= 20, `${mails.length} mails`);
      let faults = 0;
      for (const [i, content] of mails.entries()) {
        const parsed = await parser.takeApart(content);
        if ('fault' in parsed) {
          assert.match(parsed.fault, /exceeded|takes (more|longer) than/, `mail ${i}`);
          faults++;
          continue;
        }
        for (const line of [...messagePieces(parsed.message, 'sealed', 'keys')].join('').split('\n'))
          assert.match(line, harmless, `mail ${i}`);
        for (const [at, part] of parsed.message.attachments.slice(0, 50).entries()) {
          const safe = safeName(part.name, part.type, at + 1);
          assert.match(safe, properName, `mail ${i}: ${JSON.stringify(part.name)}`);
          assert.not.match(safe, device);
          assert.ok(Buffer.byteLength(numberedName(safe, 9999)) <= 255);
        }
      }
      // Of those alone that are large or deep some may be given up.
      const most = name.endsWith(' without end') ? mails.length / 2 : 0;
      assert.ok(faults <= most, `${faults} of ${mails.length} mails are not shown`);
    });

  test('HTML that calls home is named as a link, or its words are lost', async () => {
    for (const [i, content] of (hostileMails['HTML that calls home'] ?? []).entries()) {
      const parsed = await parser.takeApart(content);
      assert.ok('message' in parsed);
      assert.match(parsed.message.text, new RegExp(`^words ${i}`));
      assert.not.match(parsed.message.text, /track\.example|javascript/);
    }
  });
});
