/** The reference decoder against a journal that the real server wrote, and against what the program says of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { join } from '../../tools/reference/bytes.js';
import { hashOf, place } from '../../tools/reference/cells.js';
import { checkJournal } from '../../tools/reference/checking.js';
import { lineOf } from '../../tools/reference/decode.js';
import { filesInFolder, filesInMemory } from '../../tools/reference/files.js';
import { findMail, type Mail } from '../../tools/reference/finding.js';
import { type Journal, openJournal } from '../../tools/reference/journal.js';
import { type Identity, parseIdentities } from '../../tools/reference/keys.js';
import { openContent } from '../../tools/reference/message.js';
import { assert, suite } from '../support/suite.js';
import {
  acknowledged,
  data,
  decoder,
  digest,
  folder,
  obalka,
  started,
  writeJournal,
} from './real-journal.js';
import { rememberDerivations } from './remembered.js';

function openedContent(journal: Journal, mail: Mail): Uint8Array {
  assert.is(mail.state, 'counts', `${mail.id} is ${mail.state}`);
  return mail.state === 'counts'
    ? join(...openContent(journal, mail.segment, mail.envelope, mail.at))
    : new Uint8Array();
}

const known = new Map<string, Identity[]>();
function identitiesOf(...names: string[]): Identity[] {
  return names.flatMap((name) => {
    const found = known.get(name) ?? parseIdentities(readFileSync(path(folder, name), 'utf8'), name);
    known.set(name, found);
    return found;
  });
}

const flags = (...names: string[]) => names.flatMap((name) => ['--identity', path(folder, name)]);
const verified = (where: string) => obalka('verify', '--json', '--data', where, ...flags('bob'));
/** A file with the identities of these people, for the reference. */
function identityFile(...names: string[]): string {
  const file = path(folder, `${names.join('+')}.identities`);
  writeFileSync(file, names.map((name) => readFileSync(path(folder, name), 'utf8')).join(''));
  return file;
}
const linesOf = (octets: Buffer) =>
  octets
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** What both programs must say alike of each mail that counts. */
async function listed(where: string, ...names: string[]) {
  const theirs = linesOf((await obalka('list', '--json', '--data', where, ...flags(...names))).stdout);
  const run = spawnSync(process.execPath, [decoder, where, identityFile(...names)]);
  const ours = linesOf(run.stdout).filter((line) => line.state === 'counts');
  const common = (line: Record<string, unknown>) => `${line.id} ${line.receivedAt} ${line.size}`;
  return { theirs: theirs.map(common), ours: ours.map(common), exit: run.status };
}

/** The places of cells that `verify` of both programs names, sorted. */
async function faultsOf(where: string) {
  const theirs = JSON.parse((await obalka('verify', '--json', '--data', where)).stdout.toString()) as {
    faults: string[];
    cells: number;
    torn: number;
  };
  const ours = checkJournal(openJournal(filesInFolder(where)));
  const cellPlace = /^lane \w+, segment \d+, \w+ \d+( \(mirror\))?(?=: (does not match|the stream ends))/;
  const places = (texts: string[]) =>
    texts
      .flatMap(eachCell)
      .flatMap((text) => cellPlace.exec(text)?.[0] ?? [])
      .sort();
  return {
    theirs: { places: places(theirs.faults), cells: theirs.cells, torn: theirs.torn },
    ours: { places: places(ours.faults.map((one) => one.message)), cells: ours.cells, torn: ours.torn },
  };
}

/** One line for each cell, of a line that tells of neighbours together. */
function eachCell(text: string): string[] {
  const [, stream, first, copy, last] =
    /^(lane \w+, segment \d+, \w+) (\d+)( \(mirror\))?: this and all up to (\d+) do not match/.exec(text) ??
    [];
  if (stream === undefined) return [text];
  const count = Number(last) - Number(first) + 1;
  return Array.from(
    { length: count },
    (_, at) => `${stream} ${Number(first) + at}${copy ?? ''}: does not match its check`,
  );
}

/** A journal as files in memory, by name. */
function inMemory(where: string): Record<string, Uint8Array> {
  const files = filesInFolder(where);
  const found: Record<string, Uint8Array> = {};
  const collect = (name: string) => {
    const length = files.length(name);
    if (length !== undefined) found[name] = files.read(name, 0, length);
    else for (const below of files.names(name)) collect(name === '' ? below : `${name}/${below}`);
  };
  collect('');
  return found;
}

/** Writes a changed copy of the journal to a folder of this name and gives its path. */
function changedCopy(name: string, change: (files: Record<string, Uint8Array>) => void): string {
  const files = inMemory(data);
  change(files);
  const to = path(folder, name);
  cpSync(path(data, 'journal'), to, { recursive: true });
  for (const [file, octets] of Object.entries(files)) writeFileSync(path(to, file), octets);
  return to;
}

