/** Thief grep: after a run in which everything happened, no word of any mail, address or client stands in any file. */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../peers/program.js';
import { disguises, type Pattern, Search } from '../support/disguises.js';
import { Installation, within } from '../support/installation.js';
import { entriesBelow, readIfThere } from '../support/live-folder.js';
import { codesOf } from '../support/log-lines.js';
import { tracesOf } from '../support/process-traces.js';
import { readMailbox } from '../support/read-mail.js';
import type { Server } from '../support/server.js';
import { assert, skip, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';
import { workersOf } from '../support/worker-processes.js';
import { everyPath } from './every-path.js';
import { clientAddress, recipients, secrets } from './secrets.js';
import { formsOfNumber, formsOfTime, longEnough } from './telling-numbers.js';
import { writesIn } from './traced-writes.js';

const known = new Map<string | Uint8Array, Pattern[]>();

/** As most tokens are searched for again and again. */
function disguisesOf(token: string | Uint8Array): Pattern[] {
  const found = known.get(token) ?? disguises(token);
  known.set(token, found);
  return found;
}

/** Everything that was sent, that people are known by, or that a sender was told. */
function patternsOf(made: Installation, replies: readonly string[]): Pattern[] {
  const ids = replies.flatMap((reply) => /^250 2\.0\.0 Ok: (\S+)$/.exec(reply)?.[1] ?? []);
  assert.is(ids.length, replies.length);
  const keys = recipients.flatMap((address) => {
    const text = readFileSync(made.identity(address.replace(/@.*/, '.pub')), 'utf8');
    const [, fingerprint, key] = /^# \D*([a-z2-7-]{19})\n(\S+)\n$/.exec(text) as RegExpExecArray;
    return [fingerprint as string, ...[8, 500, 1000, 1900].map((at) => (key as string).slice(at, at + 40))];
  });
  const octets = Buffer.from(clientAddress.split('.').map(Number));
  const mapped = Buffer.concat([Buffer.from([255, 255]), octets]);
  return [...secrets, ...ids, ...keys, mapped].flatMap((token) => disguisesOf(token));
}

/** What a thief finds, as "where: what". */
function steal(made: Installation, servers: readonly Server[], patterns: readonly Pattern[]): string[] {
  const search = new Search(patterns);
  const found: string[] = [];
  let files = 0;
  for (const folder of [made.data, made.temp, join(made.folder, 'home')])
    found.push(...search.under(folder, () => files++));
  assert.ok(files >= 10, `only ${files} files were searched`);
  for (const { stdout, stderr } of servers)
    found.push(...search.in(Buffer.from(`${stdout}${stderr}`)).map((one) => `log: ${one}`));
  return [...found, ...unsealed(made)];
}

/** The four octets of an address come up in megabytes of sealed cells by chance; nowhere else may they stand. */
function unsealed(made: Installation): string[] {
  const octets = Buffer.from(clientAddress.split('.').map(Number));
  return outsideCells(made, [
    { name: 'octets of the client address', bytes: octets },
    { name: 'octets of the client address backwards', bytes: Buffer.from(octets).reverse() },
  ]);
}

/** Short patterns that stand in the data directory, but in cells. */
function outsideCells(made: Installation, patterns: readonly Pattern[]): string[] {
  const search = new Search(patterns);
  return entriesBelow(made.data)
    .filter(([, stats]) => stats.isFile())
    .map(([name]) => join(made.data, name))
    .flatMap((path) => {
      const bytes = readIfThere(path) ?? Buffer.of();
      const isStream = bytes.subarray(0, 15).equals(Buffer.from('obalka segment '));
      return search.in(isStream ? bytes.subarray(0, 4096) : bytes).map((one) => `${path}: ${one}`);
    });
}

function isRunning({ pid }: Server): boolean {
  return existsSync(`/proc/${pid}/fd/0`);
}

suite('thief', (test) => {
  const shown: string[] = [];
  const foundShown: string[] = [];

  test('a word of a mail, an address, a name or a client stands in a file or in what the server printed', () =>
    within(Installation.with(...recipients), async (made) => {
      const before = readdirSync(made.folder).sort();
      const servers: Server[] = [];
      let patterns: Pattern[] = [];
      await everyPath(made, servers, (moment, replies) => {
        patterns = patternsOf(made, replies);
        assert.equal(steal(made, servers, patterns), [], moment);
        const server = servers.at(-1) as Server;
        if (!isRunning(server)) return;
        const traces = [server.pid, ...workersOf(server)].flatMap(tracesOf);
        shown.push(...traces);
        foundShown.push(...new Search(patterns).in(Buffer.from(traces.join('\n'))));
      });
      assert.equal(readdirSync(made.folder).sort(), before, 'files beside the data directory');
      assert.equal(readdirSync(made.temp), [], 'temporary files');
      for (const { stdout, stderr } of servers) {
        assert.match(stdout, /^listening smtp 127\.0\.0\.1:\d+\n$/);
        // Though all sessions and replies are told.
        const said = new Set(codesOf(stderr));
        for (const code of ['session-began', 'replied', 'session-over', 'segment-begun'])
          assert.ok(said.has(code), code);
      }

      // The same search finds each word in each disguise, wherever it is put.
      const [blocks = ''] = readdirSync(made.data, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('segment-00000000/blocks'),
      );
      const places = [join(made.data, 'registry.sqlite'), join(made.temp, 'a file'), join(made.data, blocks)];
      writeFileSync(places[1] as string, '');
      for (const [at, { bytes }] of patterns.entries())
        appendFileSync(places[at % places.length] as string, Buffer.concat([bytes, Buffer.from([0])]));
      const found = new Set(steal(made, servers, patterns).map((one) => one.replace(/^[^:]*: /, '')));
      assert.equal(
        patterns.filter(({ name }) => !found.has(name)).map(({ name }) => name),
        [],
        'planted and not found',
      );
    }));

  test("a word stands in what the system shows of the server's process", () => {
    for (const what of ['cmdline', 'environ', 'maps', 'thread', 'file', 'cwd'])
      assert.ok(
        shown.some((one) => one.startsWith(`${what}: `)),
        what,
      );
    assert.ok(
      shown.some((one) => /^file: .*\/segment-00000000\/blocks$/.test(one)),
      'open files are seen',
    );
    assert.equal(foundShown, []);
  });

  test('the time or the size of a mail stands in a file', () =>
    within(Installation.with(...recipients), async (made) => {
      const server = await made.serve();
      const sizes = [123_457, 100_003, 234_571];
      for (const size of sizes) {
        const wire = await Wire.to(server.port);
        await wire.hello();
        const content = Buffer.from(
          `${'x'.repeat(98)}\r\n`
            .repeat(size / 100 + 1)
            .slice(0, size - 2)
            .replace(/\r$/, '.'),
        );
        const mail = {
          from: '',
          to: [...recipients],
          content: Buffer.concat([content, Buffer.from('\r\n')]),
        };
        wire.must(await wire.deliver(mail), '250');
        await wire.quit();
      }
      const [name] = (recipients[0] as string).split('@') as [string];
      const look = async () => {
        const { mails } = await readMailbox(made.data, made.identity(name));
        const all = mails.flatMap(({ mail: { envelope } }) => [
          ...formsOfNumber('size', envelope.contentLength),
          ...formsOfTime(envelope.receivedAt),
        ]);
        assert.equal(
          mails.map(({ mail }) => mail.envelope.contentLength),
          sizes,
        );
        const found = new Search(longEnough(all)).under(made.data);
        // Four octets come up by chance in sealed rows too.
        return [
          ...found,
          ...outsideCells(made, all).filter((one) => !/\/registry\.sqlite: .*four octets/.test(one)),
        ];
      };
      assert.equal(await look(), [], 'while it serves');
      await server.stop();
      assert.equal(await look(), [], 'after the end');
      const patterns = [...formsOfNumber('size', 123_457), ...formsOfTime(Date.now())];
      const planted = patterns.flatMap(({ bytes }) => [Buffer.from('x'), bytes, Buffer.from('x')]);
      writeFileSync(join(made.data, 'planted'), Buffer.concat(planted));
      assert.is(outsideCells(made, patterns).length, new Set(patterns.map((one) => one.name)).size);
    }));

  const strace = findProgram('strace');
  const name = 'a word is written to a file, though it does not stay there, or to a file somewhere else';
  if (!strace) return skip(test, name, 'strace is not installed');
  test(name, () =>
    within(Installation.with(...recipients), async (made) => {
      const trace = join(made.folder, 'trace');
      const calls = 'write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendfile,openat,open,creat,mmap';
      const options = ['-f', '--seccomp-bpf', '-y', '-xx', '-s', '4000000', '-e', `trace=${calls}`];
      const servers: Server[] = [];
      const replies: string[] = [];
      let log = '';
      const traced = made.serveUnder;
      made.serveUnder = (before, ...args) =>
        traced.call(made, [strace, ...options, '-o', `${trace}-${servers.length}`, ...before], ...args);
      await everyPath(made, servers, (_, all) => replies.splice(0, replies.length, ...all));
      for (const at of servers.keys()) log += readFileSync(`${trace}-${at}`, 'latin1');
      const patterns = patternsOf(made, replies);
      const search = new Search(patterns);
      const writes = writesIn(log);
      const files = new Set(writes.map(({ path }) => path).filter((path) => path.startsWith('/')));
      const outside = [...files].filter((path) => !path.startsWith(`${made.data}/`));
      assert.equal(outside, [], 'files written outside the data directory');
      assert.ok(files.size >= 8, [...files].join(' '));
      for (const database of ['registry.sqlite', 'registry.sqlite-journal'])
        assert.ok(files.has(join(made.data, database)), `${database} was written to`);
      const octets = writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
      assert.ok(octets > 1_000_000, `${octets} octets were seen`);
      for (const { path, bytes } of writes)
        if (!path.startsWith('TCP') && !path.startsWith('socket:'))
          assert.equal(search.deep(bytes), [], `written to ${path}`);
      // A word may begin in one write and end in the next.
      for (const file of files) {
        const all = writes.filter(({ path }) => path === file).map(({ bytes }) => bytes);
        assert.equal(search.in(Buffer.concat(all)), [], `written to ${file}, piece by piece`);
      }
      assert.ok(search.in(Buffer.from(`x${recipients[0]}x`)).length > 0);
    }),
  );
});
