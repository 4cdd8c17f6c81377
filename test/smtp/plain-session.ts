/** The slow and obvious twin of a session: which contents a strict reader of a whole input accepts, and how often it replies. */
import { decodePlainly } from './plain-decoder.js';

export interface ReadPlainly {
  /** Contents accepted, as Latin-1 text. */
  readonly contents: readonly string[];
  /** Replies, with the greeting. */
  readonly replies: number;
}

const limit = 1024;

/** A line that may be MAIL or RCPT, octets as Latin-1: printable, and UTF-8 as the table of RFC 3629 section 4 has it. */
const wellFormed =
  /^(?:[ -~]|\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$/;
const high = /[\x80-\xff]/;
const mailArguments = /^FROM:<((?:a|\xc3\xa9)@b|)>(?: BODY=(?:8BITMIME|(BINARYMIME)))?( SMTPUTF8)?$/;
const recipientArguments = /^TO:<((?:c|\xc3\xa9)@(?:d|\xc3\xbc\.d))>$/;

/**
 * Reads a whole input as SMTP or LMTP, with an application that always says yes. `largest`: octets of a content. Of
 * addresses it knows those that the fuzzer sends.
 */
export function readPlainly(input: string, largest: number, protocol: 'smtp' | 'lmtp' = 'smtp'): ReadPlainly {
  const hellos = protocol === 'smtp' ? ['EHLO', 'HELO'] : ['LHLO'];
  const contents: string[] = [];
  let replies = 1;
  let greeted = false;
  let transaction:
    | { recipients: number; binary: boolean; utf8: boolean; chunks?: string; hole?: boolean }
    | undefined;
  let at = 0;
  const done = (): ReadPlainly => ({ contents, replies });
  for (let first = true; ; first = false) {
    const rest = input.slice(at);
    const end = rest.indexOf('\r\n');
    const lf = rest.slice(0, limit).indexOf('\n');
    if (first && rest.startsWith('\x16')) return { contents, replies: replies + 1 };
    if (lf < 0 && rest.length < limit) return done();
    if (lf < 0 || end < 0 || lf !== end + 1) {
      replies += 1;
      if (/^bdat(?![a-z])/i.test(rest.slice(0, lf < 0 ? 5 : lf).slice(0, 5)) || end < 0) return done();
      at += end + 2;
      continue;
    }
    const line = rest.slice(0, end);
    at += end + 2;
    replies += 1;
    if (first && line === '') return done();
    const [, verb = '', text = ''] = /^(\S*) ?(.*?) *$/s.exec(line) ?? [];
    const bad = /^(?:mail|rcpt)$/i.test(verb) ? !wellFormed.test(line) : /[^\x20-\x7e]/.test(line);
    if (/^bdat[^a-z ]/i.test(line)) return done();
    switch (bad && !/^bdat$/i.test(verb) ? '' : verb.toUpperCase()) {
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
        if (!hellos.includes(verb.toUpperCase())) break;
        if (!/^[a-z.]+$/.test(text)) break;
        greeted = true;
        transaction = undefined;
        break;
      case 'MAIL': {
        const [all, address = '', binary, utf8] = mailArguments.exec(text) ?? [];
        if (!greeted || transaction || all === undefined || (high.test(address) && !utf8)) break;
        transaction = { recipients: 0, binary: binary !== undefined, utf8: utf8 !== undefined };
        break;
      }
      case 'RCPT': {
        const [, address] = recipientArguments.exec(text) ?? [];
        if (!transaction || transaction.chunks !== undefined || address === undefined) break;
        if (transaction.utf8 || !high.test(address)) transaction.recipients += 1;
        break;
      }
      case 'DATA': {
        if (!transaction?.recipients || transaction.chunks !== undefined || transaction.binary || text !== '')
          break;
        const verdicts = protocol === 'lmtp' ? transaction.recipients : 1;
        transaction = undefined;
        const decoded = decodePlainly(input.slice(at));
        if (decoded.end === undefined) return done();
        at += decoded.end;
        replies += verdicts;
        if (!decoded.bare && decoded.content.length <= largest) contents.push(decoded.content);
        break;
      }
      case 'BDAT': {
        const size = bad ? null : /^(\d{1,15})( .*)?$/.exec(text);
        if (size === null) return done();
        const octets = input.slice(at, at + Number(size[1]));
        at += octets.length;
        if (octets.length < Number(size[1])) return { contents, replies: replies - 1 };
        if (!transaction?.recipients) break;
        transaction.chunks = (transaction.chunks ?? '') + octets;
        if (!/^(?: last)?$/i.test(size[2] ?? '')) transaction.hole = true;
        if (!/^ last$/i.test(size[2] ?? '')) break;
        if (protocol === 'lmtp') replies += transaction.recipients - 1;
        const whole = transaction.chunks;
        const lawful = transaction.binary || !/\r(?!\n)|(?<!\r)\n/.test(whole);
        if (lawful && !transaction.hole && whole.length <= largest) contents.push(whole);
        transaction = undefined;
        break;
      }
      case 'RSET':
        if (text === '') transaction = undefined;
        break;
      case 'QUIT':
        if (text === '') return done();
        break;
      case 'GET':
        return done();
    }
  }
}