const heads = 4096;
function flip(octets: Uint8Array | undefined, at: number): void {
  assert.ok(octets && at < octets.length);
  if (octets) octets[at] = (octets[at] as number) ^ 1;
}

// The same channels are opened in most of these tests.
rememberDerivations();

suite('the reference decoder and a real journal', (test) => {
  test.before(() => writeJournal().catch((error) => console.error(error)));
  test.after(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('both list the same mails, times and sizes, for each identity and for both', async () => {
    for (const names of [['bob'], ['alice', 'bob']]) {
      const { theirs, ours, exit } = await listed(data, ...names);
      assert.is(exit, 0);
      assert.equal(ours, theirs);
      assert.ok(ours.length > 10);
    }
  });

  test('every acknowledged mail opens, byte for byte, and there is no other', () => {
    const journal = openJournal(filesInFolder(data));
    assert.equal(journal.faults, []);
    assert.is(journal.segments.length, 3);
    const { mails, faults } = findMail(journal, identitiesOf('alice', 'bob'));
    assert.equal(faults, []);
    const opened = mails.map((mail) => ({
      recipient: mail.state === 'counts' ? mail.envelope.recipient : mail.state,
      digest: digest(openedContent(journal, mail)),
      size: mail.state === 'counts' ? mail.envelope.content : -1,
    }));
    const order = (list: typeof opened) => list.map((one) => JSON.stringify(one)).sort();
    assert.equal(order(opened), order(acknowledged));
    const depths = mails.map((mail) => (mail.state === 'counts' ? mail.envelope.depth : 0));
    assert.ok(depths.includes(1), 'some mail needs index blocks');
  });

  test('both programs read the same octets', async () => {
    const lines = linesOf(execFileSync(process.execPath, [decoder, data, identityFile('bob')]));
    const chosen = lines.filter((line) => [2, 32_592, 300_000, 700_001].includes(Number(line.size)));
    assert.ok(chosen.length >= 3);
    for (const { id, size } of chosen.slice(0, 4)) {
      const theirs = (await obalka('read', String(id), '--raw', '--data', data, ...flags('bob'))).stdout;
      const ours = spawnSync(process.execPath, [decoder, data, identityFile('bob'), '--read', String(id)], {
        maxBuffer: 1 << 26,
      });
      assert.is(ours.status, 0);
      assert.is(ours.stdout.length, size);
      assert.ok(ours.stdout.equals(theirs));
    }
  });

  test('content comes piece by piece, in pieces no larger than a block', () => {
    const journal = openJournal(filesInFolder(data));
    const { mails } = findMail(journal, identitiesOf('bob'));
    const mail = mails.find((one) => one.state === 'counts' && one.envelope.content > 500_000);
    assert.is(mail?.state, 'counts');
    if (mail?.state !== 'counts') return;
    const pieces = [...openContent(journal, mail.segment, mail.envelope, mail.at)];
    assert.ok(pieces.length > 30);
    assert.ok(pieces.every((piece) => piece.length <= 16352));
  });

  test('a copy made while the server wrote opens all that was acknowledged before, without a fault', () => {
    const journal = openJournal(filesInMemory(inMemory(path(folder, 'copy'))));
    assert.equal(checkJournal(journal).faults, []);
    const { mails, faults } = findMail(journal, identitiesOf('alice', 'bob'));
    assert.equal(faults, []);
    const digests = mails.map((mail) => digest(openedContent(journal, mail)));
    const before = acknowledged.slice(0, acknowledged.length - 13);
    assert.equal(digests.sort(), before.map((one) => one.digest).sort());
  });

  test('a journal without a fault has none for either', async () => {
    const { theirs, ours } = await faultsOf(data);
    assert.equal(ours, theirs);
    assert.equal(ours.places, []);
  });

  test('flipped octets are named at the same places by both', async () => {
    const where = changedCopy('flipped', (files) => {
      for (const [name, octets] of Object.entries(files)) {
        const [, segment, stream] =
          /segment-0*(\d+)\/(channels|channels\.mirror|envelopes|blocks)$/.exec(name) ?? [];
        if (stream === undefined) continue;
        const size = stream === 'blocks' ? 16384 : 1280;
        const cells = Math.floor((octets.length - heads) / size);
        for (const part of [0, 0.37, 0.71, 0.999]) {
          const n = Math.min(cells - 1, Math.floor(part * cells) + Number(segment));
          flip(octets, heads + n * size + Math.floor(part * size));
        }
      }
    });
    const { theirs, ours } = await faultsOf(where);
    assert.equal(ours, theirs);
    assert.ok(ours.places.length + ours.torn >= 40);
    const run = spawnSync(process.execPath, [decoder, where, '--check']);
    assert.is(run.status, 5);
  });

  test('a stream cut short is missing its end at the same place for both', async () => {
    const where = changedCopy('cut', (files) => {
      for (const [name, octets] of Object.entries(files)) {
        if (name.endsWith('00000000/blocks')) files[name] = octets.slice(0, octets.length / 2);
        if (name.endsWith('00000001/channels.mirror')) files[name] = octets.slice(0, heads + 1300);
      }
    });
    const { theirs, ours } = await faultsOf(where);
    assert.equal(ours, theirs);
    assert.ok(ours.places.some((one) => /block/.test(one)) && ours.places.some((one) => /mirror/.test(one)));
  });

  test('an erased mail is erased for both, and void, damaged and lost are told apart', async () => {
    const journal = openJournal(filesInFolder(data));
    const mine = findMail(journal, identitiesOf('bob')).mails;
    const [gone, broken] = [mine.at(-1) as Mail, mine.at(-2) as Mail];
    const cellAt = (mail: Mail) => heads + mail.cell * 1280;
    const where = changedCopy('erased', (files) => {
      const envelopes = files[`${gone.segment.folder}/envelopes`] as Uint8Array;
      envelopes.set(erase(gone, envelopes.slice(cellAt(gone), cellAt(gone) + 1264)), cellAt(gone));
      flip(files[`${broken.segment.folder}/envelopes`], cellAt(broken) + 700);
    });
    const run = spawnSync(process.execPath, [decoder, where, identityFile('bob')]);
    assert.is(run.status, 5);
    const states = Object.fromEntries(linesOf(run.stdout).map((line) => [line.id, line.state]));
    assert.is(states[gone.id], 'erased');
    assert.is(states[broken.id], 'damaged');
    const said = JSON.parse((await verified(where)).stdout.toString());
    assert.is(said.erased, 1);
    assert.is(said.mails, mine.length - 2);
    assert.ok(run.stderr.toString().includes(broken.at));

    // Without a claim and a checkpoint, a mail of the last segment whose block is torn was never acknowledged.
    const torn = changedCopy('void', (files) => {
      const last = (mine.at(-1) as Mail).segment.folder;
      files[`${last}/synced`] = new Uint8Array();
      files[`${last}/checkpoint`] = new Uint8Array();
      if (gone.state === 'counts')
        flip(files[`${last}/blocks`], heads + 16384 * (gone.envelope.runs[0]?.first as number) + 99);
    });
    rmSync(path(torn, gone.segment.folder, 'checkpoint'));
    const mails = findMail(openJournal(filesInFolder(torn)), identitiesOf('bob')).mails;
    assert.equal(
      mails.filter((mail) => mail.state === 'void').map((mail) => mail.id),
      [gone.id],
    );
    assert.is(mails.filter((mail) => mail.state === 'counts').length, mine.length - 1);
    const both = JSON.parse((await verified(torn)).stdout.toString());
    assert.is(both.void, 1);
  });

  test('the mirror stands in for channels, and the other heads for one', () => {
    const where = changedCopy('mirror', (files) => {
      for (const [name, octets] of Object.entries(files))
        if (name.endsWith('/channels')) files[name] = octets.slice(0, 20);
    });
    const journal = openJournal(filesInFolder(where));
    assert.is(journal.faults.length, 3);
    const { mails, faults } = findMail(journal, identitiesOf('alice', 'bob'));
    assert.equal(faults, []);
    assert.is(mails.filter((mail) => mail.state === 'counts').length, acknowledged.length);
  });

  test('a newer version is refused, and named as newer', () => {
    const files = inMemory(data);
    const newer = { ...files, journal: Uint8Array.from(files.journal as Uint8Array) };
    newer.journal[15] = '2'.charCodeAt(0);
    assert.throws(() => openJournal(filesInMemory(newer)), /newer program/);
  });

  test('a segment that is missing is told, and the effective claim comes from the next', () => {
    const files = inMemory(data);
    const without = (part: string) =>
      filesInMemory(Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes(part))));
    const places = checkJournal(openJournal(without('segment-00000001'))).faults.map((one) => one.message);
    assert.ok(places.some((one) => /segment 2: the segment before is missing/.test(one)));
    const [first] = openJournal(without('segment-00000000/synced')).segments;
    assert.is(first?.claimed, undefined);
    assert.ok((first?.claim.envelopes as number) > 0);
    assert.is(
      lineOf({ ...(findMail(openJournal(filesInFolder(data)), identitiesOf('bob')).mails[0] as Mail) }).state,
      'counts',
    );
  });
});

/** The erased form of an envelope (journal.md, Erased envelopes), as its owner could make it. */
function erase(mail: Mail, body: Uint8Array): Uint8Array {
  const at = place(mail.segment, 'envelopes', mail.cell);
  const erased = join(body.subarray(0, 32), mail.step.secret, hashOf(at, body), new Uint8Array(1168));
  return join(erased, hashOf(at, erased).subarray(0, 16));
}
