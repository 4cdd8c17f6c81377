/** One mail to several people: kept once, opened by each, and nobody can tell from it who else got it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cellSizes } from '../../src/format/cell.js';
import { decodePrelude } from '../../src/format/prelude.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { openMailbox } from '../../src/reader/mailbox.js';
import { encodePublicKey, fingerprintOf, parseIdentities, showFingerprint } from '../../src/seal/keys.js';
import { disguises, Search } from '../support/disguises.js';
import { Installation, within } from '../support/installation.js';
import { entriesBelow } from '../support/live-folder.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

const people = ['wilhelmine', 'bartholomew', 'konstantin', 'theodora'];
const addressOf = (name: string) => `${name}@${name}-domain.example`;
const content = (size: number) =>
  Buffer.from(`Subject: to whom it concerns\r\n\r\n${'All of you.\r\n'.repeat(size / 13)}`);

/** What can be seen of each file of a folder without a key. */
function seen(folder: string): Map<string, string> {
  const entries = entriesBelow(folder).filter(([name]) => !name.endsWith('control.sock'));
  return new Map(
    entries.map(([name, { mode, size, mtimeMs }]) => [
      name.replace(/lane-[0-9a-f]+/, 'lane'),
      [mode, size, name.startsWith('journal') ? mtimeMs : 0].join(' '),
    ]),
  );
}

/** Octets of the three streams and the mirror. */
function sizes(data: string): Record<string, number> {
  const lane = join(
    data,
    'journal',
    readdirSync(join(data, 'journal')).find((one) => /^lane-/.test(one)) ?? '',
  );
  const segment = join(lane, readdirSync(lane).find((one) => /^segment-/.test(one)) ?? '');
  return Object.fromEntries(
    ['channels', 'channels.mirror', 'envelopes', 'blocks'].map((name) => [
      name,
      statSync(join(segment, name)).size,
    ]),
  );
}

function growth(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, size]) => [name, size - (before[name] ?? 0)]));
}

/** What is seen when all times in the journal are the constant, as they are soon after a mail. */
function settled(look: () => string): Promise<string> {
  return until(look, () => {
    const seen = look();
    return / [1-9]\d*"/.test(seen.replaceAll(' 946684800000"', '"')) ? '' : seen;
  });
}

async function sendOne(port: number, to: readonly string[], octets: number): Promise<void> {
  const wire = await Wire.to(port);
  await wire.hello();
  wire.must(await wire.deliver({ from: 'sender@example.net', to, content: content(octets) }), '250');
  await wire.quit();
}

