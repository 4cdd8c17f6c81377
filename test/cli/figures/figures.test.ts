import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { blurred, coarseSpace, Steps } from '../../../src/cli/figures/coarse.js';
import { counters, gauges } from '../../../src/cli/figures/families.js';
import { Observer } from '../../../src/cli/figures/observer.js';
import { ShownFigures } from '../../../src/cli/figures/shown-figures.js';
import { Tally } from '../../../src/cli/figures/tally.js';
import type { WorkerLook } from '../../../src/cli/figures/watched-worker.js';
import { chance } from '../../support/chance.js';
import { withFolder } from '../../support/folder.js';
import { assert, suite } from '../../support/suite.js';
import { until } from '../../support/until.js';

const measures = {
  obalka_segments: 8,
  obalka_disk_free_bytes: 2 ** 30,
  obalka_disk_bytes: 2 ** 31,
  obalka_workers: 1,
  obalka_ready: 1,
};

function lookOf(pid: number, tally: Tally, more: Partial<WorkerLook> = {}): WorkerLook {
  return { pid, commits: 0, isCommitting: false, sessions: 0, waiting: 0, counts: tally.counts, ...more };
}

/** "name{labels}" → value. */
function figuresIn(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

suite('figures: coarse', (test) => {
  test('a single mail shows in a number that grows in steps, or the number is far from the true one', () => {
    const random = chance('steps');
    let told = 0;
    const rounds = 2000;
    for (let round = 0; round < rounds; round++) {
      const steps = new Steps(64, random);
      let shown = 0;
      // The one who looks sent all mail but one himself, and knows where steps would be that are not drawn.
      const known = 64 * (round % 5) + 63;
      for (let exact = 1; exact <= known; exact++) shown += steps.take(exact);
      assert.ok(known - shown < 96 && shown - known <= 32, `${shown} for ${known}`);
      assert.is(shown % 64, 0);
      if (steps.take(known + 1) > 0) told++;
    }
    assert.ok(told / rounds < 2 / 64, `${told} of ${rounds} steps were taken by the one mail`);
  });

  test('the number of those who are there shows, or the free space of a disk to the block', () => {
    const random = chance('gauges');
    // How often each number is shown for so many that are there.
    const looks = 20_000;
    const seen = (number: number) => {
      const counts = new Map<number, number>();
      for (let look = 0; look < looks; look++) {
        const shown = blurred(number, random);
        counts.set(shown, (counts.get(shown) ?? 0) + 1);
      }
      return counts;
    };
    for (const [number, more] of [
      [0, 1],
      [7, 8],
      [9, 10],
    ] as const) {
      const [one, other] = [seen(number), seen(more)];
      for (const shown of [8, 16, 24, 32]) {
        const [often, oftener] = [one.get(shown) ?? 0, other.get(shown) ?? 0];
        assert.ok(often > 0 && oftener > 0, `${shown} proves that there are not ${number}, or not ${more}`);
        assert.ok(
          Math.abs(Math.log(oftener / often)) < 0.25,
          `${shown}: ${often} and ${oftener} of ${looks}`,
        );
      }
    }
    const many = Array.from({ length: 1000 }, () => blurred(1000, random));
    const middle = many.sort((a, b) => a - b)[500] as number;
    assert.ok(middle >= 1000 && middle <= 1280);
    const space = (free: number) => coarseSpace({ free, total: 2 ** 40 });
    assert.is(space(2 ** 39), space(2 ** 39 + 2 ** 33));
    assert.is(coarseSpace({ free: 2 ** 27 - 1, total: 2 ** 30 }), 0);
  });

  test('a step is less than what one mail can make, with the usual limits', () => {
    // 1000 recipients, 128 MiB in blocks of 16 KiB.
    assert.ok(counters.obalka_replies_total.step > 1000);
    assert.ok(counters.obalka_cells_total.step >= 2 ** 27 / 2 ** 14);
    assert.ok(counters.obalka_content_bytes_total.step >= 2 ** 27);
    assert.ok(counters.obalka_sessions_total.step >= 64 && counters.obalka_sync_seconds.step >= 64);
    // What spec/leaks.md says of a small mail to one recipient: a session, a commit, seven replies, five cells.
    const { obalka_sessions_total: sessions, obalka_sync_seconds: syncs } = counters;
    const { obalka_replies_total: replies, obalka_cells_total: cells } = counters;
    const moved = 1 / sessions.step + 1 / syncs.step + 7 / replies.step + 5 / cells.step;
    assert.ok(moved < 1 / 25, `a figure moves with one of ${1 / moved} mails`);
  });
});

suite('figures: shown', (test) => {
  test('workers are not summed, one that died is forgotten, or its successor counted with what it had', async () => {
    const shown = new ShownFigures(chance('shown'));
    const [one, two] = [new Tally(), new Tally()];
    const count = (tally: Tally, times: number) => {
      for (let at = 0; at < times; at++) {
        tally.session('smtp', 'began');
        tally.reply(550);
        tally.sync(2);
      }
    };
    count(one, 3000);
    count(two, 3000);
    two.event('connection capped', 500);
    shown.renew([lookOf(1, one), lookOf(2, two, { sessions: 1000 })], measures);
    const near = (value: number | undefined, exact: number, step: number) =>
      assert.ok(
        value !== undefined && exact - value < 1.5 * step && value - exact <= step / 2,
        `${value} for ${exact}`,
      );
    const first = figuresIn(await shown.text());
    near(first.get('obalka_sessions_total{protocol="smtp"}'), 6000, 64);
    near(first.get('obalka_replies_total{code="550",class="5xx"}'), 6000, 1024);
    near(first.get('obalka_refusals_total{reason="connection-capped"}'), 500, 64);
    near(first.get('obalka_sync_seconds_count'), 6000, 64);
    assert.is(first.get('obalka_sync_seconds_bucket{le="0.001"}'), 0);
    assert.is(first.get('obalka_sync_seconds_bucket{le="0.003"}'), first.get('obalka_sync_seconds_count'));
    near(first.get('obalka_sessions'), 1000, 512);
    // Nothing changes between two renewals.
    count(one, 1000);
    assert.equal(figuresIn(await shown.text()), first);
    const successor = new Tally();
    count(successor, 500);
    shown.renew([lookOf(1, one), lookOf(3, successor)], measures);
    near(figuresIn(await shown.text()).get('obalka_sessions_total{protocol="smtp"}'), 7500, 64);
  });

  test('the page has a figure, or a label, that the guide does not have', async () => {
    const guide = readFileSync(resolve(import.meta.dirname, '../../../../spec/guide/metrics.md'), 'utf8');
    const written = guide.split('\n').filter((line) => line.startsWith('| `obalka_'));
    const rows = [
      ...Object.entries(counters).map(([name, family]) => {
        const label = 'label' in family ? ` \`${family.label}\`` : '';
        return `| \`${name}\` |${label} | ${family.step} | ${family.help} |`;
      }),
      ...Object.entries(gauges).map(([name, help]) => `| \`${name}\` | | | ${help} |`),
    ];
    assert.equal(written, rows);
    const names = new Set([...Object.keys(counters), ...Object.keys(gauges)]);
    const shown = new ShownFigures(chance('names'));
    shown.renew([], measures);
    for (const name of figuresIn(await shown.text()).keys()) {
      const family = name.replace(/\{.*/, '');
      assert.ok(names.has(family) || names.has(family.replace(/_(bucket|sum|count)$/, '')), name);
    }
  });
});

suite('observer', (test) => {
  test('a server is said to be well or ready that is not, or not when it is', () =>
    withFolder(async (journal) => {
      let looks: readonly (WorkerLook | undefined)[] = [lookOf(1, new Tally())];
      const options = { journal, look: async () => looks, milliseconds: 40 };
      const observer = await Observer.start({ ...options, diskReserve: () => 0 });
      const crowded = await Observer.start({ ...options, diskReserve: () => Number.MAX_SAFE_INTEGER });
      try {
        /** Waits until a page says this, and goes on saying it: the machine may be slow, and a look late. */
        const says = async (status: number, path: string, of = observer) => {
          let times = 0;
          await until(`${path} goes on saying ${status}`, async () => {
            times = (await of.pages[path]?.())?.status === status ? times + 1 : 0;
            return times === 5;
          });
        };
        await says(200, '/healthz');
        await says(200, '/readyz');
        await says(200, '/healthz', crowded);
        await says(503, '/readyz', crowded);
        looks = [lookOf(1, new Tally(), { isCommitting: true }), lookOf(2, new Tally())];
        await says(503, '/healthz');
        await says(200, '/readyz');
        looks = [lookOf(1, new Tally())];
        await says(200, '/healthz');
        looks = [undefined];
        await says(503, '/healthz');
        await says(503, '/readyz');
        looks = [lookOf(1, new Tally())];
        observer.stop();
        await says(503, '/readyz');
      } finally {
        observer.stop();
        crowded.stop();
      }
    }));
});
