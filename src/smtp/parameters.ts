/** Parameters: what may follow the path of MAIL and RCPT (RFC 5321 section 4.1.2, RFC 1870, RFC 6152). */
import type { MailParameters } from './address.js';
import { Reply, replies } from './replies.js';

const none: MailParameters = {};
const bodies = ['7BIT', '8BITMIME', 'BINARYMIME'] as const;
const grammar = /^(?: [A-Za-z0-9][A-Za-z0-9-]*(?:=[\x21-\x3c\x3e-\x7e]+)?)*$/;

/**
 * The parameters of MAIL in `text` (empty or beginning with a space), or why they are refused. `largest`: octets of
 * content; `secured`: inside TLS.
 */
export function readMailParameters(text: string, largest: number, secured: boolean): MailParameters | Reply {
  if (text === '') return none;
  if (!grammar.test(text)) return replies.badArguments;
  const given: { -readonly [Name in keyof MailParameters]: MailParameters[Name] } = {};
  for (const parameter of words(text)) {
    const [name = '', value] = parameter.split('=');
    if (/^size$/i.test(name)) {
      const size = readSize(value, largest);
      if (size instanceof Reply) return size;
      if (given.size !== undefined) return replies.badArguments;
      given.size = size;
    } else if (/^body$/i.test(name)) {
      const body = bodies.find((known) => known === value?.toUpperCase());
      if (body === undefined || given.body !== undefined) return replies.badArguments;
      given.body = body;
    } else if (/^smtputf8$/i.test(name)) {
      if (value !== undefined || given.smtpUtf8) return replies.badArguments;
      given.smtpUtf8 = true;
    } else if (secured && /^requiretls$/i.test(name)) {
      if (value !== undefined || given.requireTls) return replies.badArguments;
      given.requireTls = true;
    } else return replies.unknownParameter;
  }
  return given;
}

/** RCPT has no parameters here. */
export function refuseRecipientParameters(text: string): Reply | undefined {
  if (text === '') return undefined;
  return grammar.test(text) ? replies.unknownParameter : replies.badArguments;
}

/** However many digits: a number beyond the limit is too large, also one that no computer could hold. */
function readSize(value: string | undefined, largest: number): number | Reply {
  if (value === undefined || !/^\d+$/.test(value)) return replies.badArguments;
  return Number(value) > largest ? replies.tooLarge : Number(value);
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.slice(1).split(' ');
}
