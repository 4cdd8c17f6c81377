/** A full disk, through the program: it is foreseen, it is survived, and mail goes on when there is room again. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const ann = () => Installation.with('ann@example.org');
const mail = (size: number) => ({
  from: 'c@example.net',
  to: ['ann@example.org'],
  content: Buffer.from(`Subject: ${size}\r\n\r\n${`${'x'.repeat(62)}\r\n`.repeat(size / 64)}`),
});

async function listed(made: Installation): Promise<number> {
  return (await made.must('list', '--json', '--identity', 'ann')).split('\n').filter(Boolean).length;
}

/** A small file system of its own, where this user may make one. */
function mounted(folder: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder]).status === 0;
}

suite('a full disk', (test) => {
  test('the reserve is touched, or a declared size is not counted', () =>
    within(ann(), async (made) => {
      const full = await made.serve('--disk-reserve', String(Number.MAX_SAFE_INTEGER));
      const wire = await Wire.to(full.port);
      await wire.hello();
      assert.is(await wire.command('MAIL FROM:<c@example.net>'), '452 4.3.1 No space, try again later');
      assert.match(await wire.command('NOOP'), /^250/);
      await wire.quit();
      await full.stop();
      const server = await made.serve('--disk-reserve', '0', '--max-size', '4294967296');
      const again = await Wire.to(server.port);
      await again.hello();
      again.must(await again.deliver(mail(1024)), '250');
      await again.quit();
      await server.stop();
      assert.is(await listed(made), 1);
      for (const word of ['-1', 'x', '1e3']) {
        const ended = await made.run('serve', '--disk-reserve', word);
        assert.equal([ended.code, /--disk-reserve .*: write a number/.test(ended.stderr)], [2, true]);
      }
    }));

  const name =
    'mail that was acknowledged is lost, the server ends, or takes nothing when there is room again';
  const probe = '/tmp/obalka-mount-probe';
  mkdirSync(probe, { recursive: true });
  const mayMount = mounted(probe, '64k');
  if (mayMount) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true, force: true });
  if (!mayMount) return skip(test, name, 'only root can mount a small disk');
  test(name, () =>
    within(ann(), async (made) => {
      const journal = join(made.data, 'journal');
      const kept = join(made.folder, 'kept');
      spawnSync('cp', ['-a', journal, kept]);
      assert.ok(mounted(journal, '3m'));
      try {
        spawnSync('cp', ['-a', `${kept}/.`, journal]);
        const ballast = join(journal, 'ballast');
        writeFileSync(ballast, Buffer.alloc(1_000_000));
        const server = await made.serve();
        const wire = await Wire.to(server.port);
        await wire.hello();
        let taken = 0;
        let refused = 0;
        while (refused < 3) {
          const reply = await wire.deliver(mail(64 * 1024));
          if (reply.startsWith('250')) taken++;
          else {
            assert.match(reply, /^45[12] 4\.3\.[01] /);
            refused++;
            wire.must(await wire.command('RSET'), '250');
          }
        }
        assert.ok(taken > 5, `${taken} taken`);
        assert.is(await listed(made), taken);
        rmSync(ballast);
        for (let more = 0; more < 5; more++) wire.must(await wire.deliver(mail(4096)), '250');
        await wire.quit();
        await server.stop();
        assert.is(await listed(made), taken + 5);
        const verified = JSON.parse(await made.must('verify', '--json', '--identity', 'ann'));
        assert.equal([verified.faults, verified.mails], [[], taken + 5]);
      } finally {
        assert.is(spawnSync('umount', ['-l', journal]).status, 0);
      }
    }),
  );
});
