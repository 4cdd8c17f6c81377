/** Dialogues: the text files of test/dialogues, and how one is played to a bare session. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Reply, replies } from '../../src/smtp/replies.js';
import { Session } from '../../src/smtp/session.js';
import { type SessionKind, type SessionLimits, sessionSettings } from '../../src/smtp/settings.js';
import { assert } from '../support/suite.js';
import { goOn, Transcript } from './drive.js';

/** One line of a dialogue; test/dialogues/README.md says what the kinds mean. */
interface Line {
  readonly number: number;
  readonly kind: string;
  readonly text: string;
}

export interface Dialogue {
  readonly name: string;
  readonly lines: readonly Line[];
}

const folder = resolve(import.meta.dirname, '../../../test/dialogues');

export function readDialogues(): Dialogue[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => ({ name: file, lines: readLines(readFileSync(join(folder, file), 'utf8'), file) }));
}

function readLines(text: string, file: string): Line[] {
  return text.split('\n').flatMap((line, i) => {
    if (line === '' || line.startsWith('#')) return [];
    const found = /^(C|C-raw|S|E|A|X|state|limits|kind):(?: (.*))?$/.exec(line);
    if (found === null) throw new Error(`${file}:${i + 1}: not a line of a dialogue: ${line}`);
    return [{ number: i + 1, kind: found[1] as string, text: found[2] ?? '' }];
  });
}

/** Plays it; `cut` makes the chunks of what the client sends at one time. Throws at the first difference. */
export function play(dialogue: Dialogue, cut: (bytes: Uint8Array) => readonly Uint8Array[]): void {
  const limits = dialogue.lines.filter((line) => line.kind === 'limits').map((line) => readLimits(line.text));
  const kinds = dialogue.lines.filter((line) => line.kind === 'kind').flatMap((line) => line.text.split(' '));
  const session = new Session(sessionSettings('mx.example', Object.assign({}, ...limits), readKind(kinds)));
  let transcript = new Transcript();
  const lines = dialogue.lines.filter((line) => line.kind !== 'limits' && line.kind !== 'kind');
  for (let at = 0; at < lines.length; ) {
    // One turn: what the client (or the world) does, then all that is expected of it.
    const first = at;
    const world = lines[at]?.kind === 'X';
    const doing = takeWhile(lines, at, (line) => (world ? line.kind === 'X' : line.kind.startsWith('C')));
    at += doing.length;
    const expected = takeWhile(lines, at, (line) => /^[SEA]$|^state$/.test(line.kind));
    at += expected.length;
    const answers = answersOf(expected);
    transcript = new Transcript();
    const rule = () => answers.shift();
    goOn(session, transcript, rule);
    const sent = Buffer.concat(doing.filter((line) => line.kind !== 'X').map(octetsOf));
    for (const chunk of cut(sent)) {
      session.receive(chunk);
      goOn(session, transcript, rule);
    }
    for (const line of doing) if (line.kind === 'X') happen(session, line.text);
    goOn(session, transcript, rule);
    transcript.pause();
    const where = `${dialogue.name}:${lines[first]?.number}`;
    const of = (kind: string) => expected.filter((line) => line.kind === kind).map((line) => line.text);
    assert.equal(transcript.events, of('E'), `${where}: events`);
    assert.equal(
      transcript.output,
      of('S')
        .map((line) => `${line}\r\n`)
        .join(''),
      `${where}: replies`,
    );
    for (const state of of('state')) assert.is(session.state, state, `${where}: state`);
  }
}

/** The answer behind each E line that is a question: the A line that follows it, or yes. */
function answersOf(expected: readonly Line[]): (Reply | undefined)[] {
  const answers: (Reply | undefined)[] = [];
  for (const [i, line] of expected.entries()) {
    if (line.kind !== 'E' || /^(chunk|abort|reset)/.test(line.text)) continue;
    const next = expected[i + 1];
    answers.push(next?.kind === 'A' ? replyNamed(next.text) : undefined);
  }
  return answers;
}

function replyNamed(text: string): Reply {
  const [name = '', argument = ''] = text.split(' ');
  const found: unknown = Object.entries(replies).find(([key]) => key === name)?.[1];
  if (found instanceof Reply) return found;
  if (name === 'queued') return replies.queued(argument);
  throw new Error(`no reply is named ${name}`);
}

function happen(session: Session, what: string): void {
  const [verb = '', name = ''] = what.split(' ');
  if (verb === 'end') session.end();
  else if (verb === 'hang-up') session.hangUp(replyNamed(name));
  else if (verb === 'secured') session.secured();
  else if (verb === 'refuse') session.refuse(replyNamed(name));
  else throw new Error(`nobody knows how to ${what}`);
}

function octetsOf(line: Line): Buffer {
  return line.kind === 'C' ? Buffer.from(`${line.text}\r\n`, 'utf8') : Buffer.from(raw(line.text), 'latin1');
}

/** \r \n \0 \t \\ \xHH, and {5000*text} for text 5000 times. */
function raw(text: string): string {
  const named: Record<string, string> = { r: '\r', n: '\n', '0': '\0', t: '\t', '\\': '\\' };
  return text
    .replace(/\{(\d+)\*([^}]*)\}/g, (_, count, part) => part.repeat(Number(count)))
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, code, name) =>
      code === undefined ? (named[name] ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

function readLimits(text: string): Partial<SessionLimits> {
  return Object.fromEntries(text.split(' ').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]));
}

function readKind(words: readonly string[]): SessionKind {
  return {
    protocol: words.includes('lmtp') ? 'lmtp' : 'smtp',
    offersTls: words.includes('offers-tls'),
    requiresTls: words.includes('requires-tls'),
    takesXclient: words.includes('takes-xclient'),
  };
}

function takeWhile(lines: readonly Line[], from: number, test: (line: Line) => boolean): readonly Line[] {
  let end = from;
  for (let line = lines[end]; line !== undefined && test(line); line = lines[end]) end += 1;
  return lines.slice(from, end);
}
