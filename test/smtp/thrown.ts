/** What is thrown at a mail server, by class: whole sessions, for tests that send them in more than one way. */
import { hello, transaction } from './talk.js';

const opened = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n';
const evil = 'MAIL FROM:<evil@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n';

/** Separators with a bare CR or LF: the content is refused at its true end. */
export const bareEnds = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r\n.\r',
  '\r.\r\n',
  '\r\r\n.\r\r\n',
  '\r\n.\r\r\n',
  '\r\r\n.\r\n\r',
  '\n\r.\n\r',
  '\n\n.\r\n',
  '\r\n\n.\n\r\n',
  '\n..\r\n',
  '\r\n.\r\0\n',
];

/** Separators that are content like any other. */
export const keptEnds = [
  '\r\n\0.\r\n',
  '\r\n.\0\r\n',
  '\r\n. \r\n',
  '\r\n.\t\r\n',
  '\r\n .\r\n',
  '\r\n.\x0b\r\n',
  '\x0b.\x0b',
  '\f.\f',
  '\x85.\x85',
  '\xc2\x85.\xc2\x85',
  '\xe2\x80\xa8.\xe2\x80\xa8',
  '\x1c.\x1c',
  '\r\n..\r\n',
];

/** What a mail client never puts into a command. */
export const strangeOctets = {
  NUL: '\0',
  'a control octet': '\x07',
  TAB: '\t',
  DEL: '\x7f',
  'a Latin-1 letter': '\xe9',
  'a UTF-8 letter': '\xc3\xa9',
  'an overlong dot': '\xc0\xae',
  'a surrogate': '\xed\xa0\x80',
  'a cut sequence': '\xe2\x82',
  'U+2028': '\xe2\x80\xa8',
};

/** First words of other protocols. */
export const otherProtocols = {
  'HTTP GET': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP POST': 'POST / HTTP/1.1\r\n\r\nEHLO x\r\nMAIL FROM:<a@example.org>\r\n',
  'HTTP PUT': 'PUT /x HTTP/1.1\r\n\r\nNOOP\r\n',
  'HTTP CONNECT': 'CONNECT mx.example:25 HTTP/1.1\r\n\r\nNOOP\r\n',
  'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03NOOP\r\n',
  'PROXY version 1': 'PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\nNOOP\r\n',
  'PROXY version 2': '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\0\x19\0\x19NOOP\r\n',
  XCLIENT: 'XCLIENT NAME=friend ADDR=127.0.0.1\r\nNOOP\r\n',
};

/** Sizes of chunks of which the end cannot be known. */
export const unreadableSizes = {
  nothing: '',
  'LAST alone': 'LAST',
  '-1': '-1',
  '+1': '+1',
  '1e3': '1e3',
  '0x6': '0x6',
  '6.0': '6.0',
  '1_000': '1_000',
  '6,': '6,',
  '2^53': '9007199254740992',
  '2^63': '9223372036854775808',
  '2^64 + 6': '18446744073709551622',
  '10^30': `1${'0'.repeat(30)}`,
  '200 digits': '9'.repeat(200),
  'digits of another script': '\xd9\xa6',
  NUL: '6\0',
  'two spaces before it': ' 6',
};

const each = (texts: readonly string[], make: (text: string) => string) => texts.map(make);
const commands = (list: readonly string[]) => `${hello}${list.map((one) => `${one}\r\n`).join('')}QUIT\r\n`;

/** Class of the table "On the wire" → sessions, each with its hello where it has one. */
export const thrown: Record<string, readonly string[]> = {
  smuggling: each([...bareEnds, ...keptEnds], (end) => `${hello}${transaction}first${end}${evil}`),
  'long lines': [
    ...each(
      [507, 512, 1020, 1023, 1024, 2048, 4096, 8192].map((length) => 'X'.repeat(length)),
      (line) => `${hello}${line}QUIT\r\n${line}\nQUIT\r\n${line} QUIT\r\nNOOP\r\nQUIT\r\n`,
    ),
    `${hello}${transaction}${'y'.repeat(998)}\r\n${'z'.repeat(1000)}\r\n.\r\nQUIT\r\n`,
  ],
  BDAT: [
    ...each(
      Object.values(unreadableSizes),
      (size) => `${hello}${opened}BDAT ${size} LAST\r\nQUIT\r\nNOOP\r\n`,
    ),
    ...each(
      ['LASTS', 'LAST LAST', '6'],
      (last) => `${hello}${opened}BDAT 6 ${last}\r\nQUIT\r\nNOOP\r\nQUIT\r\n`,
    ),
    `${hello}${opened}BDAT 1\r\naDATA\r\n${opened}BDAT 1 LAST\r\nbQUIT\r\n`,
    `${hello}BDAT ${evil.length} LAST\r\n${evil}NOOP\r\nQUIT\r\n`,
    `${hello}${opened}BDAT 1\r\n\nBDAT ${evil.length} LAST\r\n${evil}NOOP\r\nQUIT\r\n`,
    `${hello}${opened}BDAT 3\r\n.\r\nBDAT 0 LAST\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\nQUIT\r\n`,
    `${hello}${opened}BDAT 4294967302 LAST\r\nQUIT\r\n`,
  ],
  SIZE: [
    commands(
      ['134217729', '18446744073709551616', '9'.repeat(200), '10 SIZE=10', '-1', ''].map(
        (size) => `MAIL FROM:<a@example.org> SIZE=${size}`,
      ),
    ),
    `${hello}MAIL FROM:<a@example.org> SIZE=10\r\nRCPT TO:<b@example.net>\r\nDATA\r\n${'x'.repeat(998)}\r\n.\r\nQUIT\r\n`,
  ],
  recipients: [`${hello}MAIL FROM:<>\r\n${'RCPT TO:<b@c>\r\n'.repeat(110)}DATA\r\n.\r\nQUIT\r\n`],
  'octets in commands': Object.values(strangeOctets).map((octet) =>
    commands([
      `NOOP ${octet}`,
      `NO${octet}OP`,
      `EHLO a${octet}b`,
      `MAIL FROM:<a${octet}b@example.org>`,
      `MAIL FROM:<a@example.org>${octet}`,
      `VRFY ${octet}`,
    ]),
  ),
  addresses: [
    '"a@b>c"@example.org',
    '"a\\"\\\\b"@example.org',
    '"open@example.org',
    '@one.example,@two.example:a@b.example',
    'user%other@example.org',
    'other!user@example.org',
    'a@[192.0.2.1]',
    'a@[IPv6:::1]',
    'a@[300.0.0.1]',
    `${'l'.repeat(65)}@example.org`,
    `a@${'d'.repeat(300)}`,
    'a@b@c',
    'a b@c',
  ].map((address) => commands([`MAIL FROM:<${address}>`, 'RSET', 'MAIL FROM:<>', `RCPT TO:<${address}>`])),
  enumeration: [
    commands(['VRFY b@example.net', 'VRFY nobody', 'EXPN list', 'VRFY', `VRFY ${'x'.repeat(300)}`]),
  ],
  'other protocols': [
    ...Object.values(otherProtocols),
    ...each(Object.values(otherProtocols).slice(0, 5), (words) => `${hello}${words}`),
  ],
  injection: [
    commands(
      ['\x1b[31m', '\rX', ')', '\0', '\xff', '"><b>'].flatMap((mark) => [
        `EHLO m${mark}`,
        `m${mark}`,
        `MAIL FROM:<m${mark}>`,
        `HELP ${mark}`,
      ]),
    ),
  ],
};
