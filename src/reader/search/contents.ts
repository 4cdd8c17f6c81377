/** Contents: reading many mails at once, but no more than there is room for. */
import type { ListedMail } from '../cache/listed-mail.js';

/** Octets of a content that are looked at; beyond that, attachments seldom leave any text. */
export const mostContent = 32 * 1024 * 1024;
/** Contents that are read, or wait for the thread, at once. */
const mailsAtOnce = 32;
const octetsAtOnce = 4 * 1024 * 1024;

export interface Contents {
  /** The content of a mail. Throws FormatError if it is damaged, at the end at the latest. */
  content(mail: ListedMail): AsyncIterable<Uint8Array>;
}

/** The beginning of a content, once all of the mail was held against its envelope. */
export async function contentOf(mail: ListedMail, { content }: Contents): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let left = mostContent;
  for await (const piece of content(mail)) {
    // To the very end: there it is known whether it holds.
    if (left <= 0) continue;
    pieces.push(piece.subarray(0, left));
    left -= piece.length;
  }
  // An own room, just as large: a thread is given a copy of the whole room in which an array stands.
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Runs for each mail, for many at once, but for no more than there is room for. */
export async function eachAtOnce(
  mails: AsyncIterable<readonly ListedMail[]>,
  run: (mail: ListedMail) => Promise<void>,
): Promise<void> {
  let running = 0;
  let octets = 0;
  let failed: { readonly error: unknown } | undefined;
  let wake = () => {};
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const begin = async (mail: ListedMail, own: number) => {
    try {
      await run(mail);
    } catch (error) {
      failed ??= { error };
    }
    running--;
    octets -= own;
    wake();
  };
  for await (const some of mails) {
    for (const mail of some) {
      const own = Math.min(mail.size, mostContent);
      while (running > 0 && (running >= mailsAtOnce || octets + own > octetsAtOnce)) await change();
      if (failed) break;
      running++;
      octets += own;
      begin(mail, own).catch(() => undefined);
    }
    if (failed) break;
  }
  while (running > 0) await change();
  if (failed) throw failed.error;
}
