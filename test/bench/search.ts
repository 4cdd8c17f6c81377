/**
 * How long `obalka search` takes on a mailbox of small mails: indexing, then words that are rare, common, and no word.
 *
 *   node dist/test/bench/search.js [--mails 20000] [--keep FOLDER]
 *
 * The journal is written by the server's own parts, with real blocks; a folder that was kept is used again.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeIdentity } from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import { AddressBook, PostOffice, person } from '../support/post-office.js';
import { quickDisk } from '../support/quick-disk.js';

const { values } = parseArgs({
  options: { mails: { type: 'string', default: '20000' }, keep: { type: 'string' } },
});
const mails = Number(values.mails);
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'obalka-search-')));
const journal = join(folder, 'journal');
const identityFile = join(folder, 'identity');
const cache = join(folder, 'cache');
const program = resolve(import.meta.dirname, '../../packed/obalka.js');

mkdirSync(folder, { recursive: true });
try {
  if (!existsSync(identityFile)) await makeJournal();
  rmSync(cache, { recursive: true, force: true });
  const first = await search('rare17');
  console.log(
    `indexing: ${first.seconds.toFixed(1)} s, ${Math.round(mails / first.seconds)} mails/s, ${first.processor.toFixed(1)} s of processors, ${first.mebibytes} MiB, cache ${mebibytesIn(cache)} MiB`,
  );
  for (const words of [
    ['rare17'],
    ['w1'],
    ['w900'],
    ['from:sender7', 'w50'],
    ['w1*'],
    ['absent'],
    ['w1', '--limit', '50'],
  ]) {
    const { seconds, processor, mebibytes, lines } = await search(...words);
    console.log(
      `search ${words.join(' ')}: ${seconds.toFixed(2)} s (${processor.toFixed(2)} s of processors), ${mebibytes} MiB, ${lines} lines`,
    );
  }
  const list = await run('list', '--limit', '1');
  console.log(`list --limit 1 beside it: ${list.seconds.toFixed(2)} s, ${list.mebibytes} MiB`);
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}

async function makeJournal(): Promise<void> {
  const owner = person('owner');
  const book = new AddressBook();
  book.set('owner@example.org', owner);
  const office = await PostOffice.open({ folder: journal, book, disk: quickDisk });
  const started = performance.now();
  for (let at = 0; at < mails; at += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, mails - at) }, (_, more) =>
        office.send(['owner@example.org'], content(at + more)),
      ),
    );
  await office.close();
  writeFileSync(identityFile, `${encodeIdentity(owner.seed)}\n`, { mode: 0o600 });
  console.log(`made ${mails} mails in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** Some 4 KiB: 550 words of a vocabulary of which few are frequent, and headers as mail has them. */
function content(number: number): Uint8Array {
  const random = bytesFrom(`mail ${number}`, 1100);
  const words = Array.from({ length: 550 }, (_, at) => {
    const share = ((random[2 * at] as number) * 256 + (random[2 * at + 1] as number)) / 65_536;
    return `w${Math.floor(20_000 ** share)}`;
  });
  const lines = Array.from({ length: 55 }, (_, line) => words.slice(10 * line, 10 * line + 10).join(' '));
  const id = Buffer.from(random.subarray(0, 12)).toString('hex');
  return Buffer.from(
    [
      `Received: from mx${number % 9}.sender.example (192.0.2.${number % 200}) by mail.example.org with ESMTPS id ${id.slice(0, 10)}`,
      `From: "Sender ${number % 97}" <sender${number % 97}@sender.example>`,
      'To: owner@example.org',
      `Subject: ${words.slice(0, 5).join(' ')}`,
      'Date: Sat, 21 Nov 2026 02:56:46 +0000',
      `Message-ID: <${id}@sender.example>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      ...lines,
      number % 1000 === 17 ? `rare${number % 1000}` : '',
      '',
    ].join('\r\n'),
  );
}

function search(...words: readonly string[]): ReturnType<typeof run> {
  return run('search', ...words);
}

async function run(
  ...args: readonly string[]
): Promise<{ seconds: number; processor: number; mebibytes: number; lines: number }> {
  const begun = performance.now();
  const report = join(folder, 'usage');
  // The program reports its own use when it ends.
  const tell = `data:text/javascript,import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(process.env.USAGE,JSON.stringify(process.resourceUsage())))`;
  const child = spawn(
    process.execPath,
    [
      '--import',
      tell,
      program,
      ...args,
      '--identity',
      identityFile,
      '--data',
      journal,
      '--cache',
      cache,
      '--pins',
      'none',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, USAGE: report } },
  );
  let lines = 0;
  child.stdout.on('data', (data: Buffer) => {
    for (const octet of data) if (octet === 10) lines++;
  });
  await new Promise((done) => child.on('close', done));
  const usage = JSON.parse(await readFile(report, 'utf8')) as NodeJS.ResourceUsage;
  return {
    seconds: (performance.now() - begun) / 1000,
    processor: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    mebibytes: Math.round(usage.maxRSS / 1024),
    lines,
  };
}

function mebibytesIn(path: string): number {
  return Math.round(
    readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0) / 2 ** 20,
  );
}
