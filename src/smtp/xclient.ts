/** XCLIENT: what a trusted program in between says of the client (Postfix's XCLIENT_README). */
import { isAddressLiteral } from './address-literal.js';
import type { Question } from './events.js';

const attribute = /^(NAME|ADDR|PORT|PROTO|HELO|LOGIN|DESTADDR|DESTPORT)=([\x21-\x7e]+)$/i;
const unavailable = /^\[(?:UNAVAILABLE|TEMPUNAVAIL)\]$/i;

/** The attributes that XCLIENT may give; those that mean nothing here are checked and forgotten. */
export const xclientExtension = 'XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT';

/** Reads the arguments; undefined if they are wrong. An address that the other side does not know is empty. */
export function readXclient(text: string): Question | undefined {
  const given = new Map<string, string>();
  for (const word of text.split(' ')) {
    const [, name, value] = attribute.exec(word) ?? [];
    if (name === undefined || value === undefined || given.has(name.toUpperCase())) return undefined;
    given.set(name.toUpperCase(), unavailable.test(value) ? '' : value);
  }
  const address = readAddress(given.get('ADDR') ?? '');
  const port = given.get('PORT') || '0';
  if (address === undefined || !/^(?:0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535) return undefined;
  return { type: 'xclient', address, port: Number(port) };
}

function readAddress(text: string): string | undefined {
  if (text === '') return text;
  // A leading zero would be octal to some.
  if (!isAddressLiteral(text) || /(?:^|\.)0\d/.test(text)) return undefined;
  if (/^IPv6:/i.test(text)) return text.slice(5).toLowerCase();
  return /^[\d.]+$/.test(text) ? text : undefined;
}
