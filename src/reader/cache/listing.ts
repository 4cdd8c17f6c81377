/** Listing: what stands in a list of an envelope that was opened. */
import { view } from '../../core/bytes.js';
import type { Envelope } from '../../format/envelope.js';
import { headerText } from '../header-text.js';
import type { Mail } from '../mail.js';
import type { ListedMail } from './listed-mail.js';

/** What a list needs of an envelope that was opened. */
export function listedMail(
  found: Pick<ListedMail, 'id' | 'identity' | 'at' | 'number'>,
  key: Uint8Array,
  envelope: Envelope,
): ListedMail {
  const { summary, recipient, reached, keySet } = envelope;
  return {
    id: found.id,
    identity: found.identity,
    at: found.at,
    number: found.number,
    receivedAt: envelope.receivedAt,
    size: envelope.contentLength,
    flags: envelope.flags,
    addressing: { recipient, reached, keySet },
    from: headerText(summary.from),
    subject: headerText(summary.subject),
    date: headerText(summary.date),
    messageId: headerText(summary.messageId),
    key: view(key).toString('base64'),
  };
}

/** A mail that was opened, as it stands in a list; its key is not told. */
export function listedOf(mail: Mail): ListedMail {
  return listedMail(mail, new Uint8Array(0), mail.envelope);
}
