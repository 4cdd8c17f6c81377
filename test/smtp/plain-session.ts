/** The slow and obvious twin of a session: which contents a strict reader of a whole input accepts, and how often it replies. */
import { decodePlainly } from './plain-decoder.js';

export interface ReadPlainly {
  /** Contents accepted, as Latin-1 text. */
  readonly contents: readonly string[];
  /** Replies, with the greeting. */
  readonly replies: number;
}

const limit = 1024;

/** Reads a whole input as SMTP, with an application that always says yes. `largest`: octets of a content. */
export function readPlainly(input: string, largest: number): ReadPlainly {
  const contents: string[] = [];
  let replies = 1;
  let greeted = false;
  let transaction: { recipients: number; binary: boolean; chunks?: string } | undefined;
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
      if (/^bdat(?: |$)/i.test(rest.slice(0, lf < 0 ? 5 : lf).slice(0, 5)) || end < 0) return done();
      at += end + 2;
      continue;
    }
    const line = rest.slice(0, end);
    at += end + 2;
    replies += 1;
    if (first && line === '') return done();
    const [, verb = '', text = ''] = /^(\S*) ?(.*?) *$/s.exec(line) ?? [];
    const bad = /[^\x20-\x7e]/.test(line);
    switch (bad && !/^bdat$/i.test(verb) ? '' : verb.toUpperCase()) {
      case 'EHLO':
      case 'HELO':
        if (!/^[a-z.]+$/.test(text)) break;
        greeted = true;
        transaction = undefined;
        break;
      case 'MAIL': {
        const body = /^FROM:<(?:a@b)?>(?: BODY=(?:8BITMIME|(BINARYMIME)))?$/.exec(text);
        if (greeted && !transaction && body) transaction = { recipients: 0, binary: body[1] !== undefined };
        break;
      }
      case 'RCPT':
        if (transaction && transaction.chunks === undefined && text === 'TO:<c@d>')
          transaction.recipients += 1;
        break;
      case 'DATA': {
        if (!transaction?.recipients || transaction.chunks !== undefined || transaction.binary || text !== '')
          break;
        transaction = undefined;
        const decoded = decodePlainly(input.slice(at));
        if (decoded.end === undefined) return done();
        at += decoded.end;
        replies += 1;
        if (!decoded.bare && decoded.content.length <= largest) contents.push(decoded.content);
        break;
      }
      case 'BDAT': {
        const size = bad ? null : /^(\d{1,15})( .*)?$/.exec(text);
        if (size === null) return done();
        const octets = input.slice(at, at + Number(size[1]));
        at += octets.length;
        if (octets.length < Number(size[1])) return { contents, replies: replies - 1 };
        if (!transaction?.recipients || !/^(?: last)?$/i.test(size[2] ?? '')) break;
        transaction.chunks = (transaction.chunks ?? '') + octets;
        if (size[2] === undefined) break;
        const whole = transaction.chunks;
        const lawful = transaction.binary || !/\r(?!\n)|(?<!\r)\n/.test(whole);
        if (lawful && whole.length <= largest) contents.push(whole);
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
