/** The mails of the tour, and their sending with a client that others keep. */
import { randomBytes } from 'node:crypto';
import { createTransport, type SendMailOptions } from 'nodemailer';

export interface DemoMail {
  readonly title: string;
  /** Words that the thief will look for. */
  readonly words: readonly string[];
  readonly message: SendMailOptions;
}

const attachmentOctets = 20 * 2 ** 20;

/** A plain one, one to both, one with an attachment of 20 MB. */
export function demoMails(ann: string, bob: string): DemoMail[] {
  const from = 'Karel <karel@sender.example>';
  return [
    {
      title: `a plain mail to ${ann}`,
      words: ['karel@sender.example', 'Meeting at noon', 'behind the old mill'],
      message: {
        from,
        to: ann,
        subject: 'Meeting at noon',
        text: 'Dear Ann,\n\nlet us meet behind the old mill.\n\nKarel\n',
      },
    },
    {
      title: `one mail to both ${ann} and ${bob}`,
      words: ['Harvest festival', 'plum cake'],
      message: {
        from,
        to: [ann, bob],
        subject: 'Harvest festival – přijďte',
        text: 'Dear both,\n\nbring plum cake and good shoes.\n\nKarel\n',
      },
    },
    {
      title: `a mail to ${bob} with an attachment of 20 MB`,
      words: ['Photographs', 'waterfall.jpg'],
      message: {
        from,
        to: bob,
        subject: 'Photographs',
        text: 'Dear Bob,\n\nhere is the waterfall.\n\nKarel\n',
        attachments: [{ filename: 'waterfall.jpg', content: randomBytes(attachmentOctets) }],
      },
    },
  ];
}

/** Sends one mail; returns the server's reply. */
export async function sendDemoMail(port: number, mail: DemoMail): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
  try {
    const { response } = await transport.sendMail(mail.message);
    return response;
  } finally {
    transport.close();
  }
}
