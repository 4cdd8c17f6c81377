/** Real messages: of the shapes that programs really send, and those that others collected, if they are at hand. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface RealMessage {
  readonly name: string;
  /** With CRLF. */
  readonly content: Buffer;
}

const root = resolve(import.meta.dirname, '../../..');
const namedCorpus = process.env.OBALKA_CORPUS;
const corpus = namedCorpus ?? resolve(root, '../shared/corpus');

/** Those of `shapes`, which are always there, and those in the folder of OBALKA_CORPUS, or beside the repository. */
export function realMessages(): RealMessage[] {
  return [...Object.entries(shapes).map(([name, content]) => ({ name, content })), ...collected()];
}

let isTold = false;

function collected(): RealMessage[] {
  if (!existsSync(corpus)) {
    // Whoever names a folder expects it to be looked at.
    if (namedCorpus) throw new Error(`${corpus}: OBALKA_CORPUS names no folder`);
    if (!isTold)
      console.log(`skipped: messages that others collected: no ${corpus}; OBALKA_CORPUS names another`);
    isTold = true;
    return [];
  }
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((name) => !name.endsWith('README.md') && statSync(join(corpus, name)).isFile());
  return files.map((name) => {
    const text = readFileSync(join(corpus, name), 'latin1').replace(/\r\n|\r|\n/g, '\r\n');
    return { name, content: Buffer.from(text, 'latin1') };
  });
}

function message(...lines: readonly string[]): Buffer {
  return Buffer.from([...lines, ''].join('\r\n'), 'latin1');
}

