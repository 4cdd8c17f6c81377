/** Smuggling: separators that some server somewhere takes for the end of a content (CVE-2023-51764 and its kin). */
import { Session } from '../../src/smtp/session.js';
import { sessionSettings } from '../../src/smtp/settings.js';
import { assert, suite } from '../support/suite.js';
import { converse, visible } from './drive.js';
import { bytes, codes, count, hello, repliesOf, talk, transaction } from './talk.js';
import { bareEnds, keptEnds } from './thrown.js';

suite('smuggling (CVE-2023-51764, -51765, -51766, VU#302671)', (test) => {
  const evil = 'MAIL FROM:<evil@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n';
  for (const end of bareEnds) {
    test(`${visible(end)} taken for the end`, () => {
      const said = talk(`${hello}${transaction}first${end}${evil}`);
      assert.is(count(said, 'mail'), said.events.includes('mail <evil@example.org>') ? 2 : 1);
      assert.is(count(said, 'end'), 0, 'a content with a bare CR or LF is never whole');
      assert.is(count(said, 'abort'), 1);
      if (!end.includes('\r\n.\r\n'))
        assert.is(count(said, 'mail'), 1, 'nothing in the content ran as a command');
      assert.is(repliesOf(said).filter((line) => line.startsWith('550 5.6.11')).length, 1);
    });
  }

  for (const text of keptEnds) {
    test(`${visible(text)} taken for the end, or changed`, () => {
      const said = talk(`${hello}${transaction}first${text}${evil}`);
      assert.is(count(said, 'mail'), 1);
      assert.is(count(said, 'end'), 1);
      const unstuffed = `first${text}${evil}`.replace(/\r\n\./g, '\r\n').replace(/\r\nQUIT\r\n$/, '');
      const chunk = said.events.find((event) => event.startsWith('chunk'));
      assert.is(chunk, `chunk ${visible(unstuffed)}`);
    });
  }

  test('an early refusal whose rest runs as commands', () => {
    const session = new Session(sessionSettings('mx.example'));
    const transcript = converse(session, [bytes(`${hello}${transaction}bare\nLF\r\nRSET\r\nQUIT\r\n`)]);
    assert.equal(codes(transcript), ['220', '250', '250', '354'].slice(1), 'no reply before the true end');
  });
});
