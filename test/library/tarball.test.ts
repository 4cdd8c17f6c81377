/** The library as a stranger gets it: packed, unpacked in an empty folder, its guide's examples run as they stand. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTransport } from 'nodemailer';
import { Guide } from '../guides/guide.js';
import { assert, suite } from '../support/suite.js';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'obalka-library-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** An empty folder with nothing but the package: none of its dependencies. */
function unpack(): void {
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  mkdirSync(join(folder, 'node_modules'));
  execFileSync('tar', ['xzf', join(folder, filename), '-C', join(folder, 'node_modules')]);
  execFileSync('mv', [join(folder, 'node_modules/package'), join(folder, 'node_modules/obalka')]);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const guide = new Guide('smtp-library.md');
  while (!guide.isDone) {
    const code = guide.next('js', '// ');
    writeFileSync(join(folder, /^\/\/ (\S+)\n/.exec(code)?.[1] as string), code);
  }
}

interface Example {
  readonly port: number;
  readonly output: () => string;
  /** Ends it as its user would; resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
}

async function start(...args: string[]): Promise<Example> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const port = await new Promise<number>((done, fail) => {
    child.stdout.on('data', (bytes) => {
      output += bytes;
      const line = /listening on .*port: (\d+)/.exec(output);
      if (line) done(Number(line[1]));
    });
    void ended.then((code) => fail(new Error(`ended with ${code}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { port, output: () => output, stop };
}

const raw = 'Subject: to a stranger\r\n\r\n.one\r\ntwo\r\n';

function send(port: number, to: string) {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
  return transport
    .sendMail({ envelope: { from: 'a@example.org', to }, raw })
    .finally(() => transport.close());
}

suite('library', (test) => {
  test.before(unpack);

  test('the first example of the guide: it does not run from the package alone', async () => {
    const example = await start('print-mail.mjs', '0');
    await send(example.port, 'b@example.net');
    assert.is(await example.stop(), 0);
    assert.match(example.output(), 'from <a@example.org> to <b@example.net>\nSubject: to a stranger');
    assert.match(example.output(), '.one\r\ntwo\r\n');
  });

  test('the second example of the guide: mail that is not in the folder, or of an unknown recipient', async () => {
    const example = await start('mail-to-folder.mjs', 'in', '0', 'b@example.net');
    const { response } = await send(example.port, 'b@example.net');
    const refused = await send(example.port, 'nobody@example.net').catch((error: Error) => error.message);
    assert.is(await example.stop(), 0);
    const files = readdirSync(join(folder, 'in'));
    assert.is(files.length, 1);
    assert.match(response, files[0] as string);
    assert.is(readFileSync(join(folder, 'in', files[0] as string), 'utf8'), raw);
    assert.match(String(refused), '550 5.1.1');
  });

  test('the third example of the guide: its policy lets a word through that was cut in two, or its notes get lost', async () => {
    const example = await start('no-lottery.mjs', '0');
    await send(example.port, 'b@example.net');
    const transport = createTransport({ host: '127.0.0.1', port: example.port, ignoreTLS: true });
    const envelope = { from: 'a@example.org', to: 'b@example.net' };
    const refused = await transport
      .sendMail({ envelope, raw: `${'x'.repeat(65_530)}LOTTERY\r\n` })
      .catch((error: Error) => error.message)
      .finally(() => transport.close());
    assert.is(await example.stop(), 0);
    assert.match(String(refused), '550 5.7.1 No lotteries here');
    assert.match(example.output(), "notes { 'no-lottery.version': '1' }");
  });

  test('a name of the package that is not documented in the guide, or has no types', async () => {
    const entry = join(folder, 'node_modules/obalka/dist/src/library/smtp.js');
    const names = Object.keys((await import(entry)) as object);
    const guide = readFileSync(join(root, 'spec/guide/smtp-library.md'), 'utf8');
    assert.equal(
      names.filter((name) => !guide.includes(`\`${name}`)),
      [],
    );
    symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
    const options = '--noEmit --strict --checkJs --module nodenext --target es2023 --types node';
    const args = [...options.split(' '), 'print-mail.mjs'];
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), args, {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.is(stdout, '');
  });
});
