/**
 * nodemailer (npm), with a raw message.
 *
 * It stuffs dots, turns a bare CR or LF into CRLF, and sends everything else as it is; without CRLF at the end it would
 * add it. It pipelines where that is offered. It goes on with the recipients that were accepted, which counts as not
 * accepted here.
 */
import { createTransport } from 'nodemailer';
import { type MailClient, requireCrlfAtEnd } from './mail-client.js';

export const nodemailer: MailClient = {
  name: 'nodemailer',
  missing: () => undefined,
  async deliver({ port, from, to, content, tls }) {
    requireCrlfAtEnd(content);
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      ignoreTLS: tls === undefined,
      requireTLS: tls === 'starttls',
      secure: tls === 'implicit',
      tls: { rejectUnauthorized: false },
      name: 'nodemailer.example',
    });
    try {
      const envelope = { from, to: [...to], use8BitMime: true };
      const { rejected, response } = await transport.sendMail({ envelope, raw: Buffer.from(content) });
      return { accepted: rejected.length === 0, output: response };
    } catch (error) {
      return { accepted: false, output: `${error}` };
    } finally {
      transport.close();
    }
  },
};
