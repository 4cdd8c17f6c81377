/** Small mails to measure readers with: some 4 KiB, words of a vocabulary of which few are frequent, headers as mail has them. */

export interface SmallMail {
  readonly from: string;
  readonly subject: string;
  readonly date: string;
  readonly messageId: string;
  readonly content: Buffer;
}

/** Mail number so and so; the same in every run. One in a thousand has the word "rare17". */
export function smallMail(number: number): SmallMail {
  let state = (number * 2_654_435_761 + 1) >>> 0;
  const chance = () => {
    // xorshift32: quick, and good enough for words.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  const words = Array.from({ length: 600 }, () => `w${Math.floor(20_000 ** chance())}`);
  const lines = Array.from({ length: 60 }, (_, line) => words.slice(10 * line, 10 * line + 10).join(' '));
  const id = `${number.toString(16).padStart(8, '0')}${Math.floor(chance() * 2 ** 32).toString(16)}`;
  const from = `"Correspondent ${number % 97}" <someone${number % 97}@sender.example>`;
  const subject = `${words.slice(0, 5).join(' ')} number ${number}`;
  const date = 'Sat, 21 Nov 2026 02:56:46 +0000';
  const messageId = `<${id}@sender.example>`;
  const head = [
    `Received: from mx${number % 9}.sender.example (192.0.2.${number % 200}) by mail.example.org with ESMTPS id ${id}`,
    `From: ${from}`,
    'To: mine@example.org',
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: ${messageId}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  const body = [...lines, number % 1000 === 17 ? 'rare17' : ''];
  return { from, subject, date, messageId, content: Buffer.from([...head, '', ...body, ''].join('\r\n')) };
}