suite('fellow recipients', (test) => {
  test('blocks are kept once for each, or one cannot open them, or a stranger can', () =>
    within(Installation.with(...people.map(addressOf)), async (made) => {
      const server = await made.serve();
      // The first mail opens the segment.
      await sendOne(server.port, [addressOf('theodora')], 100);
      const before = sizes(made.data);
      await sendOne(server.port, people.slice(0, 3).map(addressOf), 100_000);
      assert.equal(growth(before, sizes(made.data)), {
        channels: 0,
        'channels.mirror': 0,
        envelopes: 4 * cellSizes.envelopes,
        blocks: 7 * cellSizes.blocks,
      });
      for (const name of people.slice(0, 3)) {
        const { id } = JSON.parse(await made.must('list', '--json', '--identity', name)) as { id: string };
        const { stdout } = await made.run('read', id, '--raw', '--identity', name);
        assert.ok(stdout.equals(content(100_000)), name);
      }
      await made.must('key', 'new', 'stranger');
      const listed = await made.run('list', '--identity', 'stranger');
      assert.is(listed.code, 0);
      assert.is(listed.stdout.length, 0);
      assert.match(listed.stderr, /^no mail for this identity here [^\n]*\n$/);
      assert.is((await server.stop()).code, 0);
    }));

  test('something that one of them can read names another', () =>
    within(Installation.with(...people.map(addressOf)), async (made) => {
      const server = await made.serve();
      await sendOne(server.port, people.slice(0, 3).map(addressOf), 20_000);
      for (const [at, name] of people.slice(0, 3).entries()) {
        const others = people.filter((one) => one !== name);
        const tokens: (string | Uint8Array)[] = [];
        for (const other of others) {
          const [identity] = parseIdentities(await readFile(made.identity(other), 'utf8'), other);
          const publicKey = identity?.publicKey as Uint8Array;
          const fingerprint = fingerprintOf(publicKey);
          tokens.push(other, addressOf(other), `${other}-domain`, publicKey.subarray(0, 32));
          tokens.push(publicKey.subarray(600, 632), fingerprint, fingerprint.subarray(0, 10));
          tokens.push(showFingerprint(fingerprint), encodePublicKey(publicKey).slice(8, 40));
        }
        const search = new Search(tokens.flatMap(disguises));
        const { id } = JSON.parse(await made.must('list', '--json', '--identity', name)) as { id: string };
        const forms = [[], ['--raw'], ['--json'], ['--headers']];
        const shown = [
          await made.must('list', '--identity', name),
          await made.must('list', '--json', '--identity', name),
          ...(await Promise.all(
            (at === 0 ? forms : [['--json']]).map((form) =>
              made.must('read', id, ...form, '--identity', name),
            ),
          )),
        ];
        for (const text of shown) assert.equal(search.in(Buffer.from(text)), [], `shown to ${name}`);
        assert.ok(
          new Search(disguises(addressOf(name))).in(Buffer.from(shown.join(''))).length > 0,
          'the search finds one in what it is given',
        );

        const view = await openDirectory(join(made.data, 'journal'));
        const own = parseIdentities(await readFile(made.identity(name), 'utf8'), name);
        const { contents, index } = await openMailbox(view, own);
        assert.is(contents.mails.length, 1);
        for (const mail of contents.mails) {
          const plaintext: Uint8Array[] = [];
          for await (const piece of index.plaintext(mail)) plaintext.push(piece);
          assert.equal(search.in(Buffer.concat(plaintext)), [], 'prelude, content, trailer');
          const { summary, ...envelope } = mail.envelope;
          const fields = [...Object.values(summary), ...Object.values(envelope)].map((value) =>
            value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(JSON.stringify(value)),
          );
          assert.equal(search.in(Buffer.concat(fields)), [], 'envelope');
          assert.is(mail.envelope.flags, 0, 'that others got it does not show');
          const prelude = decodePrelude(await index.prelude(mail));
          assert.equal(Object.keys(prelude ?? {}).sort(), ['client', 'from', 'helo', 'protocol', 'tls']);
        }
        await view.close();
      }
      assert.is((await server.stop()).code, 0);
    }));

  test('a stranger sees in the files whether a mail went to one, to two, or to four, or to whom', () =>
    within(Installation.with(...people.map(addressOf)), async (made) => {
      const server = await made.serve();
      await sendOne(server.port, [addressOf('theodora')], 100);
      const registry = () => readFileSync(join(made.data, 'registry.sqlite')).toString('hex');
      const registryBefore = registry();
      const grown: unknown[] = [];
      const looks: string[] = [];
      for (const to of [['wilhelmine'], ['konstantin'], ['wilhelmine', 'bartholomew'], people]) {
        const before = sizes(made.data);
        await sendOne(server.port, to.map(addressOf), 30_000);
        grown.push(growth(before, sizes(made.data)));
        const look = () =>
          JSON.stringify(
            [...seen(made.data).entries()]
              // It comes a second after what it covers.
              .filter(([name]) => !/\/checkpoint(\.unfinished)?$/.test(name))
              .map(([name, one]) => [name, one.replace(/ \d+ /, ' ')]),
          );
        looks.push(await settled(look));
      }
      for (const one of grown) assert.equal(one, grown[0]);
      for (const one of looks) assert.is(one, looks[0], 'names, modes and times');
      assert.ok(registry() === registryBefore, 'the registry is not touched by mail');
      assert.is((await server.stop()).code, 0);
      const times = [...seen(made.data)]
        .filter(([name]) => name.startsWith('journal'))
        .map(([, look]) => look.split(' ')[2]);
      assert.equal([...new Set(times)], ['946684800000'], 'all times in the journal are the constant');
    }));

  test('cells that hold something look otherwise than those that hold nothing', () =>
    within(Installation.with(addressOf('theodora')), async (made) => {
      const server = await made.serve();
      for (let round = 0; round < 5; round++) await sendOne(server.port, [addressOf('theodora')], 40_000);
      assert.is((await server.stop()).code, 0);
      const lane = readdirSync(join(made.data, 'journal')).find((one) => /^lane-/.test(one)) ?? '';
      for (const stream of ['channels', 'envelopes', 'blocks'] as const) {
        const bytes = readFileSync(join(made.data, 'journal', lane, 'segment-00000000', stream)).subarray(
          4096,
        );
        assert.is(bytes.length % cellSizes[stream], 0);
        // Every octet of every cell looks random: no place in a cell has the same octet in all cells.
        const count = bytes.length / cellSizes[stream];
        assert.ok(count >= 8, `${count} cells of ${stream}`);
        let ones = 0;
        for (const byte of bytes) ones += (byte.toString(2).match(/1/g) ?? []).length;
        const share = ones / (bytes.length * 8);
        assert.ok(Math.abs(share - 0.5) < 0.01, `${stream}: ${share} of the bits are ones`);
        for (let at = 0; at < cellSizes[stream]; at++) {
          const octets = new Set(
            Array.from({ length: count }, (_, number) => bytes[number * cellSizes[stream] + at]),
          );
          assert.ok(octets.size > 1, `${stream}: octet ${at} is the same in all ${count} cells`);
        }
        // No run of four zeros: a cell that was not filled to its end would have many.
        assert.ok(!bytes.includes(Buffer.alloc(8)), `${stream}: zeros`);
      }
    }));
});
