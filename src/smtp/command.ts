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
  | 'STARTTLS'
  | 'XCLIENT'
  | 'not offered'
  | 'other protocol'
  | 'unknown';

export interface Command {
  readonly verb: Verb;
  /** Printable ASCII: what follows the verb and one space, without trailing spaces. */
  readonly text: string;
}

const CR = 13;
const SPACE = 32;

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
  'STARTTLS',
  'XCLIENT',
] as const)
  add(verb, verb);
for (const word of 'EXPN TURN ETRN SEND SOML SAML AUTH BDAT XFORWARD'.split(' ')) add(word, 'not offered');
// HTTP and PROXY v1: whoever sends them is not a mail client, and what follows is not for us.
for (const word of 'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PRI PROXY'.split(' '))
  add(word, 'other protocol');

function add(word: string, verb: Verb): void {
  verbs.set(packed(Buffer.from(word, 'latin1'), word.length), verb);
}

/** Reads a line without its CRLF; a line that is not printable ASCII is refused whole. */
export function readCommand(line: Buffer): Command | Reply {
  let control = false;
  let high = false;
  for (let i = 0; i < line.length; i++) {
    const octet = line[i] as number;
    if (octet > 0x7e) high = true;
    else if (octet < 0x20) control = true;
  }
  if (control) return line.includes(CR) ? replies.badLineEnd : replies.badOctets;
  const space = line.indexOf(SPACE);
  const length = space < 0 ? line.length : space;
  const verb = verbs.get(packed(line, length)) ?? 'unknown';
  if (high) return verb === 'MAIL' || verb === 'RCPT' ? replies.notAscii : replies.badOctets;
  let end = line.length;
  while (end > length + 1 && line[end - 1] === SPACE) end -= 1;
  return { verb, text: line.toString('latin1', length + 1, end) };
}
