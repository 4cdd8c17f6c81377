/** Lent reads: all plain connections read into one buffer, and none must see what another was sent. */
import { assert, suite } from '../support/suite.js';
import { eventually } from './peer.js';
import { hello, scene, transaction } from './scene.js';

suite('lent reads', (test) => {
  const content = `Subject: mine\r\n\r\n${'mine '.repeat(800)}\r\n`;
  const others = `NOOP ${'x'.repeat(400)}\r\n`.repeat(12);

  test('a content that waits, or commands behind it, are overwritten by what others send', () =>
    scene(async ({ peer, service }) => {
      let goOn = () => {};
      const gate = new Promise<undefined>((open) => {
        goOn = () => open(undefined);
      });
      let writes = 0;
      service.mood = (method) => {
        if (method !== 'write') return undefined;
        writes += 1;
        return gate;
      };
      const slow = peer().send(hello);
      await slow.until(/^250 /m);
      slow.send(`${transaction}${content}.\r\n${'RSET\r\n'.repeat(50)}VRFY ann\r\nQUIT\r\n`);
      await eventually(() => writes > 0, 'the content');
      const quick = peer().send(hello);
      await quick.until(/^250 /m);
      await quick.send(`${others}VRFY bob\r\n`).until(/^252 /m);
      goOn();
      assert.match(
        await slow.untilEnd(),
        /\r\n354 .*\r\n250 2\.0\.0 Ok: 1\r\n(250 .*\r\n){50}252 .*\r\n221 /,
      );
      assert.ok(service.messages[0]?.content.equals(Buffer.from(content)), 'it is no longer what was sent');
    }));

  test('what came before the greeting, or half a line, is overwritten by what others send', () =>
    scene(
      async ({ peer, clock }) => {
        const early = peer().send(`${hello}NOOP\r\nVRFY a`);
        await new Promise((done) => setTimeout(done, 30));
        const other = peer().send(others);
        await new Promise((done) => setTimeout(done, 30));
        clock.pass(2);
        await early.until(/^250 2\.0\.0 /m);
        await other.until(/^250 2\.0\.0 /m);
        early.send('nn\r\nQUIT\r\n');
        assert.match(await early.untilEnd(), /^220 .*\r\n250 2\.0\.0 .*\r\n252 .*\r\n221 /s);
      },
      { bannerSeconds: 2 },
      { neighbours: { has: () => false }, earlyTalkers: 'answer' },
    ));
});
