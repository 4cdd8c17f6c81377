/** Paths: the grammar of what stands in the angle brackets of MAIL and RCPT (RFC 5321 section 4.1.2). */
import { normaliseDomain } from '../core/domain.js';
import type { Mailbox, ReversePath } from './address.js';
import { isAddressLiteral } from './address-literal.js';

/** Section 4.5.3.1: octets of a local part, a domain, and a path with its brackets; RFC 1035: of a label. */
const longest = { localPart: 64, domain: 255, path: 256, label: 63 };

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\u{a0}-\\u{10ffff}]+";
const label = '[A-Za-z0-9\\u{a0}-\\u{10ffff}]+(?:-+[A-Za-z0-9\\u{a0}-\\u{10ffff}]+)*';
const dotString = new RegExp(`${atom}(?:\\.${atom})*`, 'uy');
const onlyDotString = new RegExp(`^${atom}(?:\\.${atom})*$`, 'u');
const quotedString = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e\u{a0}-\u{10ffff}]|\\[\x20-\x7e])*)"/uy;
const domainName = new RegExp(`${label}(?:\\.${label})*`, 'uy');
const literal = /\[([\x21-\x5a\x5e-\x7e]*)\]/y;

export interface Path {
  /** Null for "<>". Postmaster without a domain has the domain ''. */
  readonly mailbox: ReversePath;
  /** Where the text goes on behind ">". */
  readonly end: number;
}

/** Reads the path that begins at `at` of printable text; undefined if it breaks the grammar or a limit. */
export function readPath(text: string, at: number): Path | undefined {
  if (text[at] !== '<') return undefined;
  if (text[at + 1] === '>') return { mailbox: null, end: at + 2 };
  const start = skipSourceRoute(text, at + 1);
  if (start === undefined) return undefined;
  const written = match(dotString, text, start) ?? match(quotedString, text, start);
  if (written === undefined || octetsOf(written[0]) > longest.localPart) return undefined;
  const localPart = written[1]?.replace(/\\(.)/g, '$1') ?? written[0];
  let end = start + written[0].length;
  let domain = '';
  if (text[end] === '@') {
    const found = readDomain(text, end + 1);
    if (found === undefined) return undefined;
    domain = found;
    end += 1 + domain.length;
  } else if (start !== at + 1 || !/^postmaster$/i.test(written[0])) return undefined;
  if (text[end] !== '>' || octetsOf(text.slice(at, end + 1)) > longest.path) return undefined;
  return { mailbox: mailbox(localPart, domain), end: end + 1 };
}

/** "@one,@two:" in front of a mailbox is obsolete: accepted and ignored (appendix C). */
function skipSourceRoute(text: string, start: number): number | undefined {
  if (text[start] !== '@') return start;
  let at = start;
  for (;;) {
    const domain = text[at] === '@' ? readDomain(text, at + 1) : undefined;
    if (domain === undefined) return undefined;
    at += 1 + domain.length;
    if (text[at] === ':') return at + 1;
    if (text[at] !== ',') return undefined;
    at += 1;
  }
}

function readDomain(text: string, at: number): string | undefined {
  const name = match(domainName, text, at)?.[0];
  if (name !== undefined) {
    // A name in other letters is held to the limits in its form for the DNS too (RFC 6531 section 3.3).
    const ascii = octetsOf(name) === name.length ? name : normaliseDomain(name);
    if (ascii === undefined || octetsOf(name) > longest.domain) return undefined;
    if (ascii.length <= longest.label) return name;
    return ascii.split('.').some((part) => part.length > longest.label) ? undefined : name;
  }
  const found = match(literal, text, at);
  return found !== undefined && isAddressLiteral(found[1] as string) ? found[0] : undefined;
}

function mailbox(localPart: string, domain: string): Mailbox {
  // RFC 5321 section 4.1.1.3: this one name is compared without case.
  if (domain === '') return { localPart: 'postmaster', domain, text: 'postmaster' };
  const local = onlyDotString.test(localPart) ? localPart : `"${localPart.replace(/["\\]/g, '\\$&')}"`;
  return { localPart, domain, text: `${local}@${domain}` };
}

function octetsOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

function match(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(text) ?? undefined;
}
