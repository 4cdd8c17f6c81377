/** Contents that are hard to take away and bring back: collected, hostile, and with every odd end of a line. */
import { hostileMails } from './hostile-mails.js';
import { realMessages } from './real-messages.js';

const octets = (text: string) => Buffer.from(text, 'latin1');

/** Each is a content as BODY=BINARYMIME may bring it. */
export const oddContents: readonly Buffer[] = [
  octets(''),
  octets('\r\n'),
  octets('\n'),
  octets('\r'),
  octets('no line end'),
  octets('Subject: a\r\n\r\nno final line end'),
  octets('Subject: a\r\n\r\nends with CR\r'),
  octets('Subject: a\r\n\r\nbare \n in it\r\n'),
  octets('Subject: a\r\n\r\nbare \n in it, and no end'),
  octets('Subject: a\n\nonly LF\n'),
  octets('Subject: a\r\n\r\nbare \r in it\r\r\n\r\r\r\nand\r\n\r\n\r\n'),
  octets('Subject: a\r\n\r\nNUL \0 and \xff\xfe\r\n'),
  octets(
    'From me\r\nFrom: a@b.example\r\n\r\nFrom here\r\n>From there\r\n>>>From\r\n>>From nowhere\r\n> From\r\n',
  ),
  octets(
    'Subject: a\r\n\r\nx\r\n\r\nFrom a@b.example Sat Nov 21 08:00:00 2026\r\nSubject: inside\r\n\r\ny\r\n',
  ),
  octets('Subject: a\r\n\r\n>From at the end'),
  octets('Subject: a\r\n\r\n\r\n\r\nFrom '),
  octets('Subject: a\r\n\r\nFro'),
  octets(`Subject: a\r\n\r\n${'>'.repeat(40_000)}From far\r\n${'x'.repeat(16_000)}\r\n${'>'.repeat(16_500)}`),
  octets(
    `Return-Path: <x@y.example>\r\nDelivered-To: z@y.example\r\nReceived: from h ([192.0.2.1])\r\n\tby obalka with ESMTP id aaaaaaaaaaaaa\r\n\tfor <z@y.example>; Sat, 21 Nov 2026 08:00:00 +0000\r\nSubject: a\r\n\r\nforged\r\n`,
  ),
  // Ends of lines and words that fall on every border between blocks.
  ...Array.from({ length: 14 }, (_, at) =>
    octets(`Subject: a\r\n\r\n${'x'.repeat(16_320 - 120 + at * 6)}\r\nFrom \r\n${'y\r\n'.repeat(6000)}`),
  ),
];

/** Messages as programs really send them, with those that others collected where they are at hand. */
export function collectedContents(): Buffer[] {
  return realMessages().map(({ content }) => content);
}

export function allContents(): Buffer[] {
  return [...oddContents, ...Object.values(hostileMails).flat(), ...collectedContents()];
}
