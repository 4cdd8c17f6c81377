/** serve --metrics: figures and health of a server, from outside. */
import { alteredProgram } from '../../leaks/altered-program.js';
import { Installation, within } from '../../support/installation.js';
import { assert, suite } from '../../support/suite.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/wire.js';

/** What only grows. */
const counted = (page: string) => page.match(/^obalka_\w+_(total|bucket|sum|count)[ {].*$/gm) ?? [];
/** About how many sessions there are: with four, it is drawn anew at each renewal whether 8 or 16 are shown. */
const sessions = (page: string) => /^obalka_sessions (8|16)$/m.exec(page)?.[1];

suite('serve --metrics', (test) => {
  test('a mail shows in the figures, or other machines may read them', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const refused = await made.run('serve', '--listen', '127.0.0.1:0', '--metrics', '0.0.0.0:0');
      assert.is(refused.code, 2);
      assert.match(refused.stderr, /^obalka: 0\.0\.0\.0: figures are for this machine; .*\n$/);
      made.environment.OBALKA = alteredProgram({ 'cli/figures/observer.js': 'often-renewed' });
      const server = made.startShell(
        `exec "$NODE" "$OBALKA" serve --data data --listen 127.0.0.1:0 --metrics 127.0.0.1:0`,
      );
      await server.listening();
      const where = await until(
        'it says where the figures are',
        () => /^figures (127\.0\.0\.1:\d+)$/m.exec(server.stdout)?.[1],
      );
      const page = async (path: string) => {
        const response = await fetch(`http://${where}${path}`);
        return [response.status, await response.text()] as const;
      };
      for (const path of ['/healthz', '/readyz'])
        await until(`${path} says yes`, async () => String(await page(path)) === '200,yes\n');
      const [, before] = await page('/metrics');
      assert.match(before, /^obalka_workers 1$/m);
      assert.match(before, /^obalka_sessions_total\{protocol="smtp"\} 0$/m);
      const session = async (content?: Buffer) => {
        const wire = await Wire.to(server.port);
        await wire.hello();
        if (content) wire.must(await wire.deliver({ from: '', to: ['ann@example.org'], content }), '250');
        await wire.quit();
      };
      await session(Buffer.from('Subject: x\r\n\r\nx\r\n'));
      const open = [1, 2, 3, 4].map(async () => {
        const wire = await Wire.to(server.port);
        await wire.hello();
        return wire;
      });
      await Promise.all(open);
      // The page says the other number five times: so often it was renewed, and more.
      const seen: (string | undefined)[] = [];
      await until('the figures are renewed', async () => {
        const [, now] = await page('/metrics');
        assert.equal(counted(now), counted(before));
        if (sessions(now) !== seen.at(-1)) seen.push(sessions(now));
        return seen.length > 5;
      });
      for (const wire of open) await (await wire).quit();
      // Many are shown.
      for (let times = 0; times < 100; times++) await session();
      const shown = await until('a hundred sessions show', async () => {
        const [, now] = await page('/metrics');
        return /^obalka_sessions_total\{protocol="smtp"\} ([1-9]\d*)$/m.exec(now)?.[1];
      });
      assert.ok(['64', '128'].includes(shown as string), shown);
      assert.is((await server.stop()).code, 0, server.stderr);
      assert.is(server.stderr, '');
    }));
});
