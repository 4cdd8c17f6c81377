/** A lost channel, in the real programs: its mirror serves; without it, its owner is told where, and all else opens. */
import { closeSync, openSync, readdirSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdentityFile } from '../../src/cli/keys/identities.js';
import { decodeSegmentHead } from '../../src/format/head.js';
import { openChannel } from '../../src/seal/channel.js';
import { type Identity, showFingerprint } from '../../src/seal/keys.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const people = ['ann', 'bob', 'cyd'] as const;
const copies = ['channels', 'channels.mirror'] as const;

/** Two segments, in each of which everybody gets a mail. */
function withTwoSegments(use: (made: Installation) => Promise<void>): Promise<void> {
  return within(Installation.with(...people.map((name) => `${name}@example.org`)), async (made) => {
    for (const segment of [0, 1]) {
      const server = await made.serve();
      const wire = await Wire.to(server.port);
      await wire.hello();
      for (const name of people) {
        const content = Buffer.from(`Subject: to ${name} in ${segment}\r\n\r\nx\r\n`);
        wire.must(await wire.deliver({ from: '', to: [`${name}@example.org`], content }), '250');
      }
      await wire.quit();
      assert.is((await server.stop()).code, 0);
    }
    await use(made);
  });
}

function file(made: Installation, segment: number, name: string): string {
  const journal = join(made.data, 'journal');
  const lane = readdirSync(journal).find((one) => one.startsWith('lane-')) as string;
  return join(journal, lane, `segment-0000000${segment}`, name);
}

async function identityOf(made: Installation, name: string): Promise<Identity> {
  return (await loadIdentityFile(made.identity(name)))[0] as Identity;
}

/** The number of the channel that somebody has in a segment. */
async function channelOf(made: Installation, segment: number, name: string): Promise<number> {
  const identity = await identityOf(made, name);
  const bytes = readFileSync(file(made, segment, 'channels'));
  const head = decodeSegmentHead(bytes.subarray(0, 4096), 'channels');
  for (let number = 0; 4096 + number * 1280 < bytes.length; number++) {
    const cell = bytes.subarray(4096 + number * 1280, 4096 + (number + 1) * 1280);
    if (openChannel(cell, identity, head, number)) return number;
  }
  throw new Error(`${name} has no channel in segment ${segment}`);
}

/** Writes zeros over the middle of a cell. */
function damage(path: string, number: number): void {
  const opened = openSync(path, 'r+');
  writeSync(opened, new Uint8Array(32), 0, 32, 4096 + number * 1280 + 64);
  closeSync(opened);
}

interface Listed {
  readonly subjects: string[];
  readonly stderr: string;
}

async function list(made: Installation, ...names: readonly string[]): Promise<Listed> {
  const identities = names.flatMap((name) => ['--identity', name]);
  const { stdout, stderr } = await made.run('list', '--json', ...identities);
  const lines = stdout.toString().split('\n').slice(0, -1);
  const subjects = lines.map((line) => (JSON.parse(line) as { subject: string }).subject);
  return { subjects: subjects.sort(), stderr };
}

suite('a lost channel', (test) => {
  test('a channel of which one copy is left loses mail, or verify is silent about the other', () =>
    withTwoSegments(async (made) => {
      damage(file(made, 0, 'channels'), await channelOf(made, 0, 'ann'));
      damage(file(made, 1, 'channels.mirror'), await channelOf(made, 1, 'ann'));
      const { subjects, stderr } = await list(made, 'ann');
      assert.equal(subjects, ['to ann in 0', 'to ann in 1']);
      assert.is(stderr, '');
      const verified = await made.run('verify', '--identity', 'ann');
      assert.is(verified.code, 5);
      assert.match(verified.stderr, /segment 0, channel \d+: does not match its check/);
      assert.match(verified.stderr, /segment 1, channel \d+ \(mirror\): does not match its check/);
      assert.match(verified.stdout.toString(), /2 mails opened whole/);
    }));

  test('an owner is not told in which segment mail cannot be found, or others lose theirs', () =>
    withTwoSegments(async (made) => {
      const number = await channelOf(made, 0, 'ann');
      for (const copy of copies) damage(file(made, 0, copy), number);
      const [ann, bob] = [await identityOf(made, 'ann'), await identityOf(made, 'bob')];
      const told = `segment 0: mail to key ${showFingerprint(ann.fingerprint)} cannot be found here, if its channel was the one that is lost`;
      const place = `segment 0, channel ${number}: both copies are damaged`;

      const anns = await list(made, 'ann');
      assert.equal(anns.subjects, ['to ann in 1']);
      assert.ok(anns.stderr.includes(told) && anns.stderr.includes(place), anns.stderr);

      // Who has found a channel there has lost nothing.
      const bobs = await list(made, 'bob');
      assert.equal(bobs.subjects, ['to bob in 0', 'to bob in 1']);
      assert.ok(bobs.stderr.includes(place), bobs.stderr);
      assert.not(bobs.stderr.includes('mail to key'), bobs.stderr);

      const both = await list(made, 'ann', 'bob', 'cyd');
      assert.is(both.subjects.length, 5);
      assert.ok(both.stderr.includes(told), both.stderr);
      assert.not(both.stderr.includes(showFingerprint(bob.fingerprint)));

      const verified = await made.run('verify', '--identity', 'ann', '--identity', 'bob');
      assert.is(verified.code, 5);
      assert.ok(
        verified.stderr.includes(`not checked: lane`) && verified.stderr.includes(told),
        verified.stderr,
      );
      assert.match(verified.stdout.toString(), /3 mails opened whole/);
    }));

  test('an owner whose channel was cut off is not told', () =>
    withTwoSegments(async (made) => {
      const number = await channelOf(made, 1, 'cyd');
      for (const copy of copies) truncateSync(file(made, 1, copy), 4096 + number * 1280);
      const { subjects, stderr } = await list(made, 'cyd');
      assert.equal(subjects, ['to cyd in 0']);
      assert.match(
        stderr,
        /segment 1: mail to key \S+ cannot be found here, if its channel was (the one that is|among the \d that are) lost/,
      );
      assert.match(stderr, new RegExp(`segment 1, channel ${number}: the stream ends here`));
    }));
});
