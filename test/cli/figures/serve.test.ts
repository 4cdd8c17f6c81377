/** serve --metrics: figures and health of a server, from outside. */
import { Installation, within } from '../../support/installation.js';
import { assert, suite } from '../../support/suite.js';
import { Wire } from '../../support/wire.js';

suite('serve --metrics', (test) => {
  test('a mail shows in the figures, or other machines may read them', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const refused = await made.run('serve', '--listen', '127.0.0.1:0', '--metrics', '0.0.0.0:0');
      assert.is(refused.code, 2);
      assert.match(refused.stderr, /^obalka: 0\.0\.0\.0: figures are for this machine; .*\n$/);
      const server = await made.serve('--metrics', '127.0.0.1:0');
      const until = performance.now() + 10_000;
      while (!/^figures /m.test(server.stdout) && performance.now() < until)
        await new Promise((done) => setTimeout(done, 20));
      const where = /^figures (127\.0\.0\.1:\d+)$/m.exec(server.stdout)?.[1];
      const page = async (path: string) => {
        const response = await fetch(`http://${where}${path}`);
        return [response.status, await response.text()] as const;
      };
      assert.equal(
        [await page('/healthz'), await page('/readyz')],
        [
          [200, 'yes\n'],
          [200, 'yes\n'],
        ],
      );
      const before = await page('/metrics');
      assert.match(before[1], /^obalka_workers 1$/m);
      assert.match(before[1], /^obalka_sessions_total\{protocol="smtp"\} 0$/m);
      const wire = await Wire.to(server.port);
      await wire.hello();
      const content = Buffer.from('Subject: x\r\n\r\nx\r\n');
      wire.must(await wire.deliver({ from: '', to: ['ann@example.org'], content }), '250');
      assert.equal(await page('/metrics'), before);
      await wire.quit();
      assert.is((await server.stop()).code, 0, server.stderr);
      assert.is(server.stderr, '');
    }));
});
