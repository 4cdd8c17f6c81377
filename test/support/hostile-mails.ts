/** Hostile mails: at least twenty of each class of what is thrown at a reader. */

/** Characters that steer a terminal, reorder text, or hide. */
const steering = [
  '\u001b[2J',
  '\u001b]0;owned\u0007',
  '\u001b]8;;https://evil.example\u0007',
  '\u009b31m',
  '\u0007',
  '\b\b\b',
  '\rFrom: the bank',
  '\u000b',
  '\u000c',
  '\u0085',
  '\u2028',
  '\u202egpj.exe',
  '\u2066',
  '\u2069',
  '\u061c',
  '\u200b',
  '\u200d',
  '\ufeff',
  '\u00ad',
  '\u{e0041}',
  '\u0000',
  '\u001b[?1049h',
];

const encodedWord = (text: string, charset = 'utf-8') =>
  `=?${charset}?b?${Buffer.from(text, charset === 'utf-8' ? 'utf8' : 'latin1').toString('base64')}?=`;
const percent = (text: string) => [...Buffer.from(text)].map((octet) => `%${octet.toString(16)}`).join('');
const mail = (...lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n`);
const filler = (index: number) => [
  `Date: Sat, 21 Nov 2026 08:00:${String(index % 60).padStart(2, '0')} +0000`,
];

/** A mail with one attachment whose name stands in its header as it is given. */
function attached(disposition: string, index = 0): Buffer {
  return mail(
    ...[
      'From: a@b.example',
      ...filler(index),
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=x',
      '',
    ],
    ...['--x', '', 'text', '--x', 'Content-Type: application/octet-stream'],
    ...[
      `Content-Disposition: attachment; ${disposition}`,
      'Content-Transfer-Encoding: base64',
      '',
      'QUJD',
      '--x--',
    ],
  );
}

/** Names of attachments that would be files elsewhere, or something else than files. */
const strangeNames = [
  '../../../etc/passwd',
  '..\\..\\windows\\system32\\x.dll',
  '/etc/cron.d/x',
  'C:\\autoexec.bat',
  '~/.ssh/authorized_keys',
  '.bashrc',
  '...',
  '..',
  '.',
  '/',
  'CON',
  'con.txt',
  'NUL ',
  'COM1.log',
  'LPT\u00b9',
  'a/../b',
  'a\u0000.txt',
  '-rf',
  ' lead.txt ',
  'trail. . .',
  `${'x'.repeat(300)}.pdf`,
  `${'ü'.repeat(200)}.tar.gz`,
  'report.pdf\u202efdp.exe',
  'a:b|c?d*e<f>"g',
];

const htmlThatCalls = [
  '<img src="https://track.example/1.gif">',
  '<link rel=stylesheet href=https://track.example/a.css>',
  '<style>@import url(https://track.example/b.css);</style>',
  '<div style="background:url(https://track.example/c.png)">x</div>',
  '<iframe src="https://track.example/d"></iframe>',
  '<script src="https://track.example/e.js"></script>',
  '<script>fetch("https://track.example/f")</script>',
  '<object data="https://track.example/g"></object>',
  '<embed src="https://track.example/h">',
  '<video src="https://track.example/i"></video>',
  '<audio src="https://track.example/j"></audio>',
  '<meta http-equiv="refresh" content="0; url=https://track.example/k">',
  '<form action="https://track.example/l"><input name=x><button>go</button></form>',
  '<svg><image href="https://track.example/m"/></svg>',
  '<input type=image src="https://track.example/n">',
  '<body background="https://track.example/o">',
  '<table background="https://track.example/p"><tr><td>x</table>',
  '<a href="javascript:alert(1)">click</a>',
  '<img src=x onerror="fetch(\'https://track.example/q\')">',
  '<base href="https://track.example/"><img src="r">',
  '<link rel=preconnect href=https://track.example>',
  '<picture><source srcset="https://track.example/s"></picture>',
];

const multipart = (count: number, part: string) =>
  Buffer.from(
    `From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${`--x\r\n${part}\r\n`.repeat(count)}--x--\r\n`,
  );
const nested = (depth: number, type = 'mixed') =>
  Buffer.from(
    `Content-Type: multipart/${type}; boundary=b0\r\n\r\n${Array.from({ length: depth }, (_, i) => `--b${i}\r\nContent-Type: multipart/${type}; boundary=b${i + 1}\r\n\r\n`).join('')}text\r\n`,
  );
const message = (depth: number) =>
  Buffer.from(`${'Content-Type: message/rfc822\r\n\r\n'.repeat(depth)}Subject: inner\r\n\r\ntext\r\n`);

/** Class → mails, in the wire's form. None is larger than a megabyte or so. */
export const hostileMails: Record<string, readonly Buffer[]> = {
  'steering in a subject': steering.map((text, i) =>
    mail(`Subject: before ${text} after`, ...filler(i), '', 'x'),
  ),
  'steering in an encoded subject': steering.map((text, i) =>
    mail(`Subject: ${encodedWord(`before ${text} after`)}`, ...filler(i), '', 'x'),
  ),
  'steering in a name': steering.map((text, i) =>
    mail(`From: ${encodedWord(text)} <a@b.example>`, `To: "${text}" <c@d.example>`, ...filler(i), '', 'x'),
  ),
  'steering in a file name': steering.flatMap((text, i) => [
    attached(`filename="${encodedWord(`a${text}b`)}"`, i),
    attached(`filename*=utf-8''${percent(`a${text}b`)}`, i),
    attached(`filename*0*=utf-8''${percent('a')}; filename*1*=${percent(`${text}b`)}`, i),
  ]),
  'steering in a body': steering.map((text, i) =>
    mail('Content-Type: text/plain; charset=utf-8', ...filler(i), '', `before ${text} after`),
  ),
  'steering in HTML': steering.map((text, i) =>
    mail(
      ...['Content-Type: text/html; charset=utf-8', ...filler(i), ''],
      `<p>before ${text} &#${text.codePointAt(0)}; <a href="https://a.example/${text}">link</a></p>`,
    ),
  ),
  'file names that lead elsewhere': strangeNames.flatMap((name, i) => [
    attached(`filename*=utf-8''${percent(name)}`, i),
    attached(`filename="${encodedWord(name)}"`, i),
  ]),
  'parts without end': [
    ...[100, 300, 1000, 3000, 6000].flatMap((count) => [multipart(count, ''), multipart(count, '\r\n')]),
    ...[1000, 20_000].map((count) =>
      multipart(count, 'Content-Disposition: attachment; filename=a\r\n\r\nA'),
    ),
    ...[50, 99, 101, 300, 1000].flatMap((depth) => [nested(depth), nested(depth, 'alternative')]),
    ...[5, 50, 300, 1000].map(message),
  ],
  'headers without end': [
    ...[1000, 8000, 20_000].flatMap((count) => [
      Buffer.from(`${'X: y\r\n'.repeat(count)}\r\nx`),
      Buffer.from(`To: ${'a@b, '.repeat(count)}\r\n\r\nx`),
      Buffer.from(`To: ${'('.repeat(count)}\r\n\r\nx`),
      Buffer.from(`To: ${'a:'.repeat(count)}\r\n\r\nx`),
      Buffer.from(`To: ${'"<'.repeat(count)}\r\n\r\nx`),
      Buffer.from(`Subject: ${'=?'.repeat(count)}\r\n\r\nx`),
      Buffer.from(`Subject: ${'=?a?q?'.repeat(count)}\r\n\r\nx`),
      Buffer.from(`Subject: ${`${encodedWord('ab')} `.repeat(count / 4)}\r\n\r\nx`),
      Buffer.from(`Content-Type: text/plain; ${'a="b"; '.repeat(count)}\r\n\r\nx`),
      Buffer.from(`Content-Type: text/plain; ${'a*0*="b'.repeat(count)}\r\n\r\nx`),
      Buffer.from(`Subject: a${'\r\n '.repeat(count)}b\r\n\r\nx`),
      Buffer.from(`Subject:${' '.repeat(count)}b\r\n\r\nx`),
    ]),
  ],
  'unknown charsets': [
    ...[
      'nonsense',
      'x-unknown',
      'utf-7',
      'utf-16',
      'utf-32',
      'iso-2022-kr',
      'hz-gb-2312',
      'EBCDIC-US',
      '',
      '"',
      '\\',
    ].flatMap((charset, i) => [
      Buffer.concat([
        mail(`Content-Type: text/plain; charset=${charset}`, ...filler(i), ''),
        Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x24, 0x42, 0xc3, 0x28, 0x80, 0x0d, 0x0a]),
      ]),
      mail(`Subject: =?${charset}?b?/v8b?= =?${charset}?q?=FF=1B?=`, ...filler(i), '', 'x'),
    ]),
  ],
  'HTML that calls home': htmlThatCalls.map((html, i) =>
    mail(
      ...['Subject: look', ...filler(i), 'MIME-Version: 1.0', 'Content-Type: text/html; charset=utf-8', ''],
      `<html><body><p>words ${i}</p>${html}</body></html>`,
    ),
  ),
};
