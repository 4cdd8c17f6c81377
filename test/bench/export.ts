/**
 * How fast a large mail is taken away, beside opening an age file of the same content: ChaCha20-Poly1305 in chunks of 64 KiB, as
 * `age -d` does it, here by node:crypto.
 *
 *   node dist/test/bench/export.js [--mebibytes 1024] [--rounds 3] [--age PROGRAM]
 *
 * Each is a process of its own that writes a file; times are from its start to its end. With --age, that program opens the file
 * too: age of version 1.3 or newer.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../../src/cli/random.js';
import { encodeIdentity, identityOf } from '../../src/seal/keys.js';
import { Reply } from '../../src/smtp/replies.js';
import { AddressBook, PostOffice } from '../support/post-office.js';

const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
    age: { type: 'string' },
  },
});
const mebibytes = Number(values.mebibytes);
const program = resolve(import.meta.dirname, '../../packed/obalka.js');
const peer = resolve(import.meta.dirname, 'peers/open-age.js');

/** Runs a program to its end. */
async function run(words: readonly string[]): Promise<{ seconds: number; mebibytesOfMemory: number }> {
  const began = performance.now();
  const child = spawn(words[0] as string, words.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  let most = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'latin1').catch(() => '');
    most = Math.max(most, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }, 20);
  const code = await new Promise((done) => child.on('close', done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - began) / 1000, mebibytesOfMemory: most / 1024 };
}

const folder = await mkdtemp(join(tmpdir(), 'obalka-export-'));
try {
  const identity = identityOf(random(32));
  const identityFile = join(folder, 'identity');
  await writeFile(identityFile, `${encodeIdentity(identity.seed)}\n`, { mode: 0o600 });
  const book = new AddressBook();
  book.set('me@example.org', identity);
  const office = await PostOffice.open({ folder: join(folder, 'journal'), book });
  const delivery = await office.begin('me@example.org');
  if (delivery instanceof Reply) throw new Error('refused');
  const line = `${'All work and no play makes mail a dull thing. '.repeat(2).slice(0, 74)}\r\n`;
  const piece = Buffer.from(line.repeat(Math.ceil(2 ** 20 / line.length)).slice(0, 2 ** 20));
  await delivery.write(Buffer.from('Subject: large\r\n\r\n'));
  for (let done = 0; done < mebibytes; done++) await delivery.write(piece);
  await delivery.commit();
  await office.close();

  const own = ['--identity', identityFile, '--data', join(folder, 'journal'), '--pins', 'none'];
  const take = (format: string, to: string) => [
    ...[process.execPath, program, 'export', '--format', format, '--to', to, ...own],
  ];
  const aged = join(folder, 'aged');
  await run(take('age', aged));
  const [ageFile = ''] = await import('node:fs/promises').then(async ({ readdir }) =>
    (await readdir(aged)).map((name) => join(aged, name)),
  );
  const octets = (await stat(ageFile)).size;
  const out = join(folder, 'out');
  const contestants: [name: string, words: string[]][] = [
    ['open-age (node:crypto)', [process.execPath, peer, ageFile, identityFile, out]],
    ...(values.age
      ? [['age -d', [values.age, '-d', '-i', identityFile, '-o', out, ageFile]] as [string, string[]]]
      : []),
    ...['eml', 'maildir', 'mbox', 'age'].map((format): [string, string[]] => [
      `export --format ${format}`,
      take(format, out),
    ]),
  ];
  const rates = new Map<string, number[]>();
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [name, words] of contestants) {
      await rm(out, { recursive: true, force: true });
      const { seconds, mebibytesOfMemory } = await run(words);
      const rate = octets / seconds / 1e6;
      rates.set(name, [...(rates.get(name) ?? []), rate]);
      console.error(`${name}: ${rate.toFixed(0)} MB/s, ${mebibytesOfMemory.toFixed(0)} MiB of memory`);
    }
  const median = (name: string) =>
    (rates.get(name) ?? []).sort((a, b) => a - b)[Math.floor(Number(values.rounds) / 2)] ?? 0;
  const base = median(contestants[0]?.[0] ?? '');
  console.log('| | MB/s | × |\n|---|---|---|');
  for (const [name] of contestants)
    console.log(`| ${name} | ${median(name).toFixed(0)} | ${(median(name) / base).toFixed(2)} |`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
