/** Commands: from the octets of a line to a verb and its arguments (RFC 5321 section 4.1.1). */
import { type Reply, replies } from './replies.js';

export type Verb =
  | 'HELO'
  | 'EHLO'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'RSET'
  | 'NOOP'
  | 'HELP'
  | 'VRFY'
  | 'QUIT'
  | 'LHLO'
  | 'BDAT'
  | 'STARTTLS'
  | 'XCLIENT'
  | 'not offered'
  | 'other protocol'
  | 'unknown';

export interface Command {
  readonly verb: Verb;
  /** Printable: ASCII, in MAIL and RCPT also what else UTF-8 has. What follows the verb and one space, without trailing spaces. */
  readonly text: string;
}

const CR = 13;
const SPACE = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const unprintable = /[\u0080-\u009f\u2028\u2029]/;

/** A word of ASCII letters as a number, five bits a letter: case falls away, and no other octet can pass for a letter. */
function packed(word: Uint8Array, length: number): number {
  if (length > 10) return -1;
  let number = 0;
  for (let i = 0; i < length; i++) {
    const octet = word[i] as number;
    const lower = octet | 0x20;
    if (lower < 0x61 || lower > 0x7a) return -1;
    number = number * 32 + (octet & 0x1f);
  }
  return number;
}

const verbs = new Map<number, Verb>();
for (const verb of [
  'HELO',
  'EHLO',
  'MAIL',
  'RCPT',
  'DATA',
  'RSET',
  'NOOP',
  'HELP',
  'VRFY',
  'QUIT',
  'LHLO',
  'BDAT',
  'STARTTLS',
  'XCLIENT',
] as const)
  add(verb, verb);
for (const word of 'EXPN TURN ETRN SEND SOML SAML AUTH XFORWARD'.split(' ')) add(word, 'not offered');
// HTTP and PROXY v1: whoever sends them is not a mail client, and what follows is not for us.
for (const word of 'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PRI PROXY'.split(' '))
  add(word, 'other protocol');

function add(word: string, verb: Verb): void {
  verbs.set(packed(Buffer.from(word, 'latin1'), word.length), verb);
}

/** Reads a line without its CRLF; a line that is not printable is refused whole, and one of BDAT ends the session. */
export function readCommand(line: Buffer): Command | Reply {
  let control = false;
  let high = false;
  for (let i = 0; i < line.length; i++) {
    const octet = line[i] as number;
    if (octet > 0x7f) high = true;
    else if (octet < 0x20 || octet === 0x7f) control = true;
  }
  const space = line.indexOf(SPACE);
  const length = space < 0 ? line.length : space;
  const verb = verbs.get(packed(line, length)) ?? 'unknown';
  if (isChunk(line) && (control || high || verb !== 'BDAT')) return replies.unreadableChunk;
  if (control) return line.includes(CR) ? replies.badLineEnd : replies.badOctets;
  let end = line.length;
  while (end > length + 1 && line[end - 1] === SPACE) end -= 1;
  if (!high) return { verb, text: line.toString('latin1', length + 1, end) };
  const text = verb === 'MAIL' || verb === 'RCPT' ? readUtf8(line.subarray(length + 1, end)) : undefined;
  return text === undefined ? replies.badOctets : { verb, text };
}

/** Whether the line is BDAT in some spelling: what follows it would be content, if it were read as a strange reader might. */
function isChunk(line: Buffer): boolean {
  return verbs.get(packed(line, 4)) === 'BDAT' && (line.length === 4 || packed(line.subarray(4), 1) < 0);
}

/** Strict: no overlong forms, no surrogates, nothing cut off; and no control characters or line ends of Unicode. */
function readUtf8(octets: Buffer): string | undefined {
  try {
    const text = utf8.decode(octets);
    return unprintable.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
