/** The disk reserve: mail is refused before others need what it would take. */
import { DiskReserve, type Space } from '../../src/server/disk-reserve.js';
import type { PolicySession } from '../../src/smtp/policy.js';
import { replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';

const MiB = 2 ** 20;

suite('disk reserve', (test) => {
  const disk = (free: number): { free: number; total: number } => ({ free, total: 1000 * MiB });

  test('mail is taken that leaves less than the reserve, or refused where enough is left', async () => {
    let space: Space | undefined = disk(100 * MiB);
    const session = (await new DiskReserve(10 * MiB, () => space).policy.connect(
      {} as never,
    )) as PolicySession;
    const mail = (size?: number) => session.mail?.(null, size === undefined ? {} : { size });
    assert.is(mail(), undefined);
    assert.is(mail(90 * MiB), undefined);
    assert.is(mail(91 * MiB), replies.noSpace);
    space = disk(9 * MiB);
    assert.is(mail(), replies.noSpace);
    space = undefined;
    assert.is(mail(), undefined, 'what cannot be found out refuses nothing');
  });

  test('a mail that begins soon after another forgets what came meanwhile, or one later what else came', async () => {
    let looks = 0;
    let now = 0;
    const space = disk(10 * MiB);
    const look = () => {
      looks += 1;
      return { ...space };
    };
    const reserve = new DiskReserve(8 * MiB, look, () => now);
    const session = (await reserve.policy.connect({} as never)) as PolicySession;
    const mail = (size: number) => session.mail?.(null, { size });
    assert.is(mail(2 * MiB), undefined);
    for (let piece = 0; piece < 3; piece++) assert.ok(reserve.takes(MiB / 16));
    assert.equal([mail(2 * MiB), mail(MiB), looks], [replies.noSpace, undefined, 1]);
    space.free = 8 * MiB;
    now = 100;
    assert.equal([mail(MiB), looks], [replies.noSpace, 2]);
  });

  test('contents that began while there was room take the reserve', () => {
    const space = disk(11 * MiB);
    const reserve = new DiskReserve(8 * MiB, () => space);
    let came = 0;
    for (; reserve.takes(MiB / 16); came++) space.free -= MiB / 16;
    assert.ok(space.free >= 5 * MiB && space.free <= 6 * MiB, `${came}: ${space.free / MiB} MiB are left`);
    space.free = 9 * MiB;
    for (let piece = 0; piece < 5; piece++) reserve.takes(MiB / 16);
    assert.ok(reserve.takes(MiB / 16), 'room that came back is not seen');
  });

  test('a reserve that was changed holds for the next look only', () => {
    const reserve = new DiskReserve(20 * MiB, () => disk(10 * MiB));
    assert.not.ok(reserve.takes(MiB));
    reserve.reserve = 8 * MiB;
    assert.ok(reserve.takes(1));
    reserve.reserve = 20 * MiB;
    assert.not.ok(reserve.takes(1));
  });
});