const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const base64 = (text: string) =>
  Buffer.from(text)
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n');
const people = ['From: Ann Example <ann@example.org>', 'To: "Bob, of example.net" <bob@example.net>'];
const head = (subject: string, ...more: readonly string[]) => [
  'Return-Path: <ann@example.org>',
  'Received: from mx.example.org (mx.example.org [192.0.2.25])',
  '\tby mail.example.net (Postfix) with ESMTPS id 4F0A51234',
  '\tfor <bob@example.net>; Sat, 21 Nov 2026 10:00:01 +0100 (CET)',
  ...people,
  `Subject: ${subject}`,
  'Date: Sat, 21 Nov 2026 10:00:00 +0100',
  `Message-ID: <${Buffer.from(subject).toString('hex').slice(0, 24)}@example.org>`,
  'MIME-Version: 1.0',
  ...more,
];
const ics = [
  ...['BEGIN:VCALENDAR', 'PRODID:-//Example//EN', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT'],
  ...['UID:1@example.org', 'DTSTART:20261124T090000Z', 'DTEND:20261124T100000Z', 'SUMMARY:Weekly talk'],
  ...['ORGANIZER:mailto:ann@example.org', 'END:VEVENT', 'END:VCALENDAR', ''],
].join('\r\n');
const dot =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What is sent every day. */
export const shapes: Readonly<Record<string, Buffer>> = {
  'a reply in flowed text': message(
    ...head('Re: the minutes', 'In-Reply-To: <1@example.net>', 'References: <0@example.net> <1@example.net>'),
    'Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes',
    'Content-Transfer-Encoding: 8bit',
    '',
    'On Friday Bob wrote:',
    '> Have you seen the minutes? They are in the ',
    '> usual place.',
    '',
    utf8('Yes – thank you. Grüße, '),
    'Ann',
    '',
    '-- ',
    'Ann Example, +49 30 123456',
  ),
  'a newsletter': message(
    ...head(utf8('=?UTF-8?Q?Neues_f=C3=BCr_Sie:_20_=E2=82=AC_gespart?='), 'List-Id: News <news.example.org>'),
    'List-Unsubscribe: <https://news.example.org/u/1>, <mailto:u-1@example.org>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=1;',
    '\th=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=QUJD',
    'Precedence: bulk',
    'Content-Type: multipart/alternative; boundary="----=_Part_1_2.3"',
    '',
    'This is a message in MIME.',
    '------=_Part_1_2.3',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Liebe Leserin,=20',
    'heute sparen Sie 20 =E2=82=AC. Im Browser: https://news.example.org/v?a=3D1&b=',
    '=3D2',
    '------=_Part_1_2.3',
    'Content-Type: text/html; charset=UTF-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<!DOCTYPE html><html><head><meta charset=3D"utf-8"><style>p {color: #333}</style></head>',
    '<body><p>Liebe Leserin,</p><p>heute sparen Sie <b>20&nbsp;=E2=82=AC</b>. <a href=3D"https://ne=',
    'ws.example.org/c?1">Mehr</a></p><img src=3D"https://news.example.org/o.gif" width=3D1></body></html>',
    '------=_Part_1_2.3--',
  ),
  'a bounce': message(
    ...head('Undelivered Mail Returned to Sender', 'Auto-Submitted: auto-replied'),
    'Content-Type: multipart/report; report-type=delivery-status; boundary="R/1"',
    '',
    '--R/1',
    'Content-Description: Notification',
    '',
    'I am sorry: <nobody@example.com>: host mx.example.com said: 550 5.1.1 unknown',
    '--R/1',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.example.net',
    '',
    'Final-Recipient: rfc822; nobody@example.com',
    'Action: failed',
    'Status: 5.1.1',
    '--R/1',
    'Content-Type: text/rfc822-headers',
    '',
    'From: bob@example.net',
    'Subject: are you there?',
    '--R/1--',
  ),
  'an invitation': message(
    ...head('Invitation: Weekly talk', 'Content-Type: multipart/mixed; boundary=m', 'X-MS-Has-Attach: yes'),
    '',
    '--m',
    'Content-Type: multipart/alternative; boundary=a',
    '',
    '--a',
    'Content-Type: text/plain; charset="us-ascii"',
    '',
    'Weekly talk, Tuesday at 10.',
    '--a',
    'Content-Type: text/calendar; charset=utf-8; method=REQUEST',
    'Content-Transfer-Encoding: base64',
    '',
    base64(ics),
    '--a--',
    '--m',
    'Content-Type: application/ics; name="invite.ics"',
    'Content-Disposition: attachment; filename="invite.ics"',
    'Content-Transfer-Encoding: base64',
    '',
    base64(ics),
    '--m--',
  ),
  'signed (S/MIME)': message(
    ...head(
      'Signed',
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;',
    ),
    ' boundary="=_s"',
    '',
    '--=_s',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'The contract is attached to nothing.=',
    '',
    '--=_s',
    'Content-Type: application/pkcs7-signature; name=smime.p7s',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=smime.p7s',
    '',
    base64('no signature at all, but as long as one '.repeat(30)),
    '--=_s--',
  ),
  'encrypted (PGP/MIME)': message(
    ...head('...', 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="e"'),
    '',
    '--e',
    'Content-Type: application/pgp-encrypted',
    'Content-Description: PGP/MIME version identification',
    '',
    'Version: 1',
    '',
    '--e',
    'Content-Type: application/octet-stream; name="encrypted.asc"',
    'Content-Disposition: inline; filename="encrypted.asc"',
    '',
    '-----BEGIN PGP MESSAGE-----',
    '',
    base64('not encrypted either '.repeat(40)),
    '-----END PGP MESSAGE-----',
    '',
    '--e--',
  ),
  'Japanese in seven bits': message(
    ...head('=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=', 'Content-Type: text/plain; charset=ISO-2022-JP'),
    'Content-Transfer-Encoding: 7bit',
    '',
    '\x1b$B$3$s$K$A$O\x1b(B',
  ),
  'eight bits without MIME': message(
    'From: J\xfcrgen <juergen@example.org>',
    'To: undisclosed-recipients:;',
    'Subject: Stra\xdfenfest',
    'Date: Sat, 21 Nov 98 9:05 MET',
    '',
    'Wir treffen uns um f\xfcnf.',
    '.',
    'From here on it is not far.',
  ),
  'a mail that was forwarded, with a picture': message(
    ...head('Fwd: Greetings', 'Content-Type: multipart/mixed; boundary="Apple-Mail=_1"'),
    '',
    '--Apple-Mail=_1',
    'Content-Type: multipart/related; type="text/html"; boundary="Apple-Mail=_2"',
    '',
    '--Apple-Mail=_2',
    'Content-Type: text/html; charset=us-ascii',
    '',
    '<html><body>See <img src="cid:dot@example.org" alt="a dot"></body></html>',
    '--Apple-Mail=_2',
    'Content-Type: image/png; name=dot.png',
    'Content-Disposition: inline; filename=dot.png',
    'Content-Id: <dot@example.org>',
    'Content-Transfer-Encoding: base64',
    '',
    dot,
    '--Apple-Mail=_2--',
    '--Apple-Mail=_1',
    'Content-Type: message/rfc822',
    'Content-Disposition: attachment',
    '',
    'From: Carl <carl@example.com>',
    'Subject: Greetings',
    '',
    'From the sea.',
    '--Apple-Mail=_1--',
  ),
  'a digest of a list': message(
    ...head(
      'Talk Digest, Vol 1, Issue 2',
      'Content-Type: multipart/mixed; boundary="==d=="',
      'Sender: talk-bounces@example.org',
    ),
    '',
    '--==d==',
    'Content-Type: text/plain; charset="us-ascii"',
    '',
    'Topics: 1. knots (Carl)  2. Re: knots (Dora)',
    '--==d==',
    'Content-Type: multipart/digest; boundary="==e=="',
    '',
    ...['knots', 'Re: knots'].flatMap((subject) => [
      '--==e==',
      '',
      'From: Carl <carl@example.com>',
      `Subject: ${subject}`,
      '',
      'Which knot holds?',
    ]),
    '--==e==--',
    '--==d==--',
  ),
  'attachments with long names': message(
    ...head('The papers', 'Content-Type: multipart/mixed; boundary="_000_A"', 'X-Mailer: Example 1.0'),
    '',
    '--_000_A',
    'Content-Type: text/plain; charset=windows-1252',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'As promised =96 both of them.',
    '--_000_A',
    "Content-Type: application/pdf; name*0*=utf-8''%C3%9Cbersicht%20; name*1=2026.pdf",
    "Content-Disposition: attachment; filename*0*=utf-8''%C3%9Cbersicht%20; filename*1=2026.pdf; size=27",
    'Content-Transfer-Encoding: base64',
    '',
    base64('%PDF-1.4 and nothing of it.'),
    '--_000_A',
    'Content-Type: application/octet-stream; name="=?UTF-8?B?UmVjaG51bmcgTnIuwqA0Mi56aXA=?="',
    'Content-Disposition: attachment; filename="=?UTF-8?B?UmVjaG51bmcgTnIuwqA0Mi56aXA=?="',
    'Content-Transfer-Encoding: base64',
    '',
    base64('PK and no archive'),
    '--_000_A--',
  ),
  'a mail to a mailbox in letters of its own': message(
    utf8('From: Пётр <пётр@example.org>'),
    utf8('To: 你好 <用户@example.net>'),
    utf8('Subject: Привет, 世界 👋'),
    'Date: Sat, 21 Nov 2026 10:00:00 +0000',
    'Content-Type: text/plain; charset=utf-8',
    '',
    utf8('Как дела? नमस्ते, שלום, مرحبا'),
  ),
  'what a machine says every night': message(
    'From: root (Cron Daemon)',
    'To: root',
    'Subject: Cron <root@host> test -x /usr/sbin/anacron',
    'X-Cron-Env: <SHELL=/bin/sh>',
    'Date: Sat, 21 Nov 2026 06:25:01 +0100 (CET)',
    '',
    '/etc/cron.daily/logrotate:',
    'error: skipping "/var/log/x.log" because parent directory has insecure permissions',
  ),
};
