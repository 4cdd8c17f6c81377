/** A journal that the real server wrote: restarts, a kill, large mails side by side, and a copy made meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { commandIn, type Said } from '../support/in-process.js';
import { assert } from '../support/suite.js';

export const dist = path(import.meta.dirname, '../..');
export const program = path(dist, 'src/cli/obalka.js');
export const decoder = path(dist, 'tools/reference/decode.js');
export const folder = mkdtempSync(path(tmpdir(), 'obalka-reference-'));
export const data = path(folder, 'data');
export const started = new Set<ChildProcess>();

export function obalka(...words: string[]): Promise<Said> {
  return commandIn(folder, { PATH: process.env.PATH, HOME: folder }, ...words);
}

export async function serve(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [program, 'serve', '--listen', '127.0.0.1:0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.add(child);
  const port = await new Promise<number>((done, fail) => {
    let said = '';
    child.on('exit', () => fail(new Error('the server ended')));
    child.stdout?.on('data', (octets) => {
      said += octets;
      const found = /listening smtp 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
      if (found) done(Number(found));
    });
  });
  return { child, port };
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((done) => child.on('exit', done));
  child.kill(signal);
  await ended;
  started.delete(child);
}

/** Just enough of a client to send octets as they are, in pieces, and to leave in the middle. */
export class Client {
  private said = '';
  private wake = () => {};

  private constructor(private readonly socket: Socket) {
    socket.on('data', (octets) => {
      this.said += octets;
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.said += '000 gone\r\n';
      this.wake();
    });
  }

  static async to(port: number): Promise<Client> {
    const client = new Client(connect(port, '127.0.0.1'));
    await client.reply();
    await client.command('HELO client.example.org');
    return client;
  }

  async reply(): Promise<string> {
    for (;;) {
      const found = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(this.said);
      if (found) {
        this.said = this.said.slice(found[0].length);
        return found[1] as string;
      }
      await new Promise<void>((done) => {
        this.wake = done;
      });
    }
  }

  async command(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.reply();
  }

  async begin(recipients: readonly string[]): Promise<void> {
    assert.is(await this.command('MAIL FROM:<bob@example.net>'), '250');
    for (const one of recipients) assert.is(await this.command(`RCPT TO:<${one}>`), '250');
    assert.is(await this.command('DATA'), '354');
  }

  /** Content octets; the caller sees to it that no line begins with a dot. */
  async write(octets: Uint8Array): Promise<void> {
    if (!this.socket.write(octets)) await new Promise<void>((done) => this.socket.once('drain', done));
  }

  async end(): Promise<void> {
    assert.is(await this.command('.'), '250');
  }

  async send(recipients: readonly string[], content: Uint8Array): Promise<void> {
    await this.begin(recipients);
    await this.write(content);
    await this.end();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Octets that follow from a seed: a header where it fits, and lines of 62 letters and CRLF, the last one shorter. */
export function content(seed: string, length: number): Uint8Array {
  const word = seed.replaceAll(' ', '-');
  const header = length > 200 ? `Subject: ${seed}\r\nFrom: <${word}@example.net>\r\n\r\n` : '';
  const line = `${createHash('sha256').update(seed).digest('hex').slice(0, 62)}\r\n`;
  const rest = length - header.length;
  const lines = line.repeat(Math.max(0, Math.floor(rest / 64) - 1));
  const last = rest - lines.length;
  return Buffer.from(last < 2 ? '' : `${header}${lines}${'z'.repeat(last - 2)}\r\n`);
}

export const digest = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');
export const alice = 'alice@example.org';
export const desk = 'desk@example.org';
export const bob = 'bob@example.com';

/** What was acknowledged: recipient and digest of the content, in order. */
export const acknowledged: { recipient: string; digest: string; size: number }[] = [];
export function remember(recipients: readonly string[], octets: Uint8Array): void {
  for (const recipient of recipients)
    acknowledged.push({ recipient, digest: digest(octets), size: octets.length });
}

/** A copy in the order that journal.md, Copies, asks for: later segments first, in each of them `synced` first. */
export function copyInOrder(from: string, to: string): void {
  cpSync(path(from, 'journal'), path(to, 'journal'));
  for (const lane of readdirSync(from).filter((name) => name.startsWith('lane-'))) {
    cpSync(path(from, lane, 'lane'), path(to, lane, 'lane'));
    const segments = readdirSync(path(from, lane)).filter((name) => name.startsWith('segment-'));
    for (const segment of segments.sort().reverse())
      for (const file of ['synced', 'channels', 'channels.mirror', 'envelopes', 'blocks'])
        cpSync(path(from, lane, segment, file), path(to, lane, segment, file));
  }
}

export async function writeJournal(): Promise<void> {
  for (const name of ['alice', 'bob']) assert.is((await obalka('key', 'new', name)).code, 0);
  await obalka('init', '--data', data);
  for (const [address, key] of [
    [alice, 'alice'],
    [desk, 'alice'],
    [bob, 'bob'],
  ] as const)
    assert.is((await obalka('register', address, '--key', `${key}.pub`, '--data', data)).code, 0);

  const first = await serve();
  const client = await Client.to(first.port);
  const sizes = [0, 2, 100, 16200, 16240, 16260, 16320, 16322, 32000, 32592, 32700, 100_000, 2 ** 21];
  for (const [i, size] of sizes.entries()) {
    const octets = content(`first-${i}`, size);
    const recipients = [[alice], [bob], [alice, desk, bob]][i % 3] as string[];
    await client.send(recipients, octets);
    remember(recipients, octets);
  }
  // Two at once, piece by piece: their blocks alternate, so that runs need index blocks.
  const others = await Promise.all([Client.to(first.port), Client.to(first.port)]);
  const large = others.map((_, i) => content(`side by side ${i}`, 700_000 + i));
  await Promise.all(others.map((one) => one.begin([alice, bob])));
  for (let at = 0; at < 700_002; at += 20_000)
    for (const [i, one] of others.entries()) {
      await one.write((large[i] as Uint8Array).subarray(at, at + 20_000));
      await new Promise((done) => setTimeout(done, 8));
    }
  for (const [i, one] of others.entries()) {
    await one.end();
    remember([alice, bob], large[i] as Uint8Array);
    one.close();
  }
  // A copy while one client is sending, and then the server is killed in the middle of it.
  const cut = await Client.to(first.port);
  await cut.begin([alice]);
  await cut.write(content('cut off', 300_000));
  copyInOrder(path(data, 'journal'), path(folder, 'copy'));
  await client.send([alice], content('last', 5000));
  remember([alice], content('last', 5000));
  await stop(first.child, 'SIGKILL');
  client.close();
  cut.close();

  for (const run of ['second', 'third']) {
    const { child, port } = await serve();
    const again = await Client.to(port);
    for (const size of [50, 20_000, 300_000]) {
      const octets = content(`${run}-${size}`, size);
      await again.send([alice, bob], octets);
      remember([alice, bob], octets);
    }
    again.close();
    await stop(child, 'SIGTERM');
  }
}
